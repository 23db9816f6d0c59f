"""A dump of a cluster for bug reports: its cloud resources, its nodes and pods, and the logs of its machines.

The keys are those of kOps' ``toolbox dump`` (``pkg/resources/dumpmodel.go``); ``id`` and ``instanceGroup`` of
an instance are ours. Specs and keys are not in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from kops_core.api.path import get, parse
from kops_core.api.values import Tree, Value, mappings
from kops_core.engine.credentials.api_access import open_api
from kops_core.errors import KubernetesError
from kops_core.plan.snapshot import DiscoveredResource, Ownership

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.operations.instance_groups import GroupStatus
    from kops_core.engine.operations.options import ApiAccess
    from kops_core.kube.ports import KubernetesApi


def dump_all(
    services: ClusterServices,
    location: ClusterLocation,
    groups: Sequence[GroupStatus],
    access: ApiAccess,
    *,
    cloud: bool,
    kubernetes: bool,
) -> tuple[Tree, tuple[str, ...]]:
    """I/O. What a cluster has, and a sentence for each thing that could not be read. Raises CloudError."""
    found: Tree = {}
    problems: tuple[str, ...] = ()
    if cloud:
        found, problems = _dump_cloud(services, location, groups)
    if kubernetes:
        api = open_api(services, location, access)
        try:
            found |= _dump_kubernetes(api)
        except KubernetesError as error:
            problems += (f"Kubernetes is left out: {error.what} ({error.where})",)
        finally:
            api.close()
    return found, problems


def _dump_cloud(
    services: ClusterServices, location: ClusterLocation, groups: Sequence[GroupStatus]
) -> tuple[Tree, tuple[str, ...]]:
    """I/O. The cloud resources of a cluster, and what could not be read. Raises CloudError."""
    snapshot = services.discovery(location).discover()
    own = [each for each in snapshot.discovered if each.ownership is not Ownership.FOREIGN]
    model = services.provider(location).model
    balancer = services.api_address(location.name, location.cluster)
    found: Tree = {
        "resources": [_resource(each) for each in own],
        "instances": _instances(groups),
        "loadBalancers": [{"name": "api", "dnsName": balancer}] if balancer else [],
        "subnets": _subnets(location.cluster, [each for each in own if each.kind == model.subnet_kind]),
    }
    vpc = next((each.id for each in own if each.kind == model.network_kind), None) or get(
        location.cluster, parse("spec.networkID")
    )
    if isinstance(vpc, str):
        found["vpc"] = {"id": vpc}
    return {key: value for key, value in found.items() if value}, snapshot.errors


def _dump_kubernetes(api: KubernetesApi) -> dict[str, Value]:
    """I/O. Nodes, pods and disruption budgets, as far as operations look at them. Raises KubernetesError."""
    return {
        "nodes": [_object(dataclasses.asdict(each)) for each in api.nodes()],
        "pods": [_object(dataclasses.asdict(each)) for each in api.pods()],
        "disruptionBudgets": [_object(dataclasses.asdict(each)) for each in api.disruption_budgets()],
    }


def _resource(found: DiscoveredResource) -> Tree:
    return {
        "type": found.kind,
        "id": found.id,
        **({"name": found.name} if found.name and found.name != found.id else {}),
        **({"shared": True} if found.ownership is Ownership.SHARED else {}),
    }


def _instances(groups: Sequence[GroupStatus]) -> list[Value]:
    rows: list[Value] = []
    for group in groups:
        for each in group.instances:
            row: Tree = {
                "name": each.node or each.id,
                "id": each.id,
                "instanceGroup": group.name,
                "roles": [group.role_label],
                "privateAddresses": [each.private_ip] if each.private_ip else [],
                "publicAddresses": [each.public_ip] if each.public_ip else [],
            }
            rows.append({key: value for key, value in row.items() if value})
    return rows


def _subnets(cluster: Tree, own: Sequence[DiscoveredResource]) -> list[Value]:
    subnets = mappings(get(cluster, parse("spec.subnets")))
    zones = {f"{each.get('name')}": each.get("zone") for each in subnets}
    return [{"id": each.id, "zone": zones.get(each.name.partition(".")[0])} for each in own]


def _object(fields: dict[str, Any]) -> Value:
    """An object without its empty fields; a label may be empty."""
    return {key: _plain(each) for key, each in fields.items() if each not in ("", None, (), {}, False)}


def _plain(value: object) -> Value:
    """A value as data of YAML."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    return value if isinstance(value, bool | int | float | str) else str(value)
