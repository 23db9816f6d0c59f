"""The instance groups of a new cluster and the etcd clusters that run on its control plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from kops_core.api.semver import Version
from kops_core.api.values import Tree, Value
from kops_core.errors import KopsError, UsageError
from kops_core.infer.channel import recommended_image
from kops_core.infer.common import strings
from kops_core.infer.components.etcd import BACKUP_RETENTION_DAYS
from kops_core.infer.create.network import Layout
from kops_core.infer.create.options import CreateOptions
from kops_core.infer.instance_types import architecture, default_type
from kops_core.infer.reader import Reader
from kops_core.infer.sheet import Sheet
from kops_core.infer.subnets import for_nodes

CONTROL_PLANE = "Master"
"""The control plane's role as v1alpha2 writes it."""
_ROLE_FACTS = {CONTROL_PLANE: "ControlPlane"}
"""The roles' names in facts and in kOps itself, where they differ."""


def control_plane(options: CreateOptions, layout: Layout, topology: str) -> list[Tree]:
    """One group for each control-plane node, in turn in each zone. Raises UsageError if counts disagree."""
    zones, count = options.control_plane_zones, options.control_plane_count
    if zones and 0 < count < len(zones):
        raise UsageError(
            f"{len(zones)} control-plane zones were given, but {count} control-plane nodes",
            where="--control-plane-count",
            remedy="give at least one node a zone",
        )
    count = count or len(zones) or 1
    zones = zones or options.zones
    groups: list[Tree] = []
    for position in range(count):
        zone = zones[position % len(zones)]
        name = f"{zone}-{1 + position // len(zones)}" if count > len(zones) else zone
        subnet = layout.by_zone[zone][0]
        dual_stack = options.ipv6 and topology == "private"
        groups.append(
            _group(
                f"control-plane-{name}",
                CONTROL_PLANE,
                subnets=[f"dualstack-{subnet}" if dual_stack else subnet],
                sizes=options.control_plane_sizes,
                count=1,
                image=options.control_plane_image,
            )
        )
    return groups


def etcd_clusters(options: CreateOptions, control_planes: Sequence[Tree]) -> list[Value]:
    """The etcd clusters, with a member on each control-plane group."""
    names = [*options.etcd_clusters, *(["cilium"] if options.networking == "cilium-etcd" else [])]
    groups = [_name(group) for group in control_planes]
    encrypted = options.encrypt_etcd_storage is not False
    members: list[Value] = []
    for short, group in zip(_member_names(groups), groups, strict=True):
        member: Tree = {"name": short, "instanceGroup": group}
        if encrypted:
            member["encryptedVolume"] = True
        if options.etcd_storage_type:
            member["volumeType"] = options.etcd_storage_type
        members.append(member)
    return [
        {
            "name": name,
            "cpuRequest": "200m" if name == "main" else "100m",
            "memoryRequest": "100Mi",
            "manager": {"backupRetentionDays": BACKUP_RETENTION_DAYS},
            "etcdMembers": [dict(member) for member in members if isinstance(member, dict)],
        }
        for name in names
    ]


def workers(options: CreateOptions, layout: Layout, features: Sequence[str]) -> list[Tree]:
    """The worker groups: one a zone, or one for all with Karpenter. Raises UsageError."""
    if options.instance_manager == "karpenter":
        if not options.discovery_store:
            raise UsageError(
                "Karpenter needs IAM roles for service accounts",
                where="--instance-manager",
                remedy="add --discovery-store",
            )
        group = _group("nodes", "Node", subnets=[], sizes=options.node_sizes, manager="Karpenter")
        if options.node_count > 0:
            _spec(group)["minSize"] = options.node_count
        return [group]
    if options.instance_manager != "cloudgroups":
        raise UsageError(
            f"{options.instance_manager!r} is no instance manager",
            where="--instance-manager",
            remedy="use cloudgroups or karpenter",
        )
    if "AWSSingleNodesInstanceGroup" in features and not options.subnet_ids:
        names = [name for zone in options.zones for name in layout.by_zone[zone][1:]]
        return [
            _group(
                "nodes",
                "Node",
                names,
                options.node_sizes,
                count=options.node_count or 1,
                image=options.node_image,
            )
        ]
    counts = _shares(options.node_count or len(options.zones), len(options.zones))
    return [
        _group(
            f"nodes-{zone}",
            "Node",
            # With additional ranges the main subnet is left to the control plane.
            subnets=layout.by_zone[zone][1:] or layout.by_zone[zone],
            sizes=options.node_sizes,
            count=count,
            image=options.node_image,
        )
        for zone, count in zip(options.zones, counts, strict=True)
    ]


def api_servers(options: CreateOptions, layout: Layout) -> list[Tree]:
    """The API server groups, one a zone; none unless asked for. Raises UsageError for several sizes."""
    if not options.api_server_count:
        return []
    if len(options.api_server_sizes) > 1:
        raise UsageError(
            "API server nodes can have only one machine type", where="--api-server-size", remedy="name one"
        )
    counts = _shares(options.api_server_count, len(options.zones))
    return [
        _group(f"apiserver-{zone}", "APIServer", layout.by_zone[zone], options.api_server_sizes, count=count)
        for zone, count in zip(options.zones, counts, strict=True)
    ]


def bastions(options: CreateOptions, layout: Layout) -> list[Tree]:
    """The bastion group, if asked for."""
    if not options.bastion:
        return []
    dual_stack = [str(each["name"]) for each in layout.subnets if each["type"] == "DualStack"]
    return [_group("bastions", "Bastion", dual_stack, count=1, image=options.bastion_image)]


def complete(
    group: Tree,
    options: CreateOptions,
    layout: Layout,
    *,
    kubernetes: Version,
    known: Sheet,
) -> None:
    """Give a group its image, machine type, subnets and label. known: a sheet of facts and channel.

    Raises KopsError or InvalidSpec if channel or account have no candidate, and MissingFact.
    """
    spec, name = _spec(group), _name(group)
    machine_type = str(spec.get("machineType") or "")
    reader = Reader(known, ("instanceGroups", name))
    if not spec.get("image"):
        spec["image"] = options.image or _channel_image(reader, kubernetes, machine_type)
    role = str(spec["role"])
    if not machine_type and spec.get("manager") != "Karpenter":
        own = strings(spec.get("subnets"))
        zones = sorted({str(each["zone"]) for each in layout.subnets if each["name"] in own})
        spec["machineType"] = default_type(reader, _ROLE_FACTS.get(role, role), str(spec["image"]), zones)
    if not spec.get("subnets"):
        spec["subnets"] = for_nodes(layout.subnets) or _no_subnet()
    labels = spec.setdefault("nodeLabels", {})
    if isinstance(labels, dict):
        labels["kops.k8s.io/instancegroup"] = name


def shared_settings(options: CreateOptions, groups: Sequence[Tree]) -> None:
    """Sets the options for control plane, workers and all instances on their groups."""
    by_role: dict[str, tuple[tuple[str, Value], ...]] = {
        CONTROL_PLANE: (
            ("tenancy", options.control_plane_tenancy),
            ("additionalSecurityGroups", list(options.control_plane_security_groups)),
            ("rootVolumeSize", options.control_plane_volume_size),
            ("rootVolumeType", options.control_plane_volume_type),
        ),
        "Node": (
            ("tenancy", options.node_tenancy),
            ("additionalSecurityGroups", list(options.node_security_groups)),
            ("rootVolumeSize", options.node_volume_size),
            ("rootVolumeType", options.node_volume_type),
        ),
    }
    for group in groups:
        spec = _spec(group)
        if options.associate_public_ip is not None:
            spec["associatePublicIp"] = options.associate_public_ip
        for key, value in by_role.get(str(spec["role"]), ()):
            if value:
                spec[key] = value


def _group(
    name: str,
    role: str,
    subnets: Sequence[str] = (),
    sizes: Sequence[str] = (),
    *,
    count: int | None = None,
    image: str = "",
    manager: str = "",
) -> Tree:
    spec: Tree = {"role": role}
    if manager:
        spec["manager"] = manager
    if count is not None:
        spec["minSize"] = spec["maxSize"] = count
    if sizes:
        spec["machineType"] = sizes[0]
    if len(sizes) > 1:
        spec["mixedInstancesPolicy"] = {"instances": list(sizes)}
    if image:
        spec["image"] = image
    if subnets:
        spec["subnets"] = list(subnets)
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": name},
        "spec": spec,
    }


def _member_names(groups: Sequence[str]) -> list[str]:
    """Short names for members: the names of the groups without their common prefix."""
    names = [group.removeprefix("control-plane-").removeprefix("master-") for group in groups]
    while len(names[0]) > 1 and all(name.startswith(names[0][0]) for name in names):
        names = [name[1:] for name in names]
    return [f"etcd-{name}" if name[:1].isdigit() else name for name in names]


def _shares(count: int, zones: int) -> list[int]:
    """A count divided among zones; the first ones get the remainder."""
    return [count // zones + (position < count % zones) for position in range(zones)]


def _channel_image(reader: Reader, kubernetes: Version, machine_type: str) -> str:
    wanted = architecture(reader, machine_type)
    found = recommended_image(reader, kubernetes, wanted)
    if not found:
        raise KopsError(
            f"the channel has no image for Kubernetes {kubernetes} on {wanted}",
            remedy="name one with --image, or choose another channel",
        )
    return found


def _no_subnet() -> NoReturn:
    raise KopsError(
        "the cluster has no subnet for nodes", where="spec.subnets", remedy="add a private or public one"
    )


def _spec(group: Tree) -> Tree:
    spec = group["spec"]
    assert isinstance(spec, dict)  # noqa: S101 - made by _group
    return spec


def _name(group: Tree) -> str:
    metadata = group["metadata"]
    assert isinstance(metadata, dict)  # noqa: S101 - made by _group
    return str(metadata["name"])
