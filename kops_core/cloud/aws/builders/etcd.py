"""The volumes of etcd, one for each member."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.builders.context import subnet_named
from kops_core.cloud.aws.resources.storage import EBSVolume
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.context import Context
from kops_core.model.resource import Resource

DEFAULT_SIZE = 20
"""GiB."""
GP3_IOPS, GP3_THROUGHPUT, IOPS = 3000, 125, 100


def etcd_volumes(c: Context) -> Iterator[Resource]:
    """The volumes of all members."""
    for at in c.read.keys("spec.etcdClusters"):
        for member in c.read.keys(f"spec.etcdClusters[{at}].etcdMembers"):
            yield c.make(volume, int(at), int(member))


def volume(c: Context, cluster: int, position: int) -> EBSVolume:
    """The volume of a member; etcd-manager finds it by its tags."""
    at = f"spec.etcdClusters[{cluster}]"
    member = c.read.mapping(f"{at}.etcdMembers[{position}]")
    name, etcd = str(member.get("name", "")), c.read.string(f"{at}.name") or ""
    members = sorted(str(each) for _, each in c.read.each(f"{at}.etcdMembers[*].name"))
    kind = str(member.get("volumeType") or "gp3")
    iops, throughput = _number(member, "volumeIops"), _number(member, "volumeThroughput")
    full_name = f"{name}.etcd-{etcd}.{c.name}"
    return EBSVolume(
        name=full_name,
        availability_zone=_zone(c, str(member.get("instanceGroup", "")), f"{at}.etcdMembers[{position}]"),
        size=_number(member, "volumeSize") or DEFAULT_SIZE,
        volume_type=kind,
        iops={"gp3": max(iops, GP3_IOPS), "io1": max(iops, IOPS), "io2": max(iops, IOPS)}.get(kind),
        throughput=max(throughput, GP3_THROUGHPUT) if kind == "gp3" else None,
        encrypted=bool(member.get("encryptedVolume")),
        kms_key_id=str(member["kmsKeyId"]) if member.get("kmsKeyId") else None,
        tags={
            **c.strings_by_key("spec.cloudLabels"),
            "Name": full_name,
            "KubernetesCluster": c.name,
            f"k8s.io/etcd/{etcd}": f"{name}/{','.join(members)}",
            "k8s.io/role/control-plane": "1",
            "k8s.io/role/master": "1",
            f"kubernetes.io/cluster/{c.name}": "owned",
        },
    )


def _zone(c: Context, group: str, path: str) -> str:
    machines = c.group(group)
    zones = {
        *machines.strings("zones"),
        *(subnet_named(c, name).zone for name in machines.strings("subnets")),
    }
    if len(zones) != 1:
        raise InvalidSpec(
            [
                FieldError(
                    "Invalid value",
                    f"{path}.instanceGroup",
                    f"instance group {group!r} has to lie in exactly one zone, as a volume does",
                )
            ]
        )
    return zones.pop()


def _number(member: Tree, name: str) -> int:
    found: Value = member.get(name)
    return found if isinstance(found, int) else 0
