"""What an operation is asked to do: plain data, so that a process of its own can be given it as JSON.

Requests hold no credentials: the process finds them as its starter does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from kops_core.engine.operations.options import DELETE_GROUP, DELETE_INSTANCE, ApiAccess, GroupDeletionOptions
from kops_core.engine.settings import Settings
from kops_core.errors import OperationFailed, UsageError
from kops_core.operations.plain_data import from_data, to_data
from kops_core.operations.rolling.settings import RollingSettings

if TYPE_CHECKING:
    from kops_core.engine.operations.planning import PlannedChange
    from kops_core.engine.workspace.kept_edits import KeptEdits

VERSION = 1
"""Version of the file; another one is not read."""


@dataclass(frozen=True)
class ApplyRequest:
    """Applies a plan of a cluster."""

    cluster: str
    prune: bool = False
    phase: str = ""
    overrides: tuple[str, ...] = ()
    """As ``--lifecycle-overrides``."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    downgrade: bool = False
    ignore_skew: bool = False
    access: ApiAccess = field(default_factory=ApiAccess)
    """How to ask the control plane for its version."""
    expected: str = ""
    """The plan that it has to be, as JSON; "" for whatever is planned."""
    edits: str = ""
    """Unsaved edits, as JSON, to be saved by the operation; "" for none."""
    subject: str = ""
    """What viewers call it, e.g. the beginning of the plan's id."""
    resources: tuple[str, ...] = ()
    """The resources that it is limited to, as ``kind/name``; empty for all."""

    kind = "apply"

    def again(self, *, saved: bool) -> ApplyRequest:
        """The request that goes on after an interruption. saved: whether the edits were saved."""
        return replace(self, expected="", edits="" if saved else self.edits)


@dataclass(frozen=True)
class RollRequest:
    """Replaces the outdated instances of groups."""

    cluster: str
    groups: tuple[str, ...] = ()
    """Names of groups; empty for all."""
    roles: tuple[str, ...] = ()
    """Roles of groups, if none is named; empty for all."""
    settings: RollingSettings | None = None
    """None for the default."""
    access: ApiAccess = field(default_factory=ApiAccess)

    kind = "rolling-update"

    def again(self, *, saved: bool) -> RollRequest:
        """The request that goes on after an interruption."""
        return self

    @property
    def subject(self) -> str:
        """What viewers call it."""
        return ", ".join(self.groups or self.roles)


@dataclass(frozen=True)
class ReconcileRequest:
    """Brings a whole cluster to its spec, stage by stage."""

    cluster: str
    settings: RollingSettings | None = None
    """Of the rolling updates; None for the default."""
    access: ApiAccess = field(default_factory=ApiAccess)
    downgrade: bool = False

    kind = "reconcile"

    def again(self, *, saved: bool) -> ReconcileRequest:
        """The request that goes on after an interruption: completed stages find nothing to do."""
        return self

    @property
    def subject(self) -> str:
        """What viewers call it."""
        return self.cluster


@dataclass(frozen=True)
class DeleteRequest:
    """Deletes a cluster with all that it has in its cloud."""

    cluster: str
    region: str = ""
    external: bool = False
    unregister: bool = False
    expected: str = ""
    """What was shown to be deleted, as JSON; "" for whatever is found."""
    keys_in: tuple[str, ...] = ()
    """Locations outside of the cluster's folder whose keys and secrets may be deleted."""
    deadline: float | None = None
    """Limit in seconds of each step without progress; None for the default."""
    total_timeout: float | None = None
    """Limit in seconds of all together; None for none."""
    interval: float | None = None
    """The longest pause between two attempts in seconds; None for the default."""
    no_progress: int = 0

    kind = "delete"

    def again(self, *, saved: bool) -> DeleteRequest:
        """The request that goes on after an interruption: what was shown is gone in part."""
        return self

    @property
    def subject(self) -> str:
        """What viewers call it."""
        return self.cluster


@dataclass(frozen=True)
class DeleteGroupRequest:
    """Deletes an instance group with its machines."""

    cluster: str
    group: str
    options: GroupDeletionOptions = field(default_factory=GroupDeletionOptions)

    kind = DELETE_GROUP

    def again(self, *, saved: bool) -> DeleteGroupRequest:
        """The request that goes on after an interruption."""
        return self

    @property
    def subject(self) -> str:
        """What viewers call it."""
        return self.group


@dataclass(frozen=True)
class DeleteInstanceRequest:
    """Deletes one instance."""

    cluster: str
    instance: str
    """Its id, or the name of its node."""
    surge: bool = True
    settings: RollingSettings = field(default_factory=RollingSettings)
    access: ApiAccess = field(default_factory=ApiAccess)

    kind = DELETE_INSTANCE

    def again(self, *, saved: bool) -> DeleteInstanceRequest:
        """The request that goes on after an interruption."""
        return self

    @property
    def subject(self) -> str:
        """What viewers call it."""
        return self.instance


OperationRequest: TypeAlias = (
    ApplyRequest | RollRequest | ReconcileRequest | DeleteRequest | DeleteGroupRequest | DeleteInstanceRequest
)

_TYPES: dict[str, type[OperationRequest]] = {
    each.kind: each
    for each in (
        ApplyRequest,
        RollRequest,
        ReconcileRequest,
        DeleteRequest,
        DeleteGroupRequest,
        DeleteInstanceRequest,
    )
}


def apply_request(cluster: str, planned: PlannedChange, edits: KeptEdits | None) -> ApplyRequest:
    """The request to apply exactly a plan. edits: the unsaved ones that it includes.

    Raises UsageError for a plan of no instance group, or of no change.
    """
    from kops_core.engine.workspace import kept_edits
    from kops_core.plan import saved

    request, part = planned.request, planned.request.part
    if part.groups is not None and not part.groups:
        raise UsageError("no instance group was chosen", where=cluster)
    if planned.plan.left_out and not request.resources:
        raise UsageError("no change was chosen", where=cluster)
    return ApplyRequest(
        cluster,
        prune=request.prune,
        phase=part.phase.value if part.phase is not None else "",
        overrides=tuple(f"{kind}={lifecycle.value}" for kind, lifecycle in part.overrides.items()),
        groups=tuple(sorted(part.groups or ())),
        downgrade=request.downgrade,
        ignore_skew=request.ignore_skew,
        access=request.access,
        expected=saved.dumps(planned.plan),
        edits=kept_edits.dumps(edits) if edits is not None else "",
        subject=planned.plan.id[:8],
        resources=tuple(map(str, request.resources)),
    )


@dataclass(frozen=True)
class Order:
    """A request with who makes it, when, and under which settings."""

    id: str
    at: datetime
    request: OperationRequest
    settings: Settings
    interactive: bool = False
    """Whether somebody can be asked, e.g. for the code of a multi-factor device."""

    @property
    def by(self) -> str:
        """user@host"""
        return self.settings.operator


def dumps(order: Order) -> str:
    """An order as JSON, without the environment, which may hold credentials."""
    return json.dumps(
        {
            "version": VERSION,
            "id": order.id,
            "at": order.at.isoformat(),
            "interactive": order.interactive,
            "kind": order.request.kind,
            "request": to_data(order.request),
            "settings": to_data(replace(order.settings, environment={}, sources={}, warnings=())),
        },
        indent=1,
    )


def loads(text: bytes | str, *, where: str) -> Order:
    """The order in a JSON text; its settings have no environment. Raises OperationFailed."""
    try:
        data: Any = json.loads(text)
        if data["version"] != VERSION:
            raise ValueError(f"it has version {data['version']}")
        return Order(
            id=str(data["id"]),
            at=datetime.fromisoformat(data["at"]),
            request=from_data(data["request"], _TYPES[data["kind"]]),
            settings=from_data(data["settings"], Settings),
            interactive=bool(data["interactive"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise OperationFailed(
            f"the request of an operation can't be read: {error}",
            where=where,
            remedy="it was written by another version: start the operation again",
        ) from error
