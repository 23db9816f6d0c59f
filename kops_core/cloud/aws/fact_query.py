"""The query of cloud facts that the documents of a cluster need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kops_core.api.path import get, parse
from kops_core.api.values import Tree, Value


@dataclass(frozen=True)
class FactQuery:
    """The facts to read; zones, hosted zones and the account are always read."""

    vpcs: tuple[str, ...] = ()
    """Ids of shared VPCs; their subnets, gateways and route tables are read, too."""
    subnets: tuple[str, ...] = ()
    """Ids of subnets whose VPC is not named."""
    images: tuple[str, ...] = ()
    """As in instance groups: ``ami-…``, ``owner/name``, or ``ssm:<parameter>``."""
    instance_types: tuple[str, ...] = ()
    instance_profiles: tuple[str, ...] = ()
    """Names."""
    buckets: tuple[str, ...] = ()
    dns_names: tuple[str, ...] = ()
    """The cluster's name and its zone, by name or id.

    VPCs of other private zones are not read, because each takes a call. If empty, those of all zones are
    read.
    """


def fact_query(cluster: Tree, groups: Iterable[Tree]) -> FactQuery:
    """The shared networks, images, machine types, profiles and buckets that the documents name."""
    groups = list(groups)
    subnets = _rows(get(cluster, parse("spec.subnets")))
    return FactQuery(
        vpcs=_texts(
            [get(cluster, parse("spec.networkID")), get(cluster, parse("spec.networking.networkID"))]
        ),
        subnets=_texts(subnet.get(name) for subnet in subnets for name in ("id", "subnetID")),
        images=_texts(get(group, parse("spec.image")) for group in groups),
        instance_types=_texts(
            machine
            for group in groups
            for machine in (
                *_split(get(group, parse("spec.machineType"))),
                *_items(get(group, parse("spec.mixedInstancesPolicy.instances"))),
            )
        ),
        instance_profiles=_texts(
            str(profile).rpartition("/")[2]
            for group in groups
            if (profile := get(group, parse("spec.iam.profile")))
        ),
        dns_names=_texts([get(cluster, parse("metadata.name")), get(cluster, parse("spec.dnsZone"))]),
        buckets=_texts(
            str(store).removeprefix("s3://").partition("/")[0]
            for store in [get(cluster, parse("spec.serviceAccountIssuerDiscovery.discoveryStore"))]
            if str(store).startswith("s3://")
        ),
    )


def region_of(cluster: Tree) -> str:
    """The region of the subnets' zones; "" if no zone is named."""
    for subnet in _rows(get(cluster, parse("spec.subnets"))):
        for name in ("zone", "region"):
            place = subnet.get(name)
            if isinstance(place, str) and place:
                return region_of_zone(place) if name == "zone" else place
    return ""


def region_of_zone(zone: str) -> str:
    """The region of an availability zone: ``us-east-1`` of ``us-east-1a``."""
    return zone.rstrip("abcdefghijklmnopqrstuvwxyz")


def _split(value: object) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _rows(value: object) -> list[dict[str, Value]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))
