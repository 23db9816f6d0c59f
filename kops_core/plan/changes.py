"""Plans as data: changes of resources, with reasons, and risks for the running cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kops_core.api.path import FieldPath
from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key

STATE = "State"
"""Kind of changes that delete a location of state in a store."""


class Action(Enum):
    """The action of a change."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    RETAIN = "retain"
    """Not deleted with the cluster, e.g. because it is shared."""
    BLOCKED = "blocked"
    """A foreign resource that blocks a deletion: the plan can't be applied until it is gone."""
    NO_OP = "no-op"

    @property
    def glyph(self) -> str:
        """The symbol beside the word: ``+ ~ -/+ - = !`` and a blank."""
        return _GLYPHS[self.value]

    @property
    def acts(self) -> bool:
        """Whether it changes anything."""
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
    """The reason of an action, for display; beside ``LEFT_OUT``, nothing depends on it."""

    MISSING = "it does not exist"
    DIFFERS = "fields differ"
    NOT_READY = "it is being made and can't be used yet"
    CANNOT_UPDATE = "a field that can't be changed in place differs"
    NOT_DESIRED = "the spec no longer asks for it"
    ADDED = "somebody added it, and it is left alone"
    SHARED_MISSING = "it is shared and does not exist"
    SAME = "it is as desired"
    IGNORED = "its lifecycle says to leave it alone"
    LEFT_OUT = "it is left out: the plan is limited to other resources"
    CLUSTER_DELETED = "the cluster is deleted"
    SHARED = "it is shared"
    FOREIGN = "it belongs to somebody else and is in the way"


class Unknown(Enum):
    """A value that is only known after another resource was created."""

    AFTER_APPLY = "known after apply"

    def __str__(self) -> str:
        return f"({self.value})"


@dataclass(frozen=True)
class FieldChange:
    """A field before and after, as texts for display; secrets are redacted."""

    name: str
    before: str | None
    after: str | Unknown | None
    form: str = ""
    """The format of the difference: "", "json", "yaml", "script"."""
    forces_replace: bool = False


@dataclass(frozen=True)
class Change:
    """The change of one resource."""

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
    """The fields of the spec behind it: edited ones; if there are none, all that the operator set."""
    area: Area = Area.OTHER
    """The heading that it is shown under."""
    label: str = ""
    """Its name, if the key has its id."""
    note: str = ""
    """Why it is retained, what to do about it, or what is lost with it."""
    confirm: str = ""
    """What the operator has to name to confirm it."""


class CauseKind(Enum):
    """Where the cause of changes lies, in the order shown."""

    UNSAVED = "edited, not saved"
    SAVED = "saved, not applied yet"
    FIRST_APPLY = "the cluster was never applied"
    DRIFT = "changed in the account since the last apply"
    VERSION = "another version of this program applied it last"
    OTHER = "other causes"

    @property
    def of_operator(self) -> bool:
        """Whether it is a change of the spec by the operator."""
        return self in (CauseKind.UNSAVED, CauseKind.SAVED)


@dataclass(frozen=True)
class CauseGroup:
    """The changes of a plan that have one cause, e.g. an edited field of the spec."""

    kind: CauseKind
    path: FieldPath = ()
    """The field of the spec; () if the cause is none."""
    before: str | None = None
    """The value, or the program's version, before; None if there was none."""
    after: str | None = None
    changes: tuple[Key, ...] = ()
    """The changes to make, in the order of the plan."""
    deferred: tuple[Key, ...] = ()
    """The deletions that wait for pruning."""


@dataclass(frozen=True)
class Plan:
    """All changes of one cluster, each after its dependencies."""

    cluster: str
    id: str
    """Digest of specs, store versions, observed resources and our version: equal inputs have an equal id."""
    made_at: datetime
    changes: tuple[Change, ...]
    """Including no-ops, so that a plan contains every resource."""
    errors: tuple[str, ...] = ()
    """Why it can't be applied, e.g. what could not be observed."""
    warnings: tuple[str, ...] = ()
    deferred: tuple[Change, ...] = ()
    """Deletions that are only done when pruning."""
    prune: bool = False
    """Whether it prunes."""
    causes: tuple[CauseGroup, ...] = field(default=(), compare=False)
    """The changes by cause, each in one group; empty if it was not looked for. For display alone."""

    @property
    def left_out(self) -> tuple[Key, ...]:
        """The resources whose changes are not made because the plan is limited to others."""
        return tuple(change.key for change in self.changes if change.reason is Reason.LEFT_OUT)

    @property
    def empty(self) -> bool:
        """Whether there is no change to make."""
        return not self.pending

    @property
    def pending(self) -> tuple[Change, ...]:
        """The changes to make."""
        return tuple(change for change in self.changes if change.action.acts)

    def count(self, action: Action) -> int:
        """The number of resources with an action."""
        return sum(change.action is action for change in self.changes)
