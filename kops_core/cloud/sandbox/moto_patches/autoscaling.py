"""Patches of auto-scaling groups and launch templates."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json, add, patch, replace

if TYPE_CHECKING:
    from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState
    from moto.core.responses import ActionResult
    from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion


def user_data_of_later_versions() -> None:
    """Instances launch from any version of a launch template, not from the first alone."""
    from moto.ec2.models.launch_templates import LaunchTemplate
    from moto.ec2.utils import parse_user_data

    def make(original: Callable[..., LaunchTemplateVersion]) -> Callable[..., Json]:
        def create_version(self: LaunchTemplate, data: Json, description: str) -> LaunchTemplateVersion:
            if isinstance(data.get("UserData"), str):
                data = {**data, "UserData": parse_user_data(data["UserData"])}
            return original(self, data, description)

        return create_version

    patch(LaunchTemplate, "create_version", make)


def launch_by_template() -> None:
    """Instances of a group are what their template's version says, spread over the group's subnets.

    They carry the template's instance profile, security groups, metadata options, volumes and
    tags, and the group's version of it rather than the default one.
    """
    from moto.autoscaling.models import ASG_NAME_TAG, FakeAutoScalingGroup, InstanceState

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def launch(self: FakeAutoScalingGroup, count_needed: int, propagated_tags: dict[str, str]) -> None:
            if self.ec2_launch_template is None:
                original(self, count_needed, propagated_tags)
                return
            version = self.ec2_launch_template.get_version(self.launch_template_version)
            tags = {**propagated_tags, ASG_NAME_TAG: self.name}
            for _ in range(count_needed):
                instance = _run_instance(self, version, tags)
                instance.autoscaling_group = self
                protected = self.new_instances_protected_from_scale_in
                self.instance_states.append(InstanceState(instance, protected_from_scale_in=protected))

        return launch

    patch(FakeAutoScalingGroup, "replace_autoscaling_group_instances", make)


def _run_instance(group: FakeAutoScalingGroup, version: LaunchTemplateVersion, tags: dict[str, str]) -> Json:
    data: Json = version.data
    specifications = {spec["ResourceType"]: spec["Tags"] for spec in data.get("TagSpecifications", [])}
    volume_tags = {tag["Key"]: tag["Value"] for tag in specifications.get("volume", [])}
    subnet = _emptiest_subnet(group)
    placement: Json = {"subnet_id": subnet} if subnet else {"placement": group.availability_zones[0]}
    interfaces = data.get("NetworkInterfaces") or [{"DeviceIndex": 0}]
    nics = [{"DeleteOnTermination": True, **nic} for nic in interfaces]
    overrides = (group.mixed_instances_policy or {}).get("LaunchTemplate", {}).get("Overrides") or [{}]
    distribution = (group.mixed_instances_policy or {}).get("InstancesDistribution", {})
    is_spot = "InstanceMarketOptions" in data or (
        int(distribution.get("OnDemandPercentageAboveBaseCapacity", 100)) == 0
        and int(distribution.get("OnDemandBaseCapacity", 0)) == 0
    )
    optional: Json = {}
    # The emulator supports volumes only; instance store (a VirtualName) is part of the machine.
    volumes = [each for each in data.get("BlockDeviceMappings", []) if "Ebs" in each]
    if volumes:
        optional["block_device_mappings"] = [_plain_volume(each) for each in volumes]
    if nics[0].get("Ipv6AddressCount"):
        optional["ipv6_address_count"] = int(nics[0]["Ipv6AddressCount"])
    if is_spot:
        optional["instance_market_options"] = "spot"
    backend: Json = group.ec2_backend
    instance = backend.run_instances(
        version.image_id,
        1,
        version.user_data,
        [],
        instance_type=overrides[0].get("InstanceType") or version.instance_type,
        is_instance_type_default=False,
        key_name=data.get("KeyName"),
        nics=nics,
        security_group_ids=list(data.get("SecurityGroupIds", [])),
        metadata_options=data.get("MetadataOptions", {}),
        tags={"instance": tags, "volume": volume_tags},
        launch_template={"LaunchTemplateId": version.template.id, "Version": str(version.number)},
        **placement,
        **optional,
    ).instances[0]
    for each in volumes:
        attached = instance.block_device_mapping.get(each["DeviceName"])
        if attached is not None:
            volume = backend.volumes[attached.volume_id]
            volume.volume_type = each["Ebs"].get("VolumeType", volume.volume_type)
            volume.iops = each["Ebs"].get("Iops", volume.iops)
            volume.throughput = each["Ebs"].get("Throughput", volume.throughput)
    profile = data.get("IamInstanceProfile", {})
    if profile:
        backend.associate_iam_instance_profile(
            instance_id=instance.id,
            iam_instance_profile_name=profile.get("Name"),
            iam_instance_profile_arn=profile.get("Arn"),
        )
    return instance


def _plain_volume(mapping: Json) -> Json:
    """The emulator drops IOPS, and refuses the types that need them: these are set after."""
    return {**mapping, "Ebs": {name: value for name, value in mapping["Ebs"].items() if name != "VolumeType"}}


def _emptiest_subnet(group: FakeAutoScalingGroup) -> str | None:
    subnets = (group.vpc_zone_identifier or "").split(",")
    taken = [state.instance.subnet_id for state in group.instance_states]
    return min(subnets, key=taken.count) or None


def version_that_an_instance_was_launched_from() -> None:
    """DescribeAutoScalingGroups says for each instance which version it runs, whatever the default is now."""
    from moto.autoscaling.models import InstanceState

    def launch_template(state: InstanceState) -> dict[str, str] | None:
        tags = {tag["key"]: tag["value"] for tag in state.instance.get_tags()}
        template = tags.get("aws:ec2launchtemplate:id")
        if template is None:
            return None
        known = state.instance.ec2_backend.launch_templates.get(template)
        return {
            "LaunchTemplateId": template,
            "LaunchTemplateName": known.name if known else "",
            "Version": tags["aws:ec2launchtemplate:version"],
        }

    replace(InstanceState, "launch_template", property(launch_template))


def mixed_instances_policies() -> None:
    """A group with a mixed-instances policy has no launch template of its own, and an update that
    does not mention the policy keeps it."""
    from moto.autoscaling.models import FakeAutoScalingGroup

    def launch_template(group: FakeAutoScalingGroup) -> dict[str, str | None] | None:
        if group.ec2_launch_template is None or group.mixed_instances_policy:
            return None
        return {
            "LaunchTemplateId": group.ec2_launch_template.id,
            "LaunchTemplateName": group.ec2_launch_template.name,
            "Version": group.provided_launch_template_version,
        }

    def kept(group: FakeAutoScalingGroup) -> Json:
        policy: Json = copy.deepcopy(group.mixed_instances_policy)
        if policy:  # the emulator accepts a template by id or by name, not by both
            del policy["LaunchTemplate"]["LaunchTemplateSpecification"]["LaunchTemplateName"]
        return policy

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def update(self: FakeAutoScalingGroup, **changes: Json) -> None:
            if not changes.get("launch_template") and not changes.get("launch_config_name"):
                changes["mixed_instances_policy"] = changes.get("mixed_instances_policy") or kept(self)
            original(self, **changes)

        return update

    replace(FakeAutoScalingGroup, "launch_template", property(launch_template))
    patch(FakeAutoScalingGroup, "update", make)


def names_of_groups() -> None:
    """A group is created once (AlreadyExists), and one with instances is deleted only by force."""
    from moto.autoscaling.exceptions import AutoscalingClientError
    from moto.autoscaling.models import AutoScalingBackend
    from moto.autoscaling.responses import AutoScalingResponse

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create(self: AutoScalingBackend, **request: Json) -> Json:
            if request["name"] in self.autoscaling_groups:
                raise AutoscalingClientError(
                    "AlreadyExists", f"AutoScalingGroup by this name already exists: {request['name']}"
                )
            return original(self, **request)

        return create

    def make_delete(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def delete_auto_scaling_group(self: Json) -> ActionResult:
            group = self.autoscaling_backend.autoscaling_groups.get(self._get_param("AutoScalingGroupName"))
            if group and group.instance_states and not self._get_bool_param("ForceDelete", False):
                raise AutoscalingClientError(
                    "ResourceInUse", "You cannot delete an AutoScalingGroup while there are instances in it."
                )
            return original(self)

        return delete_auto_scaling_group

    patch(AutoScalingBackend, "create_auto_scaling_group", make_create)
    patch(AutoScalingResponse, "delete_auto_scaling_group", make_delete)


def warm_pool_of_no_group() -> None:
    """DescribeWarmPool of a group that does not exist is a ValidationError, not a server error."""
    from moto.autoscaling.exceptions import ValidationError
    from moto.autoscaling.models import AutoScalingBackend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def on_warm_pool(self: AutoScalingBackend, group_name: str, **request: Json) -> Json:
            if group_name not in self.autoscaling_groups:
                raise ValidationError(f"AutoScalingGroup name not found - no such group: {group_name}")
            return original(self, group_name, **request)

        return on_warm_pool

    for name in ("describe_warm_pool", "put_warm_pool", "delete_warm_pool"):
        patch(AutoScalingBackend, name, make)


def settings_of_groups() -> None:
    """Creating or updating a group sets its lifetime, cooldown, warm-up and termination policies too."""
    from moto.autoscaling.models import FakeAutoScalingGroup
    from moto.autoscaling.responses import AutoScalingResponse

    attributes = {
        "CapacityRebalance": "capacity_rebalance",
        "DefaultCooldown": "default_cooldown",
        "DefaultInstanceWarmup": "default_instance_warmup",
        "MaxInstanceLifetime": "max_instance_lifetime",
        "TerminationPolicies": "termination_policies",
    }

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def create_or_update(self: Json) -> ActionResult:
            result = original(self)
            group = self.autoscaling_backend.autoscaling_groups[self._get_param("AutoScalingGroupName")]
            for parameter, attribute in attributes.items():
                if (value := self._get_param(parameter)) is not None:
                    setattr(group, attribute, value)
            return result

        return create_or_update

    for attribute in ("default_instance_warmup", "max_instance_lifetime"):
        setattr(FakeAutoScalingGroup, attribute, None)
    for name in ("create_auto_scaling_group", "update_auto_scaling_group"):
        patch(AutoScalingResponse, name, make)


def targets_of_replaced_instances() -> None:
    """An instance that replaces a terminated one is registered with the group's target groups."""
    from moto.autoscaling.models import AutoScalingBackend

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def notify_terminate_instances(self: AutoScalingBackend, instance_ids: list[str]) -> None:
            original(self, instance_ids)
            for name in self.autoscaling_groups:
                self.update_attached_target_groups(name)

        return notify_terminate_instances

    patch(AutoScalingBackend, "notify_terminate_instances", make)


def metrics_of_groups() -> None:
    """Enabling metrics leaves those on that are on already, and they can be disabled again."""
    from moto.autoscaling.models import FakeAutoScalingGroup
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import EmptyResult

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def enable(self: FakeAutoScalingGroup, metrics: list[str]) -> None:
            original(self, list(dict.fromkeys([*self.metrics, *(metrics or [])])))

        return enable

    def disable(self: AutoScalingResponse) -> ActionResult:
        names = [self._get_param("AutoScalingGroupName")]
        group = self.autoscaling_backend.describe_auto_scaling_groups(names)[0]
        gone = self._get_param("Metrics") or list(group.metrics)
        group.metrics = [each for each in group.metrics if each not in gone]
        return EmptyResult()

    patch(FakeAutoScalingGroup, "enable_metrics_collection", make)
    add(AutoScalingResponse, "disable_metrics_collection", disable)
