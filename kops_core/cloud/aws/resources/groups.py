"""What makes instances: key pairs, launch templates, auto-scaling groups, with AWS' own names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import Area, KindSpec, NotInTerraform, Phase, Risk, RiskProfile, TerraformName
from kops_core.model.prune_policy import Disposition, PruneContext, delete_always, delete_when_pruning
from kops_core.model.resource import Content, Link, Resource, attr


@dataclass(frozen=True, kw_only=True)
class SSHKey(Resource):
    """An EC2 key pair, named as it is in EC2. Outputs: ``id`` (its name)."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        phase=Phase.SECURITY,
        shareable=True,
        risk=RiskProfile(on_change=Risk.NONE),
        terraform=TerraformName("aws_key_pair", lambda key: key.name.replace(":", "")),
    )

    public_key_material: str | None = attr(create_only=True)
    """OpenSSH form, one line."""
    key_fingerprint: str | None = attr(replace=True)
    """As EC2 computes it: for RSA the MD5 of the DER public key, for ED25519 a SHA-256 in base64."""
    tags: Mapping[str, str] | None = attr()
    first_tags: Mapping[str, str] | None = attr(create_only=True)
    """Of one that the user named: put on it if it is made here, and not looked at where it is there."""


@dataclass(frozen=True)
class BlockDevice:
    """An element of BlockDeviceMappings. Either an EBS volume or, with ``virtual_name``, an ephemeral one."""

    device_name: str
    volume_size: int | None = None
    """GiB."""
    volume_type: str | None = None
    iops: int | None = None
    throughput: int | None = None
    """MiB/s, of gp3."""
    encrypted: bool | None = None
    kms_key_id: str | None = None
    """"" for the account's default key."""
    delete_on_termination: bool | None = None
    virtual_name: str | None = None


@dataclass(frozen=True)
class MetadataOptions:
    """How instances reach their metadata."""

    http_endpoint: str = "enabled"
    http_tokens: str = "required"
    """``required`` is IMDSv2, ``optional`` allows IMDSv1."""
    http_put_response_hop_limit: int = 1
    http_protocol_ipv6: str = "disabled"


def _prune_template(template: LaunchTemplate, context: PruneContext) -> Disposition:
    """One of a desired one's ``Name`` tag is a leftover of an older kOps version."""
    name = str((template.tags or {}).get("Name"))
    return Disposition.DELETE if context.desires("LaunchTemplate", name) else Disposition.RETAIN


def _prune_hook(hook: AutoscalingLifecycleHook, context: PruneContext) -> Disposition:
    return Disposition.DELETE if hook.hook_name == WARM_POOL_HOOK else Disposition.IGNORE


@dataclass(frozen=True, kw_only=True)
class LaunchTemplate(Resource):
    """What an instance group's instances are made from; a change makes a new default version.

    Outputs: ``id``, ``latest_version``. Launch templates with the same ``Name`` tag and
    another name are leftovers of older kOps versions and are deleted.
    """

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        rolls_nodes=True,
        prune=_prune_template,
        terraform=TerraformName("aws_launch_template", attributes={"latest_version": "latest_version"}),
    )

    image_id: str | None = attr()
    """An AMI's id."""
    instance_type: str | None = attr()
    key_name: Link = attr()
    iam_instance_profile: Link = attr()
    """Its name."""
    security_groups: tuple[Link, ...] | None = attr(unordered=True)
    """Of the primary network interface, which is the only one."""
    associate_public_ip_address: bool | None = attr()
    ipv6_address_count: int | None = attr()
    block_device_mappings: tuple[BlockDevice, ...] | None = attr(unordered=True)
    metadata_options: MetadataOptions | None = attr()
    monitoring: bool | None = attr()
    """Detailed monitoring."""
    ebs_optimized: bool | None = attr()
    tenancy: str | None = attr()
    spot_max_price: str | None = attr()
    """Of spot instances; "" for instances on demand."""
    spot_block_duration_minutes: int | None = attr()
    instance_interruption_behavior: str | None = attr()
    """What becomes of spot instances that AWS takes back."""
    cpu_credits: str | None = attr()
    """Of burstable types; "" for the type's own default."""
    user_data: Content = attr(form="script", max_bytes=16384)
    """Plain, not base64."""
    tags: Mapping[str, str] | None = attr()
    """Of the template, and in TagSpecifications of instance, volume and network-interface."""


@dataclass(frozen=True)
class InstanceRequirements:
    """The instance types that a mixed group may use, by what they offer."""

    architecture: str | None = None
    cpu_min: int | None = None
    cpu_max: int | None = None
    memory_min: int | None = None
    """MiB."""
    memory_max: int | None = None
    excluded_instance_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class MixedInstancesPolicy:
    """MixedInstancesPolicy of a group; the launch template is the group's."""

    instance_types: tuple[str, ...] = ()
    """Overrides, in order of preference."""
    instance_requirements: InstanceRequirements | None = None
    on_demand_allocation_strategy: str | None = None
    on_demand_base_capacity: int | None = None
    on_demand_percentage_above_base_capacity: int | None = None
    spot_allocation_strategy: str | None = None
    spot_instance_pools: int | None = None
    spot_max_price: str | None = None


GROUP_METRICS = (
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)
"""What is measured of every group."""
WARM_POOL_METRICS = (
    "WarmPoolMinSize",
    "WarmPoolDesiredCapacity",
    "WarmPoolPendingCapacity",
    "WarmPoolTerminatingCapacity",
    "WarmPoolWarmedCapacity",
    "WarmPoolTotalCapacity",
    "GroupAndWarmPoolDesiredCapacity",
    "GroupAndWarmPoolTotalCapacity",
)
"""What is measured too of a group with a warm pool."""


@dataclass(frozen=True, kw_only=True)
class AutoscalingGroup(Resource):
    """The instances of an instance group, always from the latest version of its launch template.

    Outputs: ``id`` (its name), ``arn``. The desired capacity is nobody's but the autoscaler's.
    """

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        starts_machines=True,
        terraform=TerraformName("aws_autoscaling_group"),
    )

    launch_template: Link = attr()
    """Its id; the version is ``$Latest``."""
    mixed_instances_policy: MixedInstancesPolicy | None = attr()
    min_size: int | None = attr()
    max_size: int | None = attr()
    subnets: tuple[Link, ...] | None = attr(unordered=True)
    """VPCZoneIdentifier."""
    target_groups: tuple[Link, ...] | None = attr(unordered=True)
    """ARNs. Others that are attached are ``TargetGroupAttachment``s."""
    load_balancers: tuple[str, ...] | None = attr(unordered=True)
    """Names of classic load balancers of the user's."""
    enabled_metrics: tuple[str, ...] | None = attr(unordered=True)
    """All with granularity ``1Minute``. Of those left on, only a warm pool's are looked at."""
    suspended_processes: tuple[str, ...] | None = attr(unordered=True)
    new_instances_protected_from_scale_in: bool | None = attr()
    max_instance_lifetime: int | None = attr()
    """Seconds; 0 for none."""
    capacity_rebalance: bool | None = attr()
    tags: Mapping[str, str] | None = attr()
    """Propagated at launch. Keys that are not named are removed."""


WARM_POOL_HOOK = "kops-warmpool"
"""Name of the hook that holds a warm pool's machines back; nodeup ends the wait by this name."""


@dataclass(frozen=True, kw_only=True)
class AutoscalingLifecycleHook(Resource):
    """A pause in the life of instances. No outputs."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        prune=_prune_hook,
        terraform=TerraformName("aws_autoscaling_lifecycle_hook"),
    )

    hook_name: str = ""
    """Its name within its group. With the group, its identity in AWS."""
    auto_scaling_group: Link = attr(replace=True)
    """Its name."""
    lifecycle_transition: str | None = attr(replace=True)
    default_result: str | None = attr()
    heartbeat_timeout: int | None = attr()
    """Seconds."""


@dataclass(frozen=True, kw_only=True)
class TargetGroupAttachment(Resource):
    """A target group that a group's instances are in, though nobody asks for it. No outputs.

    It is never desired, only found. What still sends traffic there would lose it, so it is deleted
    only when pruning.
    """

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        prune=delete_when_pruning,
        terraform=NotInTerraform("never desired"),
    )

    auto_scaling_group: Link = attr(replace=True)
    """Its name."""
    target_group: Link = attr(replace=True)
    """Its ARN."""


@dataclass(frozen=True, kw_only=True)
class WarmPool(Resource):
    """Stopped instances that a group holds ready. Named as its group. No outputs."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        # A pool's machines run no hook that comes after them.
        depends_on=(AutoscalingLifecycleHook,),
        prune=delete_always,
        terraform=NotInTerraform("a block of the auto-scaling group"),
    )

    auto_scaling_group: Link = attr(replace=True)
    min_size: int | None = attr()
    max_group_prepared_capacity: int | None = attr()
    """-1 for the group's maximum."""


KINDS: tuple[type[Resource], ...] = (
    SSHKey,
    LaunchTemplate,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    TargetGroupAttachment,
    WarmPool,
)
