"""What each cluster of a fleet needs of its operator, the most urgent first: plain data for lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.engine.background.operations import OperationState, OperationSummary
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, Pending
from kops_core.engine.operations.cluster_lock import LockStatus
from kops_core.validate.versions import OLDEST_KUBERNETES


class NeedKind(IntEnum):
    """A kind of need; the greater, the more urgent."""

    PRUNING = 1
    """Deletions wait for pruning."""
    OLD_VERSION = 2
    """Its Kubernetes version is the oldest one that kOps runs, or older."""
    NEVER_APPLIED = 3
    ROLL = 4
    """Nodes are out of date."""
    CHANGES = 5
    """The spec has changes that are not applied."""
    UNSAVED = 6
    """The operator has edits that are not saved."""
    LOCKED = 7
    """Somebody holds its lock."""
    RUNNING = 8
    """An operation runs."""
    NOT_READY = 9
    """Fewer instances serve than are wanted."""
    UNKNOWN = 10
    """Its cloud could not be read."""
    UNREADABLE = 11
    """Its spec can't be read."""
    INTERRUPTED = 12
    """An operation ended in the middle."""


@dataclass(frozen=True)
class Need:
    """Something that a cluster needs."""

    kind: NeedKind
    text: str
    """In a few words, e.g. ``2 unsaved edits``."""


def needs_of(
    summary: ClusterSummary,
    status: ClusterStatus | None,
    *,
    unsaved: int = 0,
    operation: OperationSummary | None = None,
    lock: LockStatus | None = None,
) -> tuple[Need, ...]:
    """What a cluster needs, the most urgent first.

    unsaved: edits that the operator has not saved. operation: the newest one on it from this machine.
    """
    found = [
        *_of_summary(summary),
        *(_of_status(status) if status is not None and not summary.error else ()),
        *(_of_operation(operation) if operation is not None else ()),
    ]
    if unsaved:
        found.append(Need(NeedKind.UNSAVED, f"{unsaved} unsaved {'edit' if unsaved == 1 else 'edits'}"))
    running = any(each.kind is NeedKind.RUNNING for each in found)
    if lock is not None and not lock.abandoned and not running:
        found.append(Need(NeedKind.LOCKED, f"locked by {lock.holder.by} ({lock.holder.operation})"))
    return tuple(sorted(found, key=lambda need: need.kind, reverse=True))


def _of_summary(summary: ClusterSummary) -> list[Need]:
    if summary.error:
        line = f" line {summary.error_line}" if summary.error_line else ""
        return [Need(NeedKind.UNREADABLE, f"invalid spec{line}")]
    version = semver.parse_kubernetes(summary.kubernetes_version)
    if version is None:
        return []
    release = Version(version.major, version.minor)
    oldest = Version(OLDEST_KUBERNETES.major, OLDEST_KUBERNETES.minor)
    if release > oldest:
        return []
    told = "the oldest that runs" if release == oldest else "too old to run"
    return [Need(NeedKind.OLD_VERSION, f"{release.major}.{release.minor} is {told}")]


def _of_status(status: ClusterStatus) -> list[Need]:
    if status.error:
        return [Need(NeedKind.UNKNOWN, "cloud can't be read")]
    found = []
    if status.pending is Pending.NEVER_APPLIED:
        found.append(Need(NeedKind.NEVER_APPLIED, "never applied"))
    else:
        if status.control_plane[0] < status.control_plane[1]:
            found.append(Need(NeedKind.NOT_READY, "control plane not ready"))
        elif status.nodes[0] < status.nodes[1]:
            found.append(Need(NeedKind.NOT_READY, "nodes not ready"))
        if status.pending is Pending.CHANGES:
            changes = f"{status.changes} changes" if status.changes != 1 else "1 change"
            found.append(Need(NeedKind.CHANGES, f"{changes if status.planned else 'changes'} to apply"))
        if status.groups_to_roll:
            groups = len(status.groups_to_roll)
            found.append(Need(NeedKind.ROLL, f"{groups} {'group' if groups == 1 else 'groups'} to roll"))
    if status.held_back:
        found.append(Need(NeedKind.PRUNING, f"{status.held_back} to prune"))
    return found


def _of_operation(operation: OperationSummary) -> list[Need]:
    progress = operation.progress
    counted = f" {progress.done}/{progress.total}" if progress.total else ""
    kind = operation.handle.kind
    if operation.state is OperationState.RUNNING:
        paused = " PAUSED" if progress.paused_for else ""
        return [Need(NeedKind.RUNNING, f"{kind} running{counted}{paused}")]
    if operation.state is OperationState.INTERRUPTED:
        return [Need(NeedKind.INTERRUPTED, f"{kind} interrupted{counted}")]
    return []
