"""Which cloud facts a cluster's documents call for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kops_core.api.path import get, parse
from kops_core.api.values import Tree, Value
from kops_core.cloud.ports import FactQuery
from kops_core.engine.workspace.draft import CLUSTER


def fact_query(documents: Mapping[str, Tree]) -> FactQuery:
    """The user's own networks, images, machine types, profiles and buckets, where the documents name them."""
    cluster = documents[CLUSTER]
    groups = [document for name, document in documents.items() if name != CLUSTER]
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


def region_of(documents: Mapping[str, Tree]) -> str:
    """The region that the subnets' zones lie in; "" if no zone is named."""
    for subnet in _rows(get(documents[CLUSTER], parse("spec.subnets"))):
        for name in ("zone", "region"):
            place = subnet.get(name)
            if isinstance(place, str) and place:
                return place.rstrip("abcdefghijklmnopqrstuvwxyz") if name == "zone" else place
    return ""


def _split(value: object) -> list[str]:
    return value.split(",") if isinstance(value, str) else []


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _rows(value: object) -> list[dict[str, Value]]:
    return [item for item in _items(value) if isinstance(item, dict)]


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value))
