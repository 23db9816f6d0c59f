"""Kinds for instances: key pairs, launch templates, auto-scaling groups, with AWS' field names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import Area, NotInTerraform, Phase, Risk, RiskProfile, TerraformName
from kops_core.model.prune_policy import delete_always, delete_when_pruning
from kops_core.model.resource import Disposition, KindSpec, PruneContext, Resource, attr
from kops_core.model.template import Content, Link

TAGGED = ("instance", "volume", "network-interface")
"""Resources of an instance that get its tags, in the order of kOps' calls."""


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
    """Tags of a key pair that the user named: set if it is created here, ignored if it exists."""


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
    """The instance metadata options."""

    http_endpoint: str = "enabled"
    http_tokens: str = "required"
    """``required`` is IMDSv2, ``optional`` allows IMDSv1."""
    http_put_response_hop_limit: int = 1
    http_protocol_ipv6: str = "disabled"


def _prune_template(template: LaunchTemplate, context: PruneContext) -> Disposition:
    """Deletes one with the ``Name`` tag of a desired one: a leftover of an older kOps version."""
    name = str((template.tags or {}).get("Name"))
    return Disposition.DELETE if context.desires("LaunchTemplate", name) else Disposition.RETAIN


def _prune_hook(hook: AutoscalingLifecycleHook, context: PruneContext) -> Disposition:
    return Disposition.DELETE if hook.hook_name == WARM_POOL_HOOK else Disposition.IGNORE


@dataclass(frozen=True, kw_only=True)
class LaunchTemplate(Resource):
    """The launch template of an instance group; a change creates a new default version.

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
    """Security groups of the only network interface."""
    associate_public_ip_address: bool | None = attr()
    ipv6_address_count: int | None = attr()
    block_device_mappings: tuple[BlockDevice, ...] | None = attr(unordered=True)
    metadata_options: MetadataOptions | None = attr()
    monitoring: bool | None = attr()
    """Detailed monitoring."""
    ebs_optimized: bool | None = attr()
    tenancy: str | None = attr()
    spot_max_price: str | None = attr()
    """Maximum price of spot instances; "" for on-demand instances."""
    spot_block_duration_minutes: int | None = attr()
    instance_interruption_behavior: str | None = attr()
    """The behavior of interrupted spot instances."""
    cpu_credits: str | None = attr()
    """CPU credits of burstable types; "" for the type's default."""
    user_data: Content = attr(form="script", max_bytes=16384)
    """Plain, not base64."""
    tags: Mapping[str, str] | None = attr()
    """Tags of the template, and in TagSpecifications of instance, volume and network-interface."""


@dataclass(frozen=True)
class InstanceRequirements:
    """The instance types that a mixed group may use, by their attributes."""

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
"""Metrics of every group."""
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
"""Further metrics of a group with a warm pool."""


@dataclass(frozen=True, kw_only=True)
class AutoscalingGroup(Resource):
    """The instances of an instance group, always from the latest version of its launch template.

    Outputs: ``id`` (its name), ``arn``. The autoscaler sets the desired capacity.
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
    """Enabled with granularity ``1Minute``. Of additional ones, only a warm pool's are compared."""
    suspended_processes: tuple[str, ...] | None = attr(unordered=True)
    new_instances_protected_from_scale_in: bool | None = attr()
    max_instance_lifetime: int | None = attr()
    """Seconds; 0 for none."""
    capacity_rebalance: bool | None = attr()
    tags: Mapping[str, str] | None = attr()
    """Propagated at launch. Other keys are removed."""


WARM_POOL_HOOK = "kops-warmpool"
"""Name of the hook in which machines of a warm pool wait; nodeup completes it by this name."""


@dataclass(frozen=True, kw_only=True)
class AutoscalingLifecycleHook(Resource):
    """A lifecycle hook of a group. No outputs."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        prune=_prune_hook,
        terraform=TerraformName("aws_autoscaling_lifecycle_hook"),
    )

    hook_name: str = ""
    """Its name, which is unique within its group."""
    auto_scaling_group: Link = attr(replace=True)
    """Its name."""
    lifecycle_transition: str | None = attr(replace=True)
    default_result: str | None = attr()
    heartbeat_timeout: int | None = attr()
    """Seconds."""


@dataclass(frozen=True, kw_only=True)
class TargetGroupAttachment(Resource):
    """A target group attached to a group that is not desired. No outputs.

    It is never desired, only observed. Traffic may still arrive through it, so it is deleted only when
    pruning.
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
    """The warm pool of a group, with the group's name. No outputs."""

    spec = KindSpec(
        area=Area.INSTANCE_GROUPS,
        # Machines of a pool skip hooks that are created after them.
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
