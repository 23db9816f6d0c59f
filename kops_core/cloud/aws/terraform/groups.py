"""Arguments of key pairs, launch templates, auto-scaling groups, and etcd's volumes."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.resources.groups import (
    TAGGED,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    BlockDevice,
    LaunchTemplate,
    MixedInstancesPolicy,
    SSHKey,
    WarmPool,
)
from kops_core.cloud.aws.resources.storage import EBSVolume
from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Block, Body, Entry, arguments
from kops_core.model.resource import Resource
from kops_core.model.template import Key

NO_LIMIT = -1
"""The size of a warm pool that is limited by its group only."""


def key_pair(s: Scope, r: SSHKey) -> Body:
    """aws_key_pair."""
    public_key = s.file(r, "public_key", r.public_key_material)
    return arguments(key_name=r.name, public_key=public_key, tags=r.tags or r.first_tags)


def volume(s: Scope, r: EBSVolume) -> Body:
    """aws_ebs_volume."""
    return arguments(
        availability_zone=r.availability_zone,
        encrypted=r.encrypted,
        iops=r.iops,
        kms_key_id=r.kms_key_id,
        size=r.size,
        tags=r.tags,
        throughput=r.throughput,
        type=r.volume_type,
    )


def launch_template(s: Scope, r: LaunchTemplate) -> Body:
    """aws_launch_template."""
    return arguments(
        block_device_mappings=[_device(each) for each in r.block_device_mappings or ()],
        credit_specification=Block(arguments(cpu_credits=r.cpu_credits)) if r.cpu_credits else None,
        ebs_optimized=r.ebs_optimized,
        iam_instance_profile=Block(arguments(name=s.link(r.iam_instance_profile)))
        if r.iam_instance_profile
        else None,
        image_id=r.image_id,
        instance_market_options=_spot(r),
        instance_type=r.instance_type,
        key_name=s.link(r.key_name),
        lifecycle=Block(arguments(create_before_destroy=True)),
        metadata_options=_metadata(r),
        monitoring=Block(arguments(enabled=r.monitoring)) if r.monitoring is not None else None,
        name=r.name,
        network_interfaces=_interface(s, r),
        placement=Block(arguments(tenancy=r.tenancy)) if r.tenancy else None,
        tag_specifications=[Block(arguments(resource_type=each, tags=r.tags)) for each in TAGGED]
        if r.tags
        else None,
        tags=r.tags,
        user_data=s.file(r, "user_data", r.user_data, base64=True),
    )


def _device(device: BlockDevice) -> Block:
    """A block device. As in kOps' Terraform, volumes are always deleted with their instance."""
    if device.virtual_name:
        return Block(arguments(device_name=device.device_name, virtual_name=device.virtual_name))
    ebs = arguments(
        delete_on_termination=True,
        encrypted=device.encrypted,
        iops=device.iops,
        kms_key_id=device.kms_key_id or None,
        throughput=device.throughput,
        volume_size=device.volume_size,
        volume_type=device.volume_type,
    )
    return Block(arguments(device_name=device.device_name, ebs=Block(ebs)))


def _spot(r: LaunchTemplate) -> Block | None:
    if not r.spot_max_price:
        return None
    options = arguments(
        block_duration_minutes=r.spot_block_duration_minutes,
        instance_interruption_behavior=r.instance_interruption_behavior,
        max_price=r.spot_max_price,
    )
    return Block(arguments(market_type="spot", spot_options=Block(options)))


def _metadata(r: LaunchTemplate) -> Block | None:
    options = r.metadata_options
    if options is None:
        return None
    return Block(
        arguments(
            http_endpoint=options.http_endpoint,
            http_protocol_ipv6=options.http_protocol_ipv6,
            http_put_response_hop_limit=options.http_put_response_hop_limit,
            http_tokens=options.http_tokens,
        )
    )


def _interface(s: Scope, r: LaunchTemplate) -> Block:
    return Block(
        arguments(
            associate_public_ip_address=r.associate_public_ip_address,
            delete_on_termination=True,
            ipv6_address_count=r.ipv6_address_count,
            security_groups=s.links(r.security_groups, ordered=True),
        )
    )


def autoscaling_group(s: Scope, r: AutoscalingGroup) -> Body:
    """aws_autoscaling_group with its warm pool, which is no resource of its own."""
    return arguments(
        capacity_rebalance=r.capacity_rebalance,
        enabled_metrics=tuple(sorted(r.enabled_metrics or ())),
        load_balancers=r.load_balancers,
        max_instance_lifetime=r.max_instance_lifetime,
        max_size=r.max_size,
        metrics_granularity="1Minute",
        min_size=r.min_size,
        name=r.name,
        protect_from_scale_in=r.new_instances_protected_from_scale_in,
        suspended_processes=r.suspended_processes,
        tag=[
            Block({"key": key, "propagate_at_launch": True, "value": value})
            for key, value in sorted((r.tags or {}).items())
        ],
        target_group_arns=s.links(r.target_groups),
        vpc_zone_identifier=s.links(r.subnets, ordered=True),
        warm_pool=_warm_pool(s, r.name),
        **_launched_from(s, r),
    )


def _launched_from(s: Scope, r: AutoscalingGroup) -> dict[str, Entry]:
    template, version = s.link(r.launch_template), s.link(r.launch_template, "latest_version")
    policy = r.mixed_instances_policy
    if policy is None:
        return {"launch_template": Block(arguments(id=template, version=version))}
    launch = arguments(
        launch_template_specification=Block(arguments(launch_template_id=template, version=version)),
        override=[Block(arguments(instance_type=each)) for each in policy.instance_types],
    )
    mixed = arguments(instances_distribution=_distribution(policy), launch_template=Block(launch))
    return {"mixed_instances_policy": Block(mixed)}


def _distribution(policy: MixedInstancesPolicy) -> Block:
    return Block(
        arguments(
            on_demand_allocation_strategy=policy.on_demand_allocation_strategy,
            on_demand_base_capacity=policy.on_demand_base_capacity,
            on_demand_percentage_above_base_capacity=policy.on_demand_percentage_above_base_capacity,
            spot_allocation_strategy=policy.spot_allocation_strategy,
            spot_instance_pools=policy.spot_instance_pools,
            spot_max_price=policy.spot_max_price,
        )
    )


def _warm_pool(s: Scope, group: str) -> Block | None:
    pool = s.resources.get(Key(WarmPool.__name__, group))
    if not isinstance(pool, WarmPool) or pool.absent:
        return None
    most = pool.max_group_prepared_capacity
    return Block(
        arguments(max_group_prepared_capacity=most if most != NO_LIMIT else None, min_size=pool.min_size)
    )


def lifecycle_hook(s: Scope, r: AutoscalingLifecycleHook) -> Body:
    """aws_autoscaling_lifecycle_hook."""
    return arguments(
        autoscaling_group_name=s.link(r.auto_scaling_group),
        default_result=r.default_result,
        heartbeat_timeout=r.heartbeat_timeout,
        lifecycle_transition=r.lifecycle_transition,
        name=r.hook_name,
    )


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    SSHKey: key_pair,
    EBSVolume: volume,
    LaunchTemplate: launch_template,
    AutoscalingGroup: autoscaling_group,
    AutoscalingLifecycleHook: lifecycle_hook,
}
