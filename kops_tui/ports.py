"""What the screens ask of the engine, as protocols: anything of this shape can stand behind them.

Methods marked I/O block, for seconds or for an hour, and are only called from worker
threads. All others answer within a keystroke and are called from the screens' thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from kops_core.api.path import Parts
from kops_core.api.values import Maybe
from kops_core.engine.fleet import ClusterStatus, ClusterSummary
from kops_core.engine.settings import Settings
from kops_core.engine.spec_rows import SpecRow
from kops_core.errors import FieldError
from kops_core.infer.inference import Origin
from kops_core.operations.events import Event, Finished
from kops_core.plan.changes import Plan

CLUSTER = "cluster"
"""Name of the Cluster document among a workspace's objects."""


class Identity(Protocol):
    """Whose hands these are."""

    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def arn(self) -> str: ...


class Explanation(Protocol):
    """All there is to say about one field."""

    @property
    def value(self) -> Maybe: ...
    @property
    def origin(self) -> Origin: ...
    @property
    def would_be(self) -> Maybe:
        """What would be inferred if the user's value were removed."""
        ...

    @property
    def description(self) -> str: ...
    @property
    def type(self) -> str:
        """e.g. ``string`` or ``list of string``; "" if unknown."""
        ...

    @property
    def allowed(self) -> tuple[str, ...]:
        """The values it may have; empty if there is no such list."""
        ...


class Prepared(Protocol):
    """A plan with what applying it takes."""

    @property
    def plan(self) -> Plan: ...


class InstanceStatus(Protocol):
    """An instance of a group, as the cloud has it."""

    @property
    def id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def state(self) -> str:
        """In the cloud's words, e.g. ``InService``."""
        ...

    @property
    def reason(self) -> str:
        """Why it has to be replaced; "" if it does not."""
        ...


class GroupStatus(Protocol):
    """An instance group, as the cloud has it."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def machine_type(self) -> str: ...
    @property
    def minimum(self) -> int: ...
    @property
    def maximum(self) -> int: ...
    @property
    def wanted(self) -> int: ...
    @property
    def instances(self) -> Sequence[InstanceStatus]: ...


class PastOperation(Protocol):
    """A line of the journal."""

    @property
    def at(self) -> datetime: ...
    @property
    def by(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def result(self) -> str: ...


class Control(Protocol):
    """The hand on a running operation. Safe to call from any thread."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None:
        """Stop before the next step; the one under way is finished."""
        ...


class Workspace(Protocol):
    """One cluster being worked on: its documents, edits and what follows from them."""

    @property
    def name(self) -> str: ...
    @property
    def store(self) -> str: ...
    @property
    def edits(self) -> int:
        """How many edits are not saved."""
        ...

    def objects(self) -> tuple[str, ...]:
        """``cluster``, then the instance groups."""
        ...

    def rows(self, name: str, /) -> list[SpecRow]: ...
    def explain(self, path: Parts, /) -> Explanation: ...
    def set(self, path: Parts, text: str, /) -> None:
        """Set a field from text. Raises InvalidSpec if the text does not fit its type."""
        ...

    def unset(self, path: Parts, /) -> None: ...
    def pin(self, path: Parts, /) -> None:
        """Write the inferred value as the user's own."""
        ...

    def undo(self) -> object: ...
    def redo(self) -> object: ...
    def errors(self) -> tuple[FieldError, ...]: ...
    def moved(self) -> int:
        """How many inferred values the unsaved edits move."""
        ...

    def document(self, name: str, /) -> str:
        """An object as YAML, as the user wrote it."""
        ...

    def replace_document(self, name: str, text: str, /) -> None:
        """Take an edited document. Raises InvalidSpec, then nothing is changed."""
        ...

    def save(self) -> object:
        """I/O. Write the edits to the store."""
        ...

    def plan(self) -> Prepared:
        """I/O. What would change in cloud and store."""
        ...

    def apply(
        self, prepared: Prepared, on_event: Callable[[Event], None], stop: threading.Event, /
    ) -> Finished:
        """I/O. Carry a plan out; ``stop`` ends it after the step under way."""
        ...

    def groups(self) -> Sequence[GroupStatus]:
        """I/O. The instance groups with their instances."""
        ...

    def roll(self, groups: Sequence[str], on_event: Callable[[Event], None], control: Control, /) -> Finished:
        """I/O. Replace the instances of these groups that need it."""
        ...


class Engine(Protocol):
    """The door to everything."""

    @property
    def settings(self) -> Settings: ...
    def clusters(self) -> Iterator[ClusterSummary]:
        """I/O. Clusters of all stores as they answer; a dead store is a summary with an error."""
        ...

    def status(self, name: str, /) -> ClusterStatus:
        """I/O."""
        ...

    def identity(self) -> Identity:
        """I/O."""
        ...

    def open(self, name: str, /) -> Workspace:
        """I/O."""
        ...

    def history(self, name: str, /) -> Sequence[PastOperation]:
        """I/O. Operations on a cluster, the last first."""
        ...
