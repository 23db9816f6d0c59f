"""The instance groups that Karpenter manages, as its node classes and node pools."""

from __future__ import annotations

from kops_core.cloud.aws.addons.karpenter.permissions import AWS, CORE
from kops_core.cloud.aws.builders import images
from kops_core.cloud.aws.builders.context import subnet_named
from kops_core.cloud.aws.builders.firewall import security_group_name
from kops_core.cloud.aws.builders.group_tags import group_tags, node_labels, parse_taint
from kops_core.cloud.aws.builders.groups import GP3_IOPS, GP3_THROUGHPUT, IOPS, ROOT_VOLUME_SIZE
from kops_core.cloud.aws.builders.iam import profile_name
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.images import OWNERS
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, fields, matches, only, thing
from kops_core.model.context import Group
from kops_core.model.nodes.user_data import user_data

RESERVED_TAGS = ("eks:eks-cluster-name", f"{CORE}/nodepool", f"{CORE}/nodeclaim", f"{AWS}/ec2nodeclass")
CAPACITY_TYPE = f"{CORE}/capacity-type"
ALL_ON_DEMAND = 100
"""Percentage of machines above the base that are not spot."""


def node_class(c: AddonContext, group: Group) -> Object:
    """The EC2NodeClass of a group: template of its machines."""
    cluster = {"KubernetesCluster": c.name}
    return thing(
        f"{AWS}/v1",
        "EC2NodeClass",
        group.name,
        None,
        spec=fields(
            amiFamily="Custom",
            amiSelectorTerms=[_image(group)],
            associatePublicIPAddress=_public(c, group),
            blockDeviceMappings=[_root_volume(c, group)],
            tags=_tags(c, group),
            subnetSelectorTerms=[{"tags": cluster | {f"kops.k8s.io/instance-group/{group.name}": "true"}}],
            securityGroupSelectorTerms=_security_groups(c, group, cluster),
            instanceProfile=profile_name(c, group),
            userData=user_data(c, group),
            kubelet=_kubelet(group) or None,
        ),
    )


def node_pool(c: AddonContext, group: Group) -> Object:
    """The NodePool of a group: requirements and limits of its machines."""
    labels = {name: value for name, value in node_labels(c, group).items() if not _reserved(name)}
    least, most = group.number("minSize"), group.number("maxSize")
    template = fields(
        metadata={"labels": labels} if labels else None,
        spec=fields(
            requirements=_requirements(group),
            taints=[_taint(text) for text in group.strings("taints")] or None,
            nodeClassRef={"group": AWS, "kind": "EC2NodeClass", "name": group.name},
        ),
    )
    return thing(
        f"{CORE}/v1",
        "NodePool",
        group.name,
        None,
        spec=fields(
            template=template,
            replicas=least or None,
            limits=None if most is None else {"nodes": str(most)},
        ),
    )


def _image(group: Group) -> Object:
    """The image selector of a node class. Raises InvalidSpec for images that Karpenter can't look up."""
    image = (group.text("image") or "").strip()
    owner, slash, name = image.partition("/")
    if image.startswith("ami-"):
        return {"id": image}
    if image.startswith("ssm:") and image != "ssm:":
        return {"ssmParameter": image.removeprefix("ssm:")}
    if image and not slash:
        return {"name": image, "owner": "self"}
    if not owner or not name or "://" in image:
        message = f"{image!r} must be an id, ssm:<parameter>, <name> or <owner>/<name>"
        raise InvalidSpec([FieldError("Invalid value", group.path("image"), message)])
    return {"name": name, "owner": OWNERS.get(owner, owner)}


def _public(c: AddonContext, group: Group) -> bool:
    names = group.strings("subnets")
    if not names:
        raise InvalidSpec([FieldError("Required value", group.path("subnets"), "name at least one subnet")])
    return subnet_named(c, names[0]).public and group.flag("associatePublicIp") is not False


def _root_volume(c: AddonContext, group: Group) -> Object:
    kind = group.text("rootVolumeType") or "gp3"
    least_iops = {"io1": IOPS, "io2": IOPS, "gp3": GP3_IOPS}.get(kind)
    iops, throughput = group.number("rootVolumeIops") or 0, group.number("rootVolumeThroughput") or 0
    encrypted = group.flag("rootVolumeEncryption")
    key = group.text("rootVolumeEncryptionKey") or None
    size = group.number("rootVolumeSize") or ROOT_VOLUME_SIZE[group.role]
    return {
        "deviceName": images.find(c, group).root_device,
        "ebs": fields(
            deleteOnTermination=True,
            encrypted=encrypted is not False,
            iops=None if least_iops is None else max(iops, least_iops),
            kmsKeyID=key if encrypted else None,
            throughput=max(throughput, GP3_THROUGHPUT) if kind == "gp3" else None,
            volumeSize=f"{size}Gi",
            volumeType=kind,
        ),
        "rootVolume": True,
    }


def _tags(c: AddonContext, group: Group) -> dict[str, str]:
    """The group's tags, without those reserved by Karpenter."""
    return {
        key: value
        for key, value in group_tags(c, group).items()
        if key not in RESERVED_TAGS and not key.startswith("kubernetes.io/cluster")
    }


def _security_groups(c: AddonContext, group: Group, cluster: dict[str, str]) -> list[Object]:
    override = group.text("securityGroupOverride")
    own: Object = {"tags": cluster | {"Name": security_group_name(c, group.role)}}
    more: list[Object] = [{"id": name} for name in group.strings("additionalSecurityGroups")]
    return [{"id": override} if override else own, *more]


def _kubelet(group: Group) -> Object:
    """The settings of kubelet that determine a machine's capacity."""
    given = group.table("kubelet")
    return fields(
        maxPods=given.get("maxPods"),
        systemReserved=given.get("systemReserved") or None,
        kubeReserved=given.get("kubeReserved") or None,
    )


def _requirements(group: Group) -> list[Object]:
    mixed = group.table("mixedInstancesPolicy").get("instances")
    written = [*(mixed if isinstance(mixed, list) else []), *(group.text("machineType") or "").split(",")]
    types = sorted({str(each).strip() for each in written} - {""})
    return [
        matches("kubernetes.io/os", "In", "linux"),
        *only(types, matches("node.kubernetes.io/instance-type", "In", " ".join(types))),
        matches(CAPACITY_TYPE, "In", _capacity_types(group)),
    ]


def _capacity_types(group: Group) -> str:
    if group.text("maxPrice") is not None or group.number("spotDurationInMinutes") is not None:
        return "spot"
    above = group.table("mixedInstancesPolicy").get("onDemandAboveBase")
    mixed = isinstance(above, int) and above < ALL_ON_DEMAND
    return "on-demand spot" if mixed else "on-demand"


def _taint(text: str) -> Object:
    key, value, effect = parse_taint(text)
    return fields(key=key, value=value or None, effect=effect)


def _reserved(label: str) -> bool:
    """Whether a label is set by Karpenter itself."""
    if label == CAPACITY_TYPE:
        return False
    domain, slash, _ = label.partition("/")
    own = any(domain == each or domain.endswith(f".{each}") for each in (CORE, AWS))
    return label == "kubernetes.io/hostname" or (bool(slash) and own)
