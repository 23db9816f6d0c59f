"""Snapshots built from desired states, as if all or some resources had been applied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache

from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.resolve import resolve
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref
from kops_core.plan.snapshot import Observed, Snapshot
from tests.aws.clusters import completed, modelled

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EMPTY = Snapshot(NOW, {})


@cache
def case(name: str = "minimal-aws") -> tuple[Inference, DesiredState]:
    """One of our own clusters, inferred and built."""
    inference = completed(name)
    return inference, modelled(inference)


def value_of(ref: Ref) -> str:
    """The value of an output in these snapshots."""
    if ref.attribute in ("cidr_block", "ipv6_cidr_block"):
        return "2001:db8:1234:5600::/56"
    return f"{ref.attribute}-of-{ref.key}"


def applied(
    desired: DesiredState,
    *,
    change: Mapping[Key, Callable[[Resource], Resource]] | None = None,
    without: Iterable[Key] = (),
    foreign: Iterable[Resource] = (),
    value: Callable[[Ref], str] = value_of,
) -> Snapshot:
    """The snapshot after an apply, with some resources changed or missing, and leftovers.

    value: the function of outputs.
    """
    gone = set(without)
    made = {}
    for resource in desired.resources:
        if resource.key in gone or resource.absent:
            continue
        real = resolve(resource, value)
        changed = change[resource.key](real) if change and resource.key in change else real
        made[resource.key] = _observed(changed, value)
    return Snapshot(NOW, made, tuple(_observed(each, value) for each in foreign))


def _observed(resource: Resource, value: Callable[[Ref], str]) -> Observed:
    names = (
        "arn",
        "certificates",
        "public_keys",
        "jwks",
        "cidr_block",
        "ipv6_cidr_block",
        "dns_name",
        "addresses",
        "hosted_zone_id",
        "latest_version",
    )
    outputs = {name: value(Ref(resource.key, name)) for name in names}
    return Observed(resource, value(Ref(resource.key)), outputs)
