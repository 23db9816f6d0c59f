"""An account as plain data: what a plan does to it, change by change, and the states that it can get into."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from kops_core.model.build import DesiredState
from kops_core.model.resolve import resolve
from kops_core.model.resource import AttributeInfo, Resource
from kops_core.model.template import Key, Ref, refs_in
from kops_core.plan.changes import Action, Change, Plan
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Observed, Snapshot
from tests.plan.fixtures import NOW

_ASSIGNED = "cidr_block", "ipv6_cidr_block"
"""Outputs that others compute with."""


@dataclass
class World:
    """An account that holds resources by key, and others that are not desired."""

    desired: DesiredState
    there: dict[Key, Observed] = field(default_factory=dict)
    foreign: dict[Key, Observed] = field(default_factory=dict)
    _ids: Iterable[int] = field(default_factory=itertools.count)

    def snapshot(self) -> Snapshot:
        """What is observed of it."""
        return Snapshot(NOW, dict(self.there), tuple(self.foreign.values()))

    def plan(self, *, prune: bool = False) -> Plan:
        """The plan that is made for it now."""
        return make_plan(
            self.desired,
            self.snapshot(),
            cluster=self.desired.cluster,
            inputs_digest="x",
            now=NOW,
            prune=prune,
        )

    def lookup(self, ref: Ref) -> str | None:
        """The value of a reference."""
        return self.snapshot().lookup(ref)

    def make(self, change: Change) -> None:
        """Does what one change of a plan says, and nothing else: only the fields that it names."""
        key = change.key
        if change.action is Action.DELETE:
            del self.foreign[key]
            return
        wanted = resolve(self.desired.by_key()[key], self.lookup)
        if change.action is Action.UPDATE:
            before = self.there[key]
            fields = {each.name: _merged(before.resource, wanted, each.name) for each in change.fields}
            self.there[key] = replace(before, resource=replace(before.resource, **fields), unready="")
        else:
            assert (change.action is Action.CREATE) == (key not in self.there)
            self.there[key] = self.observed(wanted)

    def observed(self, resource: Resource) -> Observed:
        """A resource as it is observed once it was made, with an id of its own."""
        id_ = f"id-{next(iter(self._ids))}"
        names = ("arn", "certificates", "public_keys", "jwks", "dns_name", "addresses", "hosted_zone_id")
        outputs = {name: f"{name}-of-{id_}" for name in (*names, "latest_version")}
        return Observed(resource, id_, outputs | dict.fromkeys(_ASSIGNED, "2001:db8:1234:5600::/56"))

    def make_all(self, plan: Plan) -> None:
        """Makes all changes of a plan, in its order."""
        for change in plan.pending:
            self.make(change)


def _merged(before: Resource, wanted: Resource, name: str) -> Any:
    """The new value of a field; of a mapping that is managed in part, the other entries stay."""
    info = next(info for each, info, _ in wanted.attributes() if each == name)
    value, old = getattr(wanted, name), getattr(before, name)
    if info.partial_map and isinstance(value, Mapping):
        return {**(old or {}), **value}
    return value


def disturbed(value: Any, info: AttributeInfo) -> Any:
    """Another value of the same type; None if none is known."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return '{"Statement": []}' if info.form == "json" else f"{value}x"
    if isinstance(value, Mapping):
        return {key: f"{item}x" for key, item in value.items()} or None
    if isinstance(value, tuple) and value:
        return value[1:]
    return None


def _with_dependents(desired: DesiredState, gone: Iterable[Key]) -> set[Key]:
    """Resources with all that can't exist without them: those that can't refer to another one instead."""
    missing = set(gone)
    while (
        more := {
            resource.key
            for resource in desired.resources
            if not resource.shared
            and any(
                ref.key in missing
                for _, info, value in resource.attributes()
                if info.immutable
                for ref in refs_in(value)
            )
        }
        - missing
    ):
        missing |= more
    return missing


@dataclass(frozen=True)
class Disturbance:
    """What happened to an account since it was as desired."""

    missing: frozenset[Key]
    fields: tuple[tuple[Key, tuple[str, ...]], ...]
    """Fields that somebody has set to other values."""

    @property
    def changed(self) -> dict[Key, set[str]]:
        """The fields that have other values, by resource."""
        return {key: set(names) for key, names in self.fields}

    def world(self, desired: DesiredState) -> World:
        """The account after it."""
        world = whole(desired)
        for key in self.missing:
            del world.there[key]
        for key, names in self.fields:
            there = world.there[key]
            values = {
                name: disturbed(value, info)
                for name, info, value in there.resource.attributes()
                if name in names
            }
            world.there[key] = replace(there, resource=replace(there.resource, **values))
        return world


@cache
def _whole(state: _ById) -> World:
    desired = state.desired
    world = World(desired)
    for resource in desired.resources:
        if resource.shared:
            world.there[resource.key] = world.observed(resource)
    world.make_all(world.plan())
    return world


def whole(desired: DesiredState) -> World:
    """The account after an apply that found nothing there."""
    world = _whole(_ById(desired))
    return replace(world, there=dict(world.there), foreign={})


class _ById:
    """A desired state as the key of a cache: resources have mappings in them."""

    def __init__(self, desired: DesiredState) -> None:
        self.desired = desired

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and self.desired is other.desired

    def __hash__(self) -> int:
        return id(self.desired)


@st.composite
def disturbances(draw: st.DrawFn, desired: DesiredState) -> Disturbance:
    """Resources that are missing, and fields that were changed, of any cluster."""
    there = whole(desired).there
    by_key = desired.by_key()
    own = [key for key in there if not by_key[key].shared]
    missing = _with_dependents(desired, draw(st.lists(st.sampled_from(own), max_size=6)))
    found = []
    rest = [key for key in own if key not in missing]
    for key in draw(st.lists(st.sampled_from(rest), max_size=6, unique=True)):
        names = [
            name
            for name, info, value in there[key].resource.attributes()
            if not (info.immutable or info.create_only) and disturbed(value, info) is not None
        ]
        if names:
            some = draw(st.sets(st.sampled_from(names), min_size=1, max_size=2))
            found.append((key, tuple(sorted(some))))
    return Disturbance(frozenset(missing), tuple(found))
