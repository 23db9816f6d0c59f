"""Limits a plan to some resources, with all that has to change together with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from kops_core.errors import UsageError
from kops_core.model.kind_spec import Area
from kops_core.model.resource import Resource
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Change, Plan, Reason

_NODE_FILES = (Area.STATE_STORE, Area.KEYS)
"""Areas of what nodes read from the state store when they boot."""


def read_key(text: str) -> Key:
    """The key of a resource written as ``kind/name``. Raises UsageError."""
    kind, slash, name = text.partition("/")
    if not (kind and slash and name):
        raise UsageError(f"{text!r} names no resource", remedy="write kind/name, as a plan shows it")
    return Key(kind, name)


def limited(
    plan: Plan, keys: Collection[Key], desired: Mapping[Key, Resource], records: Collection[Key]
) -> Plan:
    """The plan with the changes of some resources, and of those that they need; the others are left out.

    Its id is another one than the plan's, unless nothing is left out. Resources without a change are
    ignored: an operation that goes on after an interruption finds some done. desired: the plan's.
    records: the resources that say what was applied; they are written with the last of the other changes.
    """
    kept = _closed(plan, keys, {key: each for key, each in desired.items() if key not in records})
    if all(change.key in kept or change.key in records for change in plan.pending):
        return plan
    kept.difference_update(records)
    named = json.dumps([plan.id, sorted(map(str, kept))])
    return replace(
        plan,
        id=hashlib.sha256(named.encode()).hexdigest()[:16],
        changes=tuple(
            _left_out(change) if change.action.acts and change.key not in kept else change
            for change in plan.changes
        ),
        causes=tuple(
            replace(group, changes=tuple(key for key in group.changes if key in kept))
            for group in plan.causes
        ),
    )


def _left_out(change: Change) -> Change:
    return Change(change.key, Action.NO_OP, Reason.LEFT_OUT, area=change.area, label=change.label)


def _closed(plan: Plan, keys: Collection[Key], desired: Mapping[Key, Resource]) -> set[Key]:
    """The resources to change, with those that have to change before or together with them."""
    pending = {change.key: change for change in plan.pending}
    kept: set[Key] = set()
    ahead = [key for key in keys if key in pending]
    while ahead:
        key = ahead.pop()
        if key not in kept:
            kept.add(key)
            ahead += [each for each in _together(pending[key], pending, desired) if each in pending]
    return kept


def _together(
    change: Change, pending: Mapping[Key, Change], desired: Mapping[Key, Resource]
) -> Iterator[Key]:
    yield from change.needs
    if change.action is Action.REPLACE:  # nothing may go on using the old one
        yield from (each.key for each in pending.values() if change.key in each.needs)
    mine = desired.get(change.key)
    for other in pending.values() if mine is not None else ():
        theirs = desired.get(other.key)
        if mine is not None and theirs is not None and _belong_together(mine, theirs, other.action):
            yield other.key


def _belong_together(one: Resource, other: Resource, action: Action) -> bool:
    """Whether a resource has to change with another one that no field refers to.

    The list of add-ons has the hashes of their manifests, and user data has that of the group's files: a
    node whose files do not have it does not boot, nor does one that misses a file. action: on the other.
    """
    if one.spec.applied_by_control_plane or other.spec.applied_by_control_plane:
        return one.spec.applied_by_control_plane and other.spec.applied_by_control_plane
    same_group = bool(one.instance_group) and one.instance_group == other.instance_group
    if (one.spec.rolls_nodes or one.spec.starts_machines) and _is_node_file(other):
        return same_group or (not other.instance_group and action is Action.CREATE)
    return same_group and _is_node_file(one) and other.spec.rolls_nodes


def _is_node_file(resource: Resource) -> bool:
    return resource.spec.needed_at_boot and resource.spec.area in _NODE_FILES
