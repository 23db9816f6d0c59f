"""The launch template, auto-scaling group and hooks of each instance group."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api import duration
from kops_core.api.values import Tree
from kops_core.cloud.aws.builders import images
from kops_core.cloud.aws.builders.balancers import group_target_groups
from kops_core.cloud.aws.builders.context import subnet_named
from kops_core.cloud.aws.builders.firewall import override_name, security_group_name, shared_group
from kops_core.cloud.aws.builders.group_tags import group_tags
from kops_core.cloud.aws.builders.iam import profile_name
from kops_core.cloud.aws.builders.mixed import mixed_instances_policy, number
from kops_core.cloud.aws.builders.ssh_key import ssh_key_ref
from kops_core.cloud.aws.builders.warm_pool import lifecycle_hook, warm_pool
from kops_core.cloud.aws.resources.balancers import TargetGroup
from kops_core.cloud.aws.resources.groups import (
    GROUP_METRICS,
    WARM_POOL_HOOK,
    WARM_POOL_METRICS,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    BlockDevice,
    LaunchTemplate,
    MetadataOptions,
    WarmPool,
)
from kops_core.model.context import Context, Group, Role
from kops_core.model.nodes.user_data import user_data
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Link, Ref

ROOT_VOLUME_SIZE = {Role.CONTROL_PLANE: 64, Role.API_SERVER: 64, Role.NODE: 128, Role.BASTION: 32}
"""GiB, by role."""
IOPS, GP3_IOPS, GP3_THROUGHPUT = 100, 3000, 125
"""Least and default values of provisioned IOPS (io1, io2) and of gp3 volumes."""


def groups(c: Context) -> Iterator[Resource]:
    """The resources of all instance groups, except auto-scaling groups of Karpenter's."""
    for group in c.groups:
        for group_id in group.strings("additionalSecurityGroups"):
            yield shared_group(group_id, group_id)
        override = group.text("securityGroupOverride")
        if override and group.role is Role.API_SERVER:
            # Only referred to: rules for API servers are those of the control plane's groups.
            yield shared_group(override_name(override, group.role), override)
        if group.karpenter:
            continue
        if group.runs_api and c.load_balancer:
            for group_id in c.read.strings("spec.api.loadBalancer.additionalSecurityGroups"):
                yield shared_group(f"nlb-{group_id}", group_id)
        for row in group.rows("externalLoadBalancers"):
            arn = row.get("targetGroupARN") or row.get("targetGroupArn")
            if arn:
                name = str(arn).split("/")[1]
                yield TargetGroup(name=name, shared=True, existing_id=str(arn))
        yield c.make(launch_template, group.name)
        yield c.make(auto_scaling_group, group.name)
        if warm_pool(c, group).enabled:
            yield c.make(group_warm_pool, group.name)
        if lifecycle_hook(c, group):
            yield c.make(warm_pool_hook, group.name)


def launch_template(c: Context, name: str) -> LaunchTemplate:
    """The launch template of a group."""
    group = c.group(name)
    members = [subnet_named(c, each) for each in group.strings("subnets")]
    public = bool(members) and members[0].public
    v6 = any(each.text("ipv6CIDR") for each in members)
    image = images.find(c, group)
    price = _spot_price(group)
    return LaunchTemplate(
        name=group.cloud_name,
        instance_group=name,
        image_id=image.id,
        instance_type=(group.text("machineType") or "").split(",")[0],
        key_name=ssh_key_ref(c),
        iam_instance_profile=Ref(Key("IAMInstanceProfile", profile_name(c, group))),
        security_groups=_security_groups(c, group),
        associate_public_ip_address=public and group.flag("associatePublicIp") is not False,
        ipv6_address_count=1 if v6 else 0,
        block_device_mappings=(
            _root_volume(group, image.root_device),
            *_volumes(group),
            *images.ephemeral_devices(c, group),
        ),
        metadata_options=MetadataOptions(
            http_tokens=group.text("instanceMetadata.httpTokens") or "required",
            http_put_response_hop_limit=group.number("instanceMetadata.httpPutResponseHopLimit") or 1,
            http_protocol_ipv6="enabled" if v6 else "disabled",
        ),
        monitoring=bool(group.flag("detailedInstanceMonitoring")),
        ebs_optimized=group.flag("rootVolumeOptimization"),
        tenancy=group.text("tenancy"),
        spot_max_price=price,
        spot_block_duration_minutes=group.number("spotDurationInMinutes") if price else None,
        instance_interruption_behavior=group.text("instanceInterruptionBehavior") if price else None,
        cpu_credits=group.text("cpuCredits") or "",
        user_data=user_data(c, group),
        tags=group_tags(c, group),
    )


def _security_groups(c: Context, group: Group) -> tuple[Link, ...]:
    override = group.text("securityGroupOverride")
    names = [override_name(override, group.role) if override else security_group_name(c, group.role)]
    if group.runs_api and c.load_balancer:
        names += [f"nlb-{each}" for each in c.read.strings("spec.api.loadBalancer.additionalSecurityGroups")]
    names += group.strings("additionalSecurityGroups")
    return tuple(Ref(Key("SecurityGroup", name)) for name in names)


def _root_volume(group: Group, device: str) -> BlockDevice:
    kind = group.text("rootVolumeType") or "gp3"
    iops, throughput = group.number("rootVolumeIops"), group.number("rootVolumeThroughput")
    encrypted, size = group.flag("rootVolumeEncryption"), group.number("rootVolumeSize") or 0
    return BlockDevice(
        device_name=device,
        volume_size=size if size > 0 else ROOT_VOLUME_SIZE[group.role],
        volume_type=kind,
        iops=_at_least(iops, {"io1": IOPS, "io2": IOPS, "gp3": GP3_IOPS}.get(kind)),
        throughput=_at_least(throughput, GP3_THROUGHPUT) if kind == "gp3" else None,
        encrypted=encrypted is not False,
        kms_key_id=(group.text("rootVolumeEncryptionKey") or "") if encrypted else "",
        delete_on_termination=True,
    )


def _at_least(value: int | None, least: int | None) -> int | None:
    """None for volume types without the setting."""
    return None if least is None else max(value or 0, least)


def _volumes(group: Group) -> list[BlockDevice]:
    """Sorted by device; of two for the same device, the later one, as in kOps."""
    by_device = {volume.device_name: volume for volume in map(_volume, group.rows("volumes"))}
    return [by_device[name] for name in sorted(by_device)]


def _volume(row: Tree) -> BlockDevice:
    kind = str(row.get("type") or "gp3")
    gp3 = kind == "gp3"
    default_iops = {"io1": IOPS, "io2": IOPS, "gp3": GP3_IOPS}.get(kind)
    return BlockDevice(
        device_name=str(row.get("device", "")),
        volume_size=number(row.get("size")),
        volume_type=kind,
        iops=None if default_iops is None else number(row.get("iops")) or default_iops,
        throughput=number(row.get("throughput")) or (GP3_THROUGHPUT if gp3 else None),
        encrypted=row.get("encrypted") is not False,
        kms_key_id=str(row.get("key") or ""),
        delete_on_termination=row.get("deleteOnTermination") is not False,
    )


def _spot_price(group: Group) -> str:
    """The spot price of the template; with a mixed instances policy it is the auto-scaling group's."""
    return "" if group.get("mixedInstancesPolicy") is not None else group.text("maxPrice") or ""


def auto_scaling_group(c: Context, name: str) -> AutoscalingGroup:
    """The auto-scaling group."""
    group = c.group(name)
    default_size = 2 if group.role is Role.NODE else 1
    least, most = group.number("minSize"), group.number("maxSize")
    lifetime = group.text("maxInstanceLifetime")
    metrics = (*GROUP_METRICS, *(WARM_POOL_METRICS if warm_pool(c, group).enabled else ()))
    return AutoscalingGroup(
        name=group.cloud_name,
        instance_group=name,
        launch_template=Ref(Key("LaunchTemplate", group.cloud_name)),
        mixed_instances_policy=mixed_instances_policy(group),
        min_size=default_size if least is None else least,
        max_size=default_size if most is None else most,
        subnets=tuple(subnet_named(c, each).ref for each in group.strings("subnets")),
        target_groups=group_target_groups(c, group),
        load_balancers=tuple(
            sorted(
                str(row["loadBalancerName"])
                for row in group.rows("externalLoadBalancers")
                if row.get("loadBalancerName")
            )
        ),
        enabled_metrics=metrics,
        suspended_processes=tuple(group.strings("suspendProcesses")),
        new_instances_protected_from_scale_in=bool(group.flag("instanceProtection")),
        max_instance_lifetime=duration.parse(lifetime) // 10**9 if lifetime else 0,
        capacity_rebalance=group.flag("capacityRebalance"),
        # The group keeps kOps' name tags; its launch template has the user's.
        tags={**group_tags(c, group), "Name": group.cloud_name, "KubernetesCluster": c.name},
    )


def group_warm_pool(c: Context, name: str) -> WarmPool:
    """The warm pool of a group."""
    group = c.group(name)
    settings = warm_pool(c, group)
    return WarmPool(
        name=group.cloud_name,
        instance_group=name,
        auto_scaling_group=Ref(Key("AutoscalingGroup", group.cloud_name)),
        min_size=settings.min_size,
        max_group_prepared_capacity=-1 if settings.max_size is None else settings.max_size,
    )


def warm_pool_hook(c: Context, name: str) -> AutoscalingLifecycleHook:
    """The hook in which instances wait until nodeup is done, or are abandoned."""
    group = c.group(name)
    return AutoscalingLifecycleHook(
        name=f"{WARM_POOL_HOOK}-{name}",
        instance_group=name,
        hook_name=WARM_POOL_HOOK,
        auto_scaling_group=Ref(Key("AutoscalingGroup", group.cloud_name)),
        default_result="ABANDON",
        heartbeat_timeout=warm_pool(c, group).hook_timeout,
        lifecycle_transition="autoscaling:EC2_INSTANCE_LAUNCHING",
    )
