"""New instance groups of an existing cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kops_core.api.documents import read_documents
from kops_core.api.path import get, parse, set_at
from kops_core.api.values import Tree, mappings
from kops_core.engine.files.inputs import channel_of, settings_tree
from kops_core.engine.fleet.summary import group_of
from kops_core.engine.workspace.draft import documents_of
from kops_core.errors import FieldError, InvalidSpec, ObjectExists, UsageError
from kops_core.infer.create.group import GroupOptions, begin_group, complete_group
from kops_core.infer.create.selection import Criteria, MachineType, select
from kops_core.infer.facts import keyed
from kops_core.store.layout import CLUSTER_LABEL
from kops_core.store.metadata import name_of
from kops_core.validate.instance_group import validate_with_cluster

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterServices
    from kops_core.store.reading import StoredCluster
    from kops_core.store.state import StateStore


def make_group(store: StateStore, cluster: str, options: GroupOptions, services: ClusterServices) -> Tree:
    """I/O. A new instance group as kOps would store it; nothing is stored.

    Raises ObjectNotFound, ObjectExists, UsageError, InvalidSpec, CloudError.
    """
    stored = _read(store, cluster)
    group = begin_group(options, services.settings.feature_flags)
    return _completed(store, stored, group, services)


def _completed(store: StateStore, stored: StoredCluster, group: Tree, services: ClusterServices) -> Tree:
    """I/O. A new group with the values that kOps stores in it, checked."""
    settings, name = services.settings, name_of(group)
    _expect_new(store, stored, name)
    channel = channel_of(
        stored.cluster, settings, offline=settings.cloud_facts is not None, store=store.backend
    )
    facts = services.facts({**documents_of(stored), name: group})
    made = complete_group(
        group, stored.cluster, facts=keyed(facts), channel=channel.document, settings=settings_tree(settings)
    )
    made = set_at(made, ("metadata", "labels"), {CLUSTER_LABEL: stored.name})
    _expect_valid(store, stored, made, services)
    return made


def store_group(store: StateStore, cluster: str, text: str, services: ClusterServices) -> str:
    """I/O. Stores a new instance group from its YAML; its name.

    Raises InvalidSpec with every error in it, ObjectExists, ObjectChanged.
    """
    services.expect_write("create an instance group")
    documents = read_documents(text, "instancegroup.yaml")
    if len(documents) != 1 or documents[0].kind != "InstanceGroup":
        raise InvalidSpec(
            [FieldError("Invalid value", "kind", "write exactly one InstanceGroup", "instancegroup.yaml")]
        )
    stored = _read(store, cluster)
    group = documents[0]
    _expect_new(store, stored, group.name)
    _expect_valid(store, stored, group.tree, services)
    store.replace(
        stored,
        instance_groups={**stored.instance_groups, group.name: group.tree},
        what=f"create instance group {group.name}",
    )
    return group.name


def _read(store: StateStore, cluster: str) -> StoredCluster:
    stored = store.read_cluster(cluster)
    if stored.errors:
        raise stored.errors[0]
    return stored


def _expect_valid(store: StateStore, stored: StoredCluster, group: Tree, services: ClusterServices) -> None:
    """Raises InvalidSpec with the errors of a new group, alone and beside its cluster, e.g. a missing subnet.

    Members of etcd on a new control-plane group come next: they can't be added before the group exists.
    """
    store.expect_accepted(stored, instance_groups={**stored.instance_groups, name_of(group): group})
    features = services.settings.feature_flags
    errors = validate_with_cluster(group, stored.cluster, features=features)
    if in_spec := [each for each in errors if each.path.startswith("spec")]:
        raise InvalidSpec(in_spec)


def _expect_new(store: StateStore, stored: StoredCluster, name: str) -> None:
    if name in stored.instance_groups:
        raise ObjectExists(
            f"there is an instance group {name} already",
            where=f"{store.backend.url}/{stored.name}",
            remedy=f"take another name, or change it with: kops-tui edit instancegroup {name}",
        )


@dataclass(frozen=True)
class SelectionOptions:
    """The options of instance groups whose machine types are selected."""

    name: str
    criteria: Criteria = field(default_factory=Criteria)
    count: int = 1
    """Groups to make; each has twice the memory for a processor of the one before."""
    subnets: Sequence[str] = ()
    """Names of subnets; empty for all that nodes may lie in."""
    minimum: int = 1
    maximum: int = 10
    volume_gib: int | None = None
    security_groups: Sequence[str] = ()
    autoscaled: bool = True
    """Whether the cluster autoscaler finds the groups by their tags."""
    at_most: int = 20
    """Machine types in one group."""


def select_groups(
    store: StateStore, cluster: str, options: SelectionOptions, services: ClusterServices
) -> list[Tree]:
    """I/O. New instance groups of the machine types that meet some criteria; nothing is stored.

    Raises UsageError if there are none, ObjectNotFound, ObjectExists, InvalidSpec, CloudError.
    """
    stored = _read(store, cluster)
    zones = _zones_of(stored.cluster, options.subnets)
    types = services.machine_types(stored.cluster)
    criteria = replace(options.criteria, zones=zones)
    if criteria.gib_per_vcpu is None and (options.count > 1 or criteria.flexible):
        criteria = replace(criteria, gib_per_vcpu=2)
    made: list[Tree] = []
    for number in range(1, options.count + 1):
        name = options.name if options.count == 1 else f"{options.name}{number}"
        selected = select(types, criteria, at_most=options.at_most)
        group = _with_machines(name, selected, cluster, options)
        made.append(_completed(store, stored, group, services))
        criteria = replace(criteria, gib_per_vcpu=(criteria.gib_per_vcpu or 1) * 2)
    return made


def offered_types(cluster: Tree, group: Tree, services: ClusterServices) -> list[MachineType]:
    """I/O. The machine types on offer in all zones of a group, by family, the smallest first.

    Raises CloudError, UsageError for a subnet that the cluster lacks.
    """
    zones = set(_zones_of(cluster, group_of(name_of(group), group).subnets))
    found = [each for each in services.machine_types(cluster) if each.zones is None or zones <= each.zones]
    return sorted(
        found, key=lambda each: (each.name.partition(".")[0], each.vcpus, each.memory_mib, each.name)
    )


def _with_machines(name: str, selected: Sequence[str], cluster: str, options: SelectionOptions) -> Tree:
    group = begin_group(GroupOptions(name, subnets=options.subnets), ())
    policy: Tree = {"instances": list(selected)}
    if options.criteria.usage_class == "spot":
        policy |= {"onDemandBase": 0, "onDemandAboveBase": 0, "spotAllocationStrategy": "capacity-optimized"}
    more: Tree = {
        "minSize": options.minimum,
        "maxSize": options.maximum,
        "machineType": selected[0],
        "mixedInstancesPolicy": policy,
        "nodeLabels": {"kops.k8s.io/instancegroup": name},
    }
    if options.volume_gib is not None:
        more["rootVolumeSize"] = options.volume_gib
    if options.security_groups:
        more["additionalSecurityGroups"] = list(options.security_groups)
    if options.autoscaled:
        more["cloudLabels"] = {
            "k8s.io/cluster-autoscaler/enabled": "1",
            f"k8s.io/cluster-autoscaler/{cluster}": "1",
        }
    for key, value in more.items():
        group = set_at(group, ("spec", key), value)
    return group


def _zones_of(cluster: Tree, names: Sequence[str]) -> list[str]:
    """The zones of the named subnets. Raises UsageError for a subnet that the cluster lacks."""
    subnets = mappings(get(cluster, parse("spec.subnets")))
    by_name = {str(each.get("name")): str(each.get("zone")) for each in subnets}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise UsageError(
            f"the cluster has no subnet {unknown[0]}",
            where="--subnets",
            remedy=f"it has {', '.join(by_name)}",
        )
    return sorted({by_name[name] for name in names} if names else set(by_name.values()))
