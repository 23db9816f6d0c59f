"""Adapters of key pairs and launch templates. An update creates a new default version of a template."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_resolved,
    retag_ec2,
    tag_list,
    tag_specification,
)
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.observation import ObservationContext, tags_of
from kops_core.cloud.aws.resources.groups import TAGGED, BlockDevice, LaunchTemplate, MetadataOptions, SSHKey
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import (
        LaunchTemplateBlockDeviceMappingTypeDef,
        LaunchTemplateTypeDef,
        LaunchTemplateVersionTypeDef,
        ResponseLaunchTemplateDataTypeDef,
    )

_WITH_IOPS = frozenset({"gp3", "io1", "io2"})
"""Volume types for which EC2 accepts IOPS; it refuses them for others."""


def _observe_key(reading: ObservationContext, desired: Sequence[SSHKey]) -> list[Observed]:
    if not desired:
        return []
    wanted = {key.existing_id or key.name: key for key in desired}
    items = reading.aws.ec2.describe_key_pairs(Filters=[{"Name": "key-name", "Values": list(wanted)}])
    return [
        Observed(
            replace(wanted[item["KeyName"]], key_fingerprint=item.get("KeyFingerprint"), tags=tags_of(item)),
            item["KeyName"],
            {"key_pair_id": item["KeyPairId"]},
        )
        for item in items["KeyPairs"]
        if item["KeyName"] in wanted
    ]


def _create_key(work: CallContext, desired: SSHKey) -> Created:
    made = work.aws.ec2.import_key_pair(
        KeyName=desired.name,
        PublicKeyMaterial=require_resolved(desired.public_key_material).encode(),
        TagSpecifications=tag_specification("key-pair", desired.tags or desired.first_tags),
    )
    return Created(desired.name, {"key_pair_id": made["KeyPairId"]})


def _update_key(work: CallContext, desired: SSHKey, observed: Observed, changed: frozenset[str]) -> None:
    retag_ec2(work, observed.outputs["key_pair_id"], desired.tags, observed, whole=True)


def _delete_key(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_key_pair(KeyName=observed.id)


def _observe_template(reading: ObservationContext, desired: Sequence[LaunchTemplate]) -> list[Observed]:
    ec2 = reading.aws.ec2
    pages = ec2.get_paginator("describe_launch_templates").paginate(
        Filters=[{"Name": "tag-key", "Values": [reading.ownership_tag]}]
    )
    templates = [each for page in pages for each in page["LaunchTemplates"]]
    wanted = {each.name: each for each in desired}
    ours = [each for each in templates if each["LaunchTemplateName"] in wanted]
    latest = _latest_versions(reading, ours)
    found = [
        _observed_template(wanted[each["LaunchTemplateName"]], each, latest[each["LaunchTemplateId"]])
        for each in ours
        if each["LaunchTemplateId"] in latest
    ]
    leftovers = [
        Observed(
            LaunchTemplate(name=each["LaunchTemplateName"], tags=tags_of(each)), each["LaunchTemplateId"]
        )
        for each in templates
        if each not in ours and tags_of(each).get("Name") in wanted
    ]
    return found + leftovers


def _latest_versions(
    reading: ObservationContext, templates: Sequence[LaunchTemplateTypeDef]
) -> dict[str, LaunchTemplateVersionTypeDef]:
    if not templates:
        return {}
    pages = reading.aws.ec2.get_paginator("describe_launch_template_versions")
    # Without a template's id, $Latest returns that of all templates.
    several = pages.paginate(Versions=["$Latest"], PaginationConfig={"PageSize": 200})
    found = {each["LaunchTemplateId"]: each for page in several for each in page["LaunchTemplateVersions"]}
    for template in templates:
        if template["LaunchTemplateId"] not in found:
            one = pages.paginate(LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"])
            found |= {
                each["LaunchTemplateId"]: each for page in one for each in page["LaunchTemplateVersions"]
            }
    return found


def _observed_template(
    desired: LaunchTemplate, template: LaunchTemplateTypeDef, latest: LaunchTemplateVersionTypeDef
) -> Observed:
    data = latest["LaunchTemplateData"]
    network: Mapping[str, Any] = next(iter(data.get("NetworkInterfaces", [])), {})
    options = data.get("MetadataOptions", {})
    market = data.get("InstanceMarketOptions", {})
    spot = market.get("SpotOptions", {}) if market.get("MarketType") == "spot" else {}
    seen = replace(
        desired,
        image_id=data.get("ImageId"),
        instance_type=data.get("InstanceType"),
        key_name=data.get("KeyName"),
        iam_instance_profile=data.get("IamInstanceProfile", {}).get("Name"),
        security_groups=tuple(network.get("Groups", [])),
        associate_public_ip_address=network.get("AssociatePublicIpAddress"),
        ipv6_address_count=network.get("Ipv6AddressCount", 0),
        block_device_mappings=tuple(_device(each) for each in data.get("BlockDeviceMappings", [])),
        metadata_options=MetadataOptions(
            http_endpoint=options.get("HttpEndpoint", "enabled"),
            http_tokens=options.get("HttpTokens", "optional"),
            http_put_response_hop_limit=options.get("HttpPutResponseHopLimit", 1),
            http_protocol_ipv6=options.get("HttpProtocolIpv6", "disabled"),
        ),
        monitoring=data.get("Monitoring", {}).get("Enabled", False),
        ebs_optimized=data.get("EbsOptimized", False),
        tenancy=data.get("Placement", {}).get("Tenancy"),
        spot_max_price=spot.get("MaxPrice") or "",
        spot_block_duration_minutes=spot.get("BlockDurationMinutes"),
        instance_interruption_behavior=spot.get("InstanceInterruptionBehavior"),
        cpu_credits=data.get("CreditSpecification", {}).get("CpuCredits") or "",
        user_data=b64decode(data.get("UserData", "")).decode(),
        tags=_tags(desired, data, template),
    )
    return Observed(seen, template["LaunchTemplateId"], {"latest_version": str(latest["VersionNumber"])})


def _tags(
    desired: LaunchTemplate, data: ResponseLaunchTemplateDataTypeDef, template: LaunchTemplateTypeDef
) -> Mapping[str, str]:
    """The tags of the template and of what is launched from it, which are to be the same.

    Where they are not, those that are not as desired: an apply that ended between the two left them.
    """
    own = tags_of(template)
    every = (own, *(tags_of(each) for each in data.get("TagSpecifications", [])))
    return next((tags for tags in every if tags != desired.tags), own)


def _device(item: LaunchTemplateBlockDeviceMappingTypeDef) -> BlockDevice:
    ebs = item.get("Ebs", {})
    return BlockDevice(
        device_name=item["DeviceName"],
        volume_size=ebs.get("VolumeSize"),
        volume_type=ebs.get("VolumeType"),
        iops=ebs.get("Iops"),
        throughput=ebs.get("Throughput"),
        encrypted=ebs.get("Encrypted"),
        kms_key_id=ebs.get("KmsKeyId") or "",
        delete_on_termination=ebs.get("DeleteOnTermination"),
        virtual_name=item.get("VirtualName") or None,
    )


def _mapping(device: BlockDevice) -> dict[str, Any]:
    if device.virtual_name:
        return {"DeviceName": device.device_name, "VirtualName": device.virtual_name}
    ebs = drop_none(
        DeleteOnTermination=device.delete_on_termination,
        Encrypted=device.encrypted,
        Iops=device.iops if device.volume_type in _WITH_IOPS else None,
        KmsKeyId=(device.kms_key_id or None) if device.encrypted else None,
        Throughput=device.throughput if device.volume_type == "gp3" else None,
        VolumeSize=device.volume_size,
        VolumeType=device.volume_type,
    )
    return {"DeviceName": device.device_name, "Ebs": ebs}


def _data(desired: LaunchTemplate) -> dict[str, Any]:
    """LaunchTemplateData with the parameters that kOps gives."""
    options = desired.metadata_options or MetadataOptions()
    network = drop_none(
        AssociatePublicIpAddress=desired.associate_public_ip_address,
        DeleteOnTermination=True,
        DeviceIndex=0,
        Groups=[require_resolved(group) for group in desired.security_groups or ()] or None,
        Ipv6AddressCount=desired.ipv6_address_count,
    )
    tags = tag_list(desired.tags)
    return drop_none(
        BlockDeviceMappings=[_mapping(device) for device in desired.block_device_mappings or ()] or None,
        CreditSpecification={"CpuCredits": desired.cpu_credits} if desired.cpu_credits else None,
        DisableApiTermination=False,
        EbsOptimized=desired.ebs_optimized,
        IamInstanceProfile={"Name": require_resolved(desired.iam_instance_profile)}
        if desired.iam_instance_profile
        else None,
        ImageId=desired.image_id,
        InstanceMarketOptions=_market(desired) if desired.spot_max_price else None,
        InstanceType=desired.instance_type,
        KeyName=desired.key_name,
        MetadataOptions={
            "HttpTokens": options.http_tokens,
            "HttpPutResponseHopLimit": options.http_put_response_hop_limit,
            "HttpProtocolIpv6": options.http_protocol_ipv6,
        },
        Monitoring={"Enabled": bool(desired.monitoring)},
        NetworkInterfaces=[network],
        Placement={"Tenancy": desired.tenancy} if desired.tenancy else None,
        TagSpecifications=[{"ResourceType": kind, "Tags": tags} for kind in TAGGED] if tags else None,
        UserData=b64encode(require_resolved(desired.user_data).encode()).decode()
        if desired.user_data is not None
        else None,
    )


def _market(desired: LaunchTemplate) -> dict[str, Any]:
    options = drop_none(
        BlockDurationMinutes=desired.spot_block_duration_minutes,
        InstanceInterruptionBehavior=desired.instance_interruption_behavior,
        MaxPrice=desired.spot_max_price,
    )
    return {"MarketType": "spot", "SpotOptions": options}


def _create_template(work: CallContext, desired: LaunchTemplate) -> Created:
    data: Any = _data(desired)
    made = work.aws.ec2.create_launch_template(
        LaunchTemplateName=desired.name,
        LaunchTemplateData=data,
        ClientToken=work.token,
        TagSpecifications=tag_specification("launch-template", desired.tags),
    )["LaunchTemplate"]
    return Created(made["LaunchTemplateId"], {"latest_version": str(made["LatestVersionNumber"])})


def _update_template(
    work: CallContext, desired: LaunchTemplate, observed: Observed, changed: frozenset[str]
) -> None:
    data: Any = _data(desired)
    version = work.aws.ec2.create_launch_template_version(
        LaunchTemplateName=desired.name, LaunchTemplateData=data, ClientToken=work.token
    )["LaunchTemplateVersion"]
    work.aws.ec2.modify_launch_template(
        LaunchTemplateId=observed.id, DefaultVersion=str(version["VersionNumber"])
    )
    retag_ec2(work, observed.id, desired.tags, observed, whole=True)


def _delete_template(work: CallContext, observed: Observed) -> None:
    try:
        work.aws.ec2.delete_launch_template(LaunchTemplateId=observed.id)
    except ClientError as error:
        # EC2 has another notation for this one.
        if code_of(error) != "InvalidLaunchTemplateId.NotFoundException":
            raise


ADAPTERS = (
    Adapter(SSHKey, _observe_key, _create_key, _update_key, _delete_key, create_before_destroy=True),
    Adapter(LaunchTemplate, _observe_template, _create_template, _update_template, _delete_template),
)
