"""Adapter of subnets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.network import Subnet
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SubnetTypeDef


def _observe_subnet(reading: ObservationContext, desired: Sequence[Subnet]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_subnets")
    items = reading.ec2(
        Subnet,
        "subnet-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["Subnets"]],
    )
    pairs = [*matched(desired, items, "SubnetId"), *_untagged_subnets(reading, desired)]
    return [_observed_subnet(*pair) for pair in pairs]


def _untagged_subnets(
    reading: ObservationContext, desired: Sequence[Subnet]
) -> list[tuple[Subnet, SubnetTypeDef]]:
    """Subnets without tags (spec.DisableSubnetTags), identified by their CIDR in the VPC."""
    wanted = {
        (reading.value(each.vpc), each.cidr_block, reading.value(each.ipv6_cidr_block)): each
        for each in desired
        if each.tags is None and not each.shared
    }
    vpcs = sorted({vpc for vpc, _, _ in wanted if vpc})
    if not vpcs:
        return []
    pages = reading.aws.ec2.get_paginator("describe_subnets").paginate(
        Filters=[{"Name": "vpc-id", "Values": vpcs}]
    )
    found = []
    for page in pages:
        for item in page["Subnets"]:
            place = (item["VpcId"], item.get("CidrBlock") or None, next(iter(_ipv6_blocks(item)), None))
            if place in wanted:
                found.append((wanted[place], item))
    return found


def _ipv6_blocks(item: SubnetTypeDef) -> list[str]:
    return [
        each["Ipv6CidrBlock"]
        for each in item.get("Ipv6CidrBlockAssociationSet", [])
        if each.get("Ipv6CidrBlockState", {}).get("State") in {"associating", "associated"}
    ]


def _observed_subnet(desired: Subnet, item: SubnetTypeDef) -> Observed:
    dns = item.get("PrivateDnsNameOptionsOnLaunch", {})
    ipv6 = _ipv6_blocks(item)
    seen = replace(
        desired,
        vpc=item["VpcId"],
        availability_zone=item["AvailabilityZone"],
        cidr_block=item.get("CidrBlock") or None,
        ipv6_cidr_block=ipv6[0] if ipv6 else None,
        ipv6_native=item.get("Ipv6Native", False),
        assign_ipv6_address_on_creation=item.get("AssignIpv6AddressOnCreation", False),
        enable_dns64=item.get("EnableDns64", False),
        private_dns_hostname_type_on_launch=dns.get("HostnameType", "ip-name"),
        enable_resource_name_dns_a_record_on_launch=dns.get("EnableResourceNameDnsARecord", False),
        enable_resource_name_dns_aaaa_record_on_launch=dns.get("EnableResourceNameDnsAAAARecord", False),
        tags=tags_of(item),
    )
    return Observed(seen, item["SubnetId"])


_SUBNET_ATTRIBUTES = {
    "assign_ipv6_address_on_creation": "AssignIpv6AddressOnCreation",
    "private_dns_hostname_type_on_launch": "PrivateDnsHostnameTypeOnLaunch",
    "enable_dns64": "EnableDns64",
    "enable_resource_name_dns_a_record_on_launch": "EnableResourceNameDnsARecordOnLaunch",
    "enable_resource_name_dns_aaaa_record_on_launch": "EnableResourceNameDnsAAAARecordOnLaunch",
}
"""Fields that are set after the subnet exists, in the order of kOps' calls; AWS accepts one a call."""


def _create_subnet(work: CallContext, desired: Subnet) -> Created:
    made = work.aws.ec2.create_subnet(
        VpcId=require_resolved(desired.vpc),
        TagSpecifications=tag_specification("subnet", desired.tags),
        **drop_none(
            AvailabilityZone=desired.availability_zone,
            CidrBlock=desired.cidr_block,
            Ipv6CidrBlock=desired.ipv6_cidr_block,
            Ipv6Native=True if desired.cidr_block is None else None,
        ),
    )
    id_ = made["Subnet"]["SubnetId"]
    _set_subnet_attributes(work, id_, desired, frozenset(_SUBNET_ATTRIBUTES))
    return Created(id_)


def _set_subnet_attributes(work: CallContext, id_: str, desired: Subnet, changed: frozenset[str]) -> None:
    for name, parameter in _SUBNET_ATTRIBUTES.items():
        value = getattr(desired, name)
        if name in changed and value is not None:
            parameters: dict[str, Any] = {parameter: {"Value": value} if isinstance(value, bool) else value}
            work.aws.ec2.modify_subnet_attribute(SubnetId=id_, **parameters)


def _update_subnet(work: CallContext, desired: Subnet, observed: Observed, changed: frozenset[str]) -> None:
    if "ipv6_cidr_block" in changed:
        work.aws.ec2.associate_subnet_cidr_block(
            SubnetId=observed.id, Ipv6CidrBlock=require_resolved(desired.ipv6_cidr_block)
        )
    _set_subnet_attributes(work, observed.id, desired, changed)
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_subnet(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_subnet(SubnetId=observed.id)


ADAPTERS = (
    # Without IPv4 only the IPv6 block identifies it; one that is not listed yet must not be created twice.
    Adapter(
        Subnet, _observe_subnet, _create_subnet, _update_subnet, _delete_subnet, no_idempotency_token=True
    ),
)
