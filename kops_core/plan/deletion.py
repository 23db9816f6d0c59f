"""The plan that deletes a cluster: deletes owned resources, retains shared ones; foreign ones may block it.

The order follows from references: a resource is deleted once everything that refers to it is gone, then the
cluster's state in the stores, then the entries of the local kubeconfig.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kops_core.model.kind_spec import Area, Risk
from kops_core.model.template import Key
from kops_core.plan.changes import STATE, Action, Change, FieldChange, Plan, Reason
from kops_core.plan.order import in_order, without_circles
from kops_core.plan.saved import change_to_json
from kops_core.plan.snapshot import DiscoveredResource, Ownership, Snapshot

KUBECONFIG = Key("Kubeconfig", "entries")
"""The cluster's entries in the local kubeconfig."""


@dataclass(frozen=True)
class StateLocation:
    """Objects of a cluster's state at one location of a store."""

    url: str
    keys: tuple[str, ...]
    """The objects that would be deleted, each by its key in the store."""
    holds_keys: bool = False
    """Private keys or secrets outside of the cluster's own folder: to be deleted only if it is named."""
    kept: tuple[str, ...] = ()
    """Objects that the spec refers to and that are retained; ``note`` has the reason."""
    note: str = ""

    @property
    def key(self) -> Key:
        """Its identity in plans, steps and journals."""
        return Key(STATE, self.url)


def plan_deletion(
    cluster: str,
    snapshot: Snapshot,
    *,
    state: Sequence[StateLocation] = (),
    kubeconfig: bool = False,
) -> Plan:
    """The plan to delete a cluster.

    state: its locations, in the order of their deletion. kubeconfig: whether the local entries are deleted.
    """
    found = sorted(snapshot.discovered, key=lambda each: (each.kind, each.name, each.id))
    # Blockers come first.
    changes = [*_others(found, Ownership.FOREIGN), *_deletions(found), *_others(found, Ownership.SHARED)]
    changes += _state_changes(_merged(state), changes)
    if kubeconfig:
        needs = tuple(change.key for change in changes if change.action is Action.DELETE)
        changes.append(Change(KUBECONFIG, Action.DELETE, Reason.CLUSTER_DELETED, needs=needs))
    return Plan(cluster, _digest(changes), snapshot.taken_at, tuple(changes), errors=snapshot.errors)


def _deletions(found: Iterable[DiscoveredResource]) -> Iterator[Change]:
    owned = {each.key: each for each in found if each.ownership is Ownership.OWNED}
    needs = without_circles(_needs(owned.values()))
    for key in in_order(needs):
        yield _change(owned[key], Action.DELETE, Reason.CLUSTER_DELETED, needs[key])


def _others(found: Iterable[DiscoveredResource], ownership: Ownership) -> Iterator[Change]:
    shared = ownership is Ownership.SHARED
    action, reason = (Action.RETAIN, Reason.SHARED) if shared else (Action.BLOCKED, Reason.FOREIGN)
    return (_change(each, action, reason) for each in found if each.ownership is ownership)


def _change(found: DiscoveredResource, action: Action, reason: Reason, needs: tuple[Key, ...] = ()) -> Change:
    risk = found.risk if action is Action.DELETE else Risk.NONE
    return Change(
        found.key,
        action,
        reason,
        needs=needs,
        risk=risk,
        area=found.area,
        label=found.name,
        note=found.note,
    )


def _needs(found: Iterable[DiscoveredResource]) -> dict[Key, list[Key]]:
    """The dependencies of deletions: a resource after all that refer to it."""
    found = list(found)
    by_id: dict[str, list[Key]] = {}
    for each in found:
        by_id.setdefault(each.id, []).append(each.key)
    needs: dict[Key, list[Key]] = {each.key: [] for each in found}
    for each in found:
        for id_ in sorted(each.uses):
            for other in by_id.get(id_, ()):
                needs[other].append(each.key)
        for id_ in sorted(each.used_by):
            needs[each.key] += by_id.get(id_, ())
    return {key: [each for each in needed if each != key] for key, needed in needs.items()}


def _merged(state: Iterable[StateLocation]) -> list[StateLocation]:
    """The locations, each once: keys and secrets of a spec may be at the same one."""
    found: dict[str, StateLocation] = {}
    for each in state:
        known = found.get(each.url)
        if known is not None:
            keys = tuple(dict.fromkeys((*known.keys, *each.keys)))
            each = replace(known, keys=keys, holds_keys=known.holds_keys or each.holds_keys)  # noqa: PLW2901
        found[each.url] = each
    return list(found.values())


def _state_changes(state: Sequence[StateLocation], before: Sequence[Change]) -> Iterator[Change]:
    """A change for each location, in order, so that the cluster exists in the store until the end."""
    needs = tuple(change.key for change in before if change.action is Action.DELETE)
    for each in state:
        action = Action.DELETE if each.keys else Action.RETAIN
        yield Change(
            each.key,
            action,
            Reason.CLUSTER_DELETED if each.keys else Reason.SHARED,
            (FieldChange("objects", "\n".join(each.keys or each.kept), None),),
            needs if action is Action.DELETE else (),
            area=Area.STATE_STORE,
            note="outside of the cluster's own folder" if each.holds_keys else each.note,
            confirm=each.url if each.holds_keys and each.keys else "",
        )
        if action is Action.DELETE:
            needs = (*needs, each.key)


def _digest(changes: Iterable[Change]) -> str:
    whole = [change_to_json(change) for change in changes]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]
