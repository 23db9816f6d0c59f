"""Validation of an InstanceGroup, alone and with its cluster. Facts: kOps' pkg/apis/kops/validation."""

from __future__ import annotations

from collections.abc import Collection

from kops_core.api.names import GROUP, name_problem
from kops_core.api.values import Tree
from kops_core.errors import FieldError
from kops_core.validate import common, spec_queries
from kops_core.validate.addons import check_warm_pool_sizes
from kops_core.validate.containerd import containerd
from kops_core.validate.etcd import check_member_of
from kops_core.validate.field import Field, Findings, document
from kops_core.validate.formats import arn_resource
from kops_core.validate.karpenter import check_karpenter

_ROLES = ("ControlPlane", "APIServer", "Node", "Bastion", "Etcd", "Scheduler", "KubeControllerManager")
_KNOWN_ROLES = ("ControlPlane", "APIServer", "Node", "Bastion")
"""The roles that kOps accepts; others need a feature flag and can't be stored either."""
_TENANCIES = ("default", "dedicated", "host")
_USER_DATA_TYPES = (
    "text/x-include-once-url",
    "text/x-include-url",
    "text/cloud-config-archive",
    "text/upstart-job",
    "text/cloud-config",
    "text/part-handler",
    "text/x-shellscript",
    "text/cloud-boothook",
)
_FILESYSTEMS = ("btfs", "ext4", "xfs")
_ROOT_VOLUME_TYPES = ("standard", "gp3", "gp2", "io1", "io2")
_GROUP_TAG = "kops.k8s.io/instancegroup"
_LONGEST_NAME = 32
"""Limit for names of load balancers and target groups."""
NOT_DEDICATED = ("t2.nano", "t2.micro", "t2.small", "t2.medium", "t2.large", "t2.xlarge")
"""Machine types that EC2 does not run on dedicated hardware."""


def validate_instance_group(group: Tree, *, strict: bool = False) -> list[FieldError]:
    """The errors of an InstanceGroup document by itself; strict: it is completed."""
    return list(dict.fromkeys(_alone(_root(group), strict=strict)))


def validate_with_cluster(
    group: Tree, cluster: Tree, *, strict: bool = False, features: Collection[str] = ()
) -> list[FieldError]:
    """The errors of an InstanceGroup document with its cluster.

    strict: both are completed. features: feature flags that are on.
    """
    root = _root(group)
    findings = [*_alone(root, strict=strict), *_in_cluster(root, document(cluster).at("spec"), features)]
    return list(dict.fromkeys(findings))


def _root(group: Tree) -> Field:
    name = document(group).at("metadata.name").text
    return document(group, f"InstanceGroup {name}" if name else "InstanceGroup")


def _alone(group: Field, *, strict: bool) -> Findings:
    spec, role = group.at("spec"), spec_queries.role(group)
    name = group.at("metadata.name")
    if not name.text:
        yield name.required("the instance group needs a name")
    elif problem := name_problem(GROUP, name.text):
        yield name.invalid(problem)
    yield from _role(spec.at("role"), role)
    yield from _sizes(spec, role, strict=strict)
    yield from spec.at("tenancy").if_given_in(_TENANCIES)
    if spec.at("containerd.gvisor.enabled").on and role != "Node":
        yield spec.at("containerd.gvisor").forbidden("gVisor is for groups with the role Node: remove it")
    if strict and not spec.at("image").text:
        yield spec.at("image").forbidden("the group has no image: name one")
    for limit in ("rootVolumeIops", "rootVolumeThroughput"):
        if (spec.at(limit).number or 0) < 0:
            yield spec.at(limit).invalid("it can't be negative")
    yield from common.check_hooks(spec.at("hooks"), of_cluster=False)
    yield from common.check_file_assets(spec.at("fileAssets"))
    yield from _user_data(spec.at("additionalUserData"))
    yield from _volumes(spec)
    yield from _profile(spec.at("iam.profile"))
    yield from common.check_sysctls(spec.at("sysctlParameters"))
    yield from common.check_rolling_update(spec.at("rollingUpdate"), of_control_plane=role == "ControlPlane")
    yield from _labels(group)
    for balancer in spec.at("externalLoadBalancers").items:
        yield from _external_load_balancer(balancer)
    yield from spec.at("updatePolicy").unless_in(common.UPDATE_POLICIES)
    yield from _taints(spec.at("taints"))


def _role(field: Field, role: str) -> Findings:
    if not role:
        yield field.required("say what the group does: Master, Node, Bastion or APIServer")
    elif role not in _KNOWN_ROLES:
        yield field.unsupported(_ROLES)


def _sizes(spec: Field, role: str, *, strict: bool) -> Findings:
    low, high = spec.at("minSize"), spec.at("maxSize")
    if strict and role != "ControlPlane" and not spec.at("subnets").items:
        yield spec.at("subnets").required("no subnet of the cluster is for nodes: name one, or add one")
    if role == "ControlPlane":
        if not spec.at("subnets").items:
            yield spec.at("subnets").required("a control-plane group needs a subnet: name one")
        for size in (low, high):
            if (size.number or 0) > 1:
                yield size.invalid("a control-plane group has one instance: add more groups instead")
    if strict and spec.at("manager").text == "CloudGroup":
        for size in (high, low):
            if size.number is None:
                yield size.forbidden("the size is missing: set it")
    if low.number is not None and high.number is not None and high.number < low.number:
        yield high.forbidden("it can't be less than minSize")


def _user_data(parts: Field) -> Findings:
    for part in parts.items:
        for name in ("name", "content"):
            if not part.at(name).text:
                yield part.at(name).required(f"user data needs a {name}")
        if part.at("type").text not in _USER_DATA_TYPES:
            yield part.at("type").unsupported(_USER_DATA_TYPES)


def _volumes(spec: Field) -> Findings:
    for volume in spec.at("volumes").items:
        if not volume.at("device").text:
            yield volume.at("device").required("name the device, e.g. /dev/xvdd")
        if (volume.at("size").number or 0) <= 0:
            yield volume.at("size").invalid("give a size in GB, more than 0")
    for mount in spec.at("volumeMounts").items:
        for name, example in (("device", "/dev/xvdd"), ("filesystem", "ext4"), ("path", "/data")):
            if not mount.at(name).text:
                yield mount.at(name).required(f"name the {name}, e.g. {example}")
        if mount.at("filesystem").text not in _FILESYSTEMS:
            yield mount.at("filesystem").unsupported(_FILESYSTEMS)


def _profile(profile: Field) -> Findings:
    if profile.is_set and not (arn_resource(profile.text) or "").startswith("instance-profile/"):
        yield profile.invalid(
            "it must be the ARN of an instance profile, like arn:aws:iam::123456789012:instance-profile/Name"
        )


def _labels(group: Field) -> Findings:
    node, cloud = group.at("spec.nodeLabels"), group.at("spec.cloudLabels")
    for name, _ in node.entries:
        if name.count("/") > 1:
            yield node.invalid(f"{name!r} has more than one slash")
    tag = cloud.key(_GROUP_TAG)
    if tag.is_set and tag.text != group.at("metadata.name").text:
        yield tag.invalid("it must be the name of the instance group: remove it")
    yield from common.check_cloud_labels(cloud, except_key=_GROUP_TAG)


def _external_load_balancer(balancer: Field) -> Findings:
    name, target = balancer.at("loadBalancerName"), balancer.at("targetGroupArn")
    if name.is_set and target.is_set:
        yield balancer.too_many("loadBalancerName and targetGroupArn exclude each other: keep one")
    if len(name.text) > _LONGEST_NAME:
        yield name.invalid(f"names of load balancers have at most {_LONGEST_NAME} characters")
    if not target.is_set:
        return
    parts = (arn_resource(target.text) or "").split("/")
    if len(parts) != 3 or parts[0] != "targetgroup":
        yield target.invalid(
            "it must be the ARN of a target group, ending in targetgroup/name/0123456789abcdef"
        )
    elif len(parts[1]) > _LONGEST_NAME:
        yield target.invalid(f"names of target groups have at most {_LONGEST_NAME} characters")


def _taints(taints: Field) -> Findings:
    seen: set[str] = set()
    for taint in taints.items:
        head, *effect = taint.text.split(":")
        if len(effect) > 1 or (effect and head.count("=") > 1):
            yield taint.invalid("write it like key=value:NoSchedule")
        if taint.text in seen:
            yield taint.duplicate(f"{taint.text!r} is listed twice: remove one")
        seen.add(taint.text)


def _in_cluster(group: Field, cluster: Field, features: Collection[str]) -> Findings:
    """cluster: the cluster's spec."""
    spec, role = group.at("spec"), spec_queries.role(group)
    name = group.at("metadata.name")
    if role == "ControlPlane":
        yield from check_member_of(name.text, name, cluster)
    if role == "APIServer" and spec_queries.dns_kind(cluster) == "None":
        yield spec.at("role").forbidden("API server groups need a hosted zone: set spec.topology.dns.type")
    if role == "APIServer" and "APIServerNodes" not in features:
        yield spec.at("role").forbidden("API server groups need KOPS_FEATURE_FLAGS=+APIServerNodes")
    known = {subnet.at("name").text for subnet in cluster.at("subnets").items}
    for subnet in spec.at("subnets").items:
        if subnet.text not in known:
            yield subnet.not_found(f"the cluster has no subnet {subnet.text!r}")
    yield from spec.at("rootVolumeType").unless_in(_ROOT_VOLUME_TYPES)
    yield from _tenancy(spec)
    yield from _warm_pool(spec, role, cluster.at("warmPool"))
    yield from check_karpenter(spec, role, cluster)
    yield from containerd(spec.at("containerd"), of_cluster=False)


def _tenancy(spec: Field) -> Findings:
    machine_type, tenancy = spec.at("machineType"), spec.at("tenancy")
    if tenancy.text not in ("", "default") and machine_type.text in NOT_DEDICATED:
        yield machine_type.invalid(
            f"{machine_type.text} can't run with the tenancy {tenancy.text}: choose another"
        )


def _warm_pool(spec: Field, role: str, of_cluster: Field) -> Findings:
    pool = spec.at("warmPool")
    inherits = role not in ("ControlPlane", "Bastion") and of_cluster.is_set
    if not pool.is_set and not inherits:
        return
    size = pool.at("maxSize").number
    if size is None and inherits:
        size = of_cluster.at("maxSize").number
    if size != 0:
        if role not in ("Node", "APIServer"):
            yield pool.forbidden("only groups with the role Node or APIServer have warm pools: remove it")
        if spec.at("maxPrice").is_set:
            yield pool.forbidden("spot instances can't be kept warm: remove it, or maxPrice")
    if pool.is_set:
        low = pool.at("minSize").number or (of_cluster.at("minSize").number if inherits else 0) or 0
        yield from check_warm_pool_sizes(pool)
        if size is not None and 0 <= size < low:
            yield pool.at("maxSize").invalid("it can't be less than minSize")
