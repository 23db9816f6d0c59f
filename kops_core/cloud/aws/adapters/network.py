"""Adapters of VPCs, and of the address ranges and DHCP options that are associated with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    require_listed,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.network import (
    VPC,
    DHCPOptions,
    VPCAmazonIPv6CIDRBlock,
    VPCCIDRBlock,
    VPCDHCPOptionsAssociation,
)
from kops_core.errors import CreationFailed
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.literals import VpcAttributeNameType
    from mypy_boto3_ec2.type_defs import DhcpOptionsTypeDef, VpcTypeDef


def _vpcs(reading: ObservationContext) -> list[VpcTypeDef]:
    pages = reading.aws.ec2.get_paginator("describe_vpcs")
    return reading.ec2(
        VPC,
        "vpc-id",
        lambda filters: [vpc for page in pages.paginate(Filters=filters) for vpc in page["Vpcs"]],
    )


def _vpc(reading: ObservationContext, id_: str | None) -> VpcTypeDef | None:
    return next((vpc for vpc in _vpcs(reading) if vpc["VpcId"] == id_), None)


def _observe_vpc(reading: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
    return [_observed_vpc(reading, *pair) for pair in matched(desired, _vpcs(reading), "VpcId")]


def _observed_vpc(reading: ObservationContext, desired: VPC, vpc: VpcTypeDef) -> Observed:
    ec2, id_ = reading.aws.ec2, vpc["VpcId"]
    asked: Sequence[VpcAttributeNameType] = ("enableDnsHostnames", "enableDnsSupport")
    names, support = reading.each(lambda each: ec2.describe_vpc_attribute(VpcId=id_, Attribute=each), asked)
    seen = replace(
        desired,
        cidr_block=vpc["CidrBlock"],
        enable_dns_hostnames=names["EnableDnsHostnames"].get("Value"),
        enable_dns_support=support["EnableDnsSupport"].get("Value"),
        tags=tags_of(vpc),
    )
    return _with_block(desired, vpc, Observed(seen, id_))


def _with_block(desired: VPC, vpc: VpcTypeDef, observed: Observed) -> Observed:
    """The VPC with its IPv6 block. The block's own resource waits for it, unless the VPC is shared."""
    block = amazon_block(vpc)
    unready = _block_unready(block) if block else ""
    outputs = {"ipv6_cidr_block": block[1]} if block and not unready else {}
    if vpc.get("State") == "pending":
        unready = "it is pending"
    elif not desired.shared:
        unready = ""
    return replace(observed, outputs=outputs, unready=unready)


def _vpc_ready(work: CallContext, desired: VPC, observed: Observed) -> Observed:
    return _with_block(desired, _vpc_now(work, observed.id), observed)


def _vpc_now(work: CallContext, id_: str) -> VpcTypeDef:
    return require_listed(work.aws.ec2.describe_vpcs(VpcIds=[id_])["Vpcs"], id_)


def _create_vpc(work: CallContext, desired: VPC) -> Created:
    made = work.aws.ec2_once.create_vpc(
        CidrBlock=require_resolved(desired.cidr_block),
        TagSpecifications=tag_specification("vpc", desired.tags),
    )
    id_ = made["Vpc"]["VpcId"]
    _set_vpc_attributes(work, id_, desired)
    return Created(id_)


def _set_vpc_attributes(work: CallContext, id_: str, desired: VPC) -> None:
    # AWS accepts one attribute a call.
    if desired.enable_dns_support is not None:
        work.aws.ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": desired.enable_dns_support})
    if desired.enable_dns_hostnames is not None:
        work.aws.ec2.modify_vpc_attribute(
            VpcId=id_, EnableDnsHostnames={"Value": desired.enable_dns_hostnames}
        )


def _update_vpc(work: CallContext, desired: VPC, observed: Observed, changed: frozenset[str]) -> None:
    if changed & {"enable_dns_support", "enable_dns_hostnames"}:
        _set_vpc_attributes(work, observed.id, desired)
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_vpc(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_vpc(VpcId=observed.id)


def _observe_cidr_block(reading: ObservationContext, desired: Sequence[VPCCIDRBlock]) -> list[Observed]:
    """The additional blocks of a VPC; if we own it, also those that are not desired."""
    wanted = {(reading.value(block.vpc), block.cidr_block): block for block in desired}
    pairs = matched(reading.of(VPC), _vpcs(reading), "VpcId")
    owned = {vpc["VpcId"]: owner.lifecycle for owner, vpc in pairs if not owner.shared}
    found = []
    for vpc in _vpcs(reading):
        id_ = vpc["VpcId"]
        for association in vpc.get("CidrBlockAssociationSet", []):
            cidr, state = association.get("CidrBlock", ""), association.get("CidrBlockState", {}).get("State")
            block = wanted.get((id_, cidr)) if state in {"associating", "associated"} else None
            if block is None and id_ in owned and state == "associated" and cidr != vpc["CidrBlock"]:
                block = VPCCIDRBlock(name=cidr, lifecycle=owned[id_])
            if block is not None:
                seen = replace(block, vpc=id_, cidr_block=cidr)
                unready = "" if state == "associated" else f"it is {state}"
                found.append(Observed(seen, association["AssociationId"], unready=unready))
    return found


def _cidr_block_ready(work: CallContext, desired: VPCCIDRBlock, observed: Observed) -> Observed:
    vpc = _vpc_now(work, require_resolved(desired.vpc))
    for association in vpc.get("CidrBlockAssociationSet", []):
        if association["AssociationId"] == observed.id:
            state = association.get("CidrBlockState", {})
            _expect_association(desired, state.get("State", ""), state.get("StatusMessage", ""))
            unready = "" if state.get("State") == "associated" else f"it is {state.get('State')}"
            return replace(observed, unready=unready)
    return replace(observed, unready="the VPC does not list it yet")


def _expect_association(desired: VPCCIDRBlock | VPCAmazonIPv6CIDRBlock, state: str, message: str) -> None:
    if state in {"failing", "failed"}:
        raise CreationFailed(
            f"AWS failed to associate it: {message or 'it gives no reason'}",
            where=str(desired.key),
            remedy="mend what it names, and apply again",
        )


def _create_cidr_block(work: CallContext, desired: VPCCIDRBlock) -> Created:
    made = work.aws.ec2.associate_vpc_cidr_block(
        VpcId=require_resolved(desired.vpc), CidrBlock=require_resolved(desired.cidr_block)
    )
    return Created(made["CidrBlockAssociation"]["AssociationId"])


def _delete_cidr_block(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.disassociate_vpc_cidr_block(AssociationId=observed.id)


def amazon_block(vpc: VpcTypeDef) -> tuple[str, str, str] | None:
    """Association id, CIDR and state of Amazon's block; the CIDR may be empty until it is associated."""
    alive = [
        each
        for each in vpc.get("Ipv6CidrBlockAssociationSet", [])
        if each.get("Ipv6CidrBlockState", {}).get("State") in {"associating", "associated"}
    ]
    # A shared VPC may have other blocks before it.
    found = min(alive, key=lambda each: each.get("Ipv6Pool", "Amazon") != "Amazon", default=None)
    if found is None:
        return None
    return (
        found["AssociationId"],
        found.get("Ipv6CidrBlock", ""),
        found.get("Ipv6CidrBlockState", {}).get("State", ""),
    )


def _block_unready(block: tuple[str, str, str]) -> str:
    """Why subnets can't use the block yet: AWS refuses them before it is associated."""
    _, cidr, state = block
    return "" if cidr and state == "associated" else f"Amazon's IPv6 block is {state}"


def _observed_block(block: VPCAmazonIPv6CIDRBlock, vpc_id: str, there: tuple[str, str, str]) -> Observed:
    unready = _block_unready(there)
    outputs = {} if unready else {"cidr_block": there[1]}
    return Observed(replace(block, vpc=vpc_id), there[0], outputs, unready)


def _observe_ipv6_block(
    reading: ObservationContext, desired: Sequence[VPCAmazonIPv6CIDRBlock]
) -> list[Observed]:
    found = []
    for block in desired:
        vpc = _vpc(reading, reading.value(block.vpc))
        association = amazon_block(vpc) if vpc else None
        if vpc and association:
            found.append(_observed_block(block, vpc["VpcId"], association))
    return found


def _create_ipv6_block(work: CallContext, desired: VPCAmazonIPv6CIDRBlock) -> Created:
    id_ = require_resolved(desired.vpc)
    association = amazon_block(_vpc_now(work, id_))
    if association is not None:
        return Created(association[0])
    made = work.aws.ec2.associate_vpc_cidr_block(VpcId=id_, AmazonProvidedIpv6CidrBlock=True)
    return Created(made["Ipv6CidrBlockAssociation"]["AssociationId"])


def _ipv6_block_ready(work: CallContext, desired: VPCAmazonIPv6CIDRBlock, observed: Observed) -> Observed:
    vpc = require_resolved(desired.vpc)
    item = _vpc_now(work, vpc)
    for each in item.get("Ipv6CidrBlockAssociationSet", []):
        state = each.get("Ipv6CidrBlockState", {})
        if each["AssociationId"] == observed.id:
            _expect_association(desired, state.get("State", ""), state.get("StatusMessage", ""))
    there = amazon_block(item)
    if there is None:
        return replace(observed, unready="the VPC does not list its IPv6 block yet")
    return _observed_block(desired, vpc, there)


def _observe_dhcp(reading: ObservationContext, desired: Sequence[DHCPOptions]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_dhcp_options")
    items = reading.ec2(
        DHCPOptions,
        "dhcp-options-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["DhcpOptions"]],
    )
    return [_observed_dhcp(*pair) for pair in matched(desired, items, "DhcpOptionsId")]


def _observed_dhcp(desired: DHCPOptions, item: DhcpOptionsTypeDef) -> Observed:
    values = {
        each["Key"]: ",".join(value.get("Value", "") for value in each["Values"])
        for each in item["DhcpConfigurations"]
    }
    seen = replace(
        desired,
        domain_name=values.get("domain-name"),
        domain_name_servers=values.get("domain-name-servers"),
        tags=tags_of(item),
    )
    return Observed(seen, item["DhcpOptionsId"])


def _create_dhcp(work: CallContext, desired: DHCPOptions) -> Created:
    values = {"domain-name-servers": desired.domain_name_servers, "domain-name": desired.domain_name}
    made = work.aws.ec2_once.create_dhcp_options(
        DhcpConfigurations=[
            {"Key": key, "Values": value.split(",")} for key, value in values.items() if value
        ],
        TagSpecifications=tag_specification("dhcp-options", desired.tags),
    )
    return Created(made["DhcpOptions"]["DhcpOptionsId"])


def _update_dhcp(
    work: CallContext, desired: DHCPOptions, observed: Observed, changed: frozenset[str]
) -> None:
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_dhcp(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_dhcp_options(DhcpOptionsId=observed.id)


def _observe_association(
    reading: ObservationContext, desired: Sequence[VPCDHCPOptionsAssociation]
) -> list[Observed]:
    found = []
    for each in desired:
        vpc = _vpc(reading, reading.value(each.vpc))
        if vpc:
            seen = replace(each, vpc=vpc["VpcId"], dhcp_options=vpc.get("DhcpOptionsId"))
            found.append(Observed(seen, vpc["VpcId"]))
    return found


def _associate(work: CallContext, desired: VPCDHCPOptionsAssociation) -> Created:
    vpc = require_resolved(desired.vpc)
    work.aws.ec2.associate_dhcp_options(DhcpOptionsId=require_resolved(desired.dhcp_options), VpcId=vpc)
    return Created(vpc)


def _update_association(
    work: CallContext, desired: VPCDHCPOptionsAssociation, observed: Observed, changed: frozenset[str]
) -> None:
    _associate(work, desired)


def _keep(*_: object) -> None:
    """Does nothing: a block can't change, and one that is being associated is only waited for."""


def _nothing(*_: object) -> None:
    """Does nothing: a DHCP association is deleted with its VPC."""


ADAPTERS = (
    Adapter(
        VPC, _observe_vpc, _create_vpc, _update_vpc, _delete_vpc, ready=_vpc_ready, no_idempotency_token=True
    ),
    Adapter(
        VPCCIDRBlock,
        _observe_cidr_block,
        _create_cidr_block,
        _keep,
        _delete_cidr_block,
        ready=_cidr_block_ready,
        companion_of=VPC,
    ),
    Adapter(
        VPCAmazonIPv6CIDRBlock,
        _observe_ipv6_block,
        _create_ipv6_block,
        _keep,
        _delete_cidr_block,
        ready=_ipv6_block_ready,
    ),
    Adapter(
        DHCPOptions,
        _observe_dhcp,
        _create_dhcp,
        _update_dhcp,
        _delete_dhcp,
        create_before_destroy=True,
        no_idempotency_token=True,
    ),
    Adapter(VPCDHCPOptionsAssociation, _observe_association, _associate, _update_association, _nothing),
)
