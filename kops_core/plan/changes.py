"""Plans as data: what would change, why, and what it means for what is running."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kops_core.api.path import FieldPath
from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key

STATE = "State"
"""Kind of changes that empty a place of a state store."""


class Action(Enum):
    """What would be done with a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    RETAIN = "retain"
    """Deleting a cluster leaves it alone."""
    BLOCKED = "blocked"
    """It is somebody else's and in the way: the plan can't be applied until it is gone."""
    NO_OP = "no-op"

    @property
    def glyph(self) -> str:
        """As shown beside the word: ``+ ~ -/+ - = !`` and a blank."""
        return _GLYPHS[self.value]

    @property
    def acts(self) -> bool:
        """Whether it does something."""
        return self in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


_GLYPHS = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "retain": "=",
    "blocked": "!",
    "no-op": " ",
}


class Reason(Enum):
    """Why an action was chosen. Shown to people; nothing is decided by it."""

    MISSING = "it does not exist"
    DIFFERS = "fields differ"
    NOT_READY = "it is being made and can't be used yet"
    CANNOT_UPDATE = "a field that can't be changed in place differs"
    NOT_DESIRED = "the spec no longer asks for it"
    ADDED = "somebody added it, and it is left alone"
    SHARED_MISSING = "it is shared and does not exist"
    SAME = "it is as desired"
    IGNORED = "its lifecycle says to leave it alone"
    CLUSTER_DELETED = "the cluster is deleted"
    SHARED = "it is shared"
    FOREIGN = "it belongs to somebody else and is in the way"


class Unknown(Enum):
    """A value that is only known once something else was made."""

    AFTER_APPLY = "known after apply"

    def __str__(self) -> str:
        return f"({self.value})"


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, as texts fit to show; secrets are already masked."""

    name: str
    before: str | None
    after: str | Unknown | None
    form: str = ""
    """How to show the difference: "", "json", "yaml", "script"."""
    forces_replace: bool = False


@dataclass(frozen=True)
class Change:
    """What would happen to one resource."""

    key: Key
    action: Action
    reason: Reason
    fields: tuple[FieldChange, ...] = ()
    needs: tuple[Key, ...] = ()
    """Changes that have to be done first."""
    risk: Risk = Risk.NONE
    rolls: tuple[str, ...] = ()
    """Instance groups whose nodes have to be replaced for it to take effect."""
    spec_paths: tuple[FieldPath, ...] = ()
    """Fields of the spec that led here: the edited ones; if none was, all that the operator set."""
    area: Area = Area.OTHER
    """The heading that it is shown under."""
    label: str = ""
    """Its name, where the key has its id."""
    note: str = ""
    """Why it stays, what to do about it, or what is lost with it."""
    confirm: str = ""
    """What the operator has to name for it to be done."""


@dataclass(frozen=True)
class Plan:
    """Every change for one cluster, each after what it needs."""

    cluster: str
    id: str
    """Digest of specs, store versions, what was observed and our version: equal inputs, equal id."""
    made_at: datetime
    changes: tuple[Change, ...]
    """KEEP included, so that a plan accounts for every resource."""
    errors: tuple[str, ...] = ()
    """Why it can't be applied, e.g. what could not be observed."""
    warnings: tuple[str, ...] = ()
    deferred: tuple[Change, ...] = ()
    """Deletions that are not done unless the plan is made for pruning."""
    prune: bool = False
    """Whether it is made for pruning."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.pending

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(change for change in self.changes if change.action.acts)

    def count(self, action: Action) -> int:
        """How many resources an action would be done to."""
        return sum(change.action is action for change in self.changes)
