"""Adapters of gateways and elastic addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    require_listed,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.errors import absent, code_of
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.network import (
    EgressOnlyInternetGateway,
    ElasticIP,
    InternetGateway,
    NatGateway,
)
from kops_core.errors import CreationFailed
from kops_core.model.resource import Resource
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import EgressOnlyInternetGatewayTypeDef, FilterTypeDef, NatGatewayTypeDef

    from kops_core.cloud.aws.session import AwsSession


_NAT_TAG = "AssociatedNatgateway"
"""Tag by which kOps finds a NAT gateway: on its subnet, or on the route table to a shared one.
"""


def _attached_to(item: Mapping[str, Any]) -> str | None:
    return next((each.get("VpcId") for each in item.get("Attachments", [])), None)


def _observe_gateway(reading: ObservationContext, desired: Sequence[InternetGateway]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_internet_gateways")
    found = []
    for gateway in desired:
        vpc = reading.value(gateway.vpc)
        items = reading.ec2(
            InternetGateway,
            "internet-gateway-id",
            lambda filters: [
                each for page in pages.paginate(Filters=filters) for each in page["InternetGateways"]
            ],
        )
        if gateway.shared and not gateway.existing_id:
            if vpc is None:
                continue
            there = pages.paginate(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
            pairs = [(gateway, each) for page in there for each in page["InternetGateways"]]
        else:
            pairs = list(matched([gateway], items, "InternetGatewayId"))
        for wanted, item in pairs:
            seen = replace(wanted, vpc=_attached_to(item), tags=tags_of(item))
            found.append(Observed(seen, item["InternetGatewayId"]))
    return found


def _create_gateway(work: CallContext, desired: InternetGateway) -> Created:
    made = work.aws.ec2_once.create_internet_gateway(
        TagSpecifications=tag_specification("internet-gateway", desired.tags)
    )
    id_ = made["InternetGateway"]["InternetGatewayId"]
    _attach(work, id_, require_resolved(desired.vpc))
    return Created(id_)


def _attach(work: CallContext, id_: str, vpc: str) -> None:
    try:
        work.aws.ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)
    except ClientError as error:
        # The SDK retried after a lost response.
        if code_of(error) != "Resource.AlreadyAssociated":
            raise
        there = work.aws.ec2.describe_internet_gateways(InternetGatewayIds=[id_])["InternetGateways"]
        if not any(_attached_to(each) == vpc for each in there):
            raise


def _update_gateway(
    work: CallContext, desired: InternetGateway, observed: Observed, changed: frozenset[str]
) -> None:
    attached = getattr(observed.resource, "vpc", None)
    if attached is None and not desired.shared:
        _attach(work, observed.id, require_resolved(desired.vpc))
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_gateway(work: CallContext, observed: Observed) -> None:
    attached = getattr(observed.resource, "vpc", None)
    if attached:
        try:
            work.aws.ec2.detach_internet_gateway(InternetGatewayId=observed.id, VpcId=attached)
        except ClientError as error:
            # An earlier attempt, or a retry of the SDK, has detached it.
            if code_of(error) != "Gateway.NotAttached":
                raise
    work.aws.ec2.delete_internet_gateway(InternetGatewayId=observed.id)


def _observe_egress(
    reading: ObservationContext, desired: Sequence[EgressOnlyInternetGateway]
) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_egress_only_internet_gateways")
    found = []
    for gateway in desired:
        vpc = reading.value(gateway.vpc)
        # AWS can filter them by tag only, not by id or VPC.
        if gateway.existing_id:
            pairs = [(gateway, each) for each in _egress_by_id(reading.aws, gateway.existing_id)]
        elif gateway.shared:
            items = [each for page in pages.paginate() for each in page["EgressOnlyInternetGateways"]]
            pairs = [(gateway, each) for each in items if _attached_to(each) == vpc]
        else:
            tagged: Any = pages.paginate(Filters=[{"Name": "tag-key", "Values": [reading.ownership_tag]}])
            items = [each for page in tagged for each in page["EgressOnlyInternetGateways"]]
            pairs = list(matched([gateway], items, "EgressOnlyInternetGatewayId"))
        for wanted, item in pairs:
            seen = replace(wanted, vpc=_attached_to(item), tags=tags_of(item))
            found.append(Observed(seen, item["EgressOnlyInternetGatewayId"]))
    return found


def _egress_by_id(aws: AwsSession, id_: str) -> list[EgressOnlyInternetGatewayTypeDef]:
    try:
        answer = aws.ec2.describe_egress_only_internet_gateways(EgressOnlyInternetGatewayIds=[id_])
    except ClientError as error:
        if absent(error):
            return []
        raise
    return answer["EgressOnlyInternetGateways"]


def _create_egress(work: CallContext, desired: EgressOnlyInternetGateway) -> Created:
    made = work.aws.ec2.create_egress_only_internet_gateway(
        VpcId=require_resolved(desired.vpc),
        ClientToken=work.token,
        TagSpecifications=tag_specification("egress-only-internet-gateway", desired.tags),
    )
    return Created(made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"])


def _retag(work: CallContext, desired: Resource, observed: Observed, changed: frozenset[str]) -> None:
    retag_ec2(work, observed.id, getattr(desired, "tags", None), observed)


def _delete_egress(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=observed.id)


def _observe_address(reading: ObservationContext, desired: Sequence[ElasticIP]) -> list[Observed]:
    items = reading.ec2(
        ElasticIP,
        "allocation-id",
        lambda filters: reading.aws.ec2.describe_addresses(Filters=filters)["Addresses"],
    )
    # One that the spec names by its address has a tag of the cluster, too, once it was applied.
    by_address = {
        each.public_ip: each for each in desired if each.shared and each.public_ip and not each.existing_id
    }
    others = [each for each in desired if each.public_ip not in by_address]
    pairs = [*matched(others, items, "AllocationId")]
    if by_address:
        filters: list[FilterTypeDef] = [{"Name": "public-ip", "Values": sorted(filter(None, by_address))}]
        named = reading.aws.ec2.describe_addresses(Filters=filters)["Addresses"]
        pairs += [(by_address[item["PublicIp"]], item) for item in named]
    return [
        Observed(
            replace(wanted, public_ip=item["PublicIp"], tags=tags_of(item)),
            item["AllocationId"],
            {"public_ip": item["PublicIp"]},
        )
        for wanted, item in pairs
    ]


def _create_address(work: CallContext, desired: ElasticIP) -> Created:
    made = work.aws.ec2_once.allocate_address(
        Domain="vpc", TagSpecifications=tag_specification("elastic-ip", desired.tags)
    )
    return Created(made["AllocationId"], {"public_ip": made["PublicIp"]})


def _delete_address(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.release_address(AllocationId=observed.id)


def _observe_nat(reading: ObservationContext, desired: Sequence[NatGateway]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_nat_gateways")
    items = reading.ec2(
        NatGateway,
        "nat-gateway-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["NatGateways"]],
    )
    alive = [each for each in items if each["State"] in {"pending", "available"}]
    return [_observed_nat(reading, *pair) for pair in matched(desired, alive, "NatGatewayId")]


def _observed_nat(reading: ObservationContext, desired: NatGateway, item: NatGatewayTypeDef) -> Observed:
    table = reading.value(desired.marked_route_table)
    addresses = item.get("NatGatewayAddresses", [])
    seen = replace(
        desired,
        elastic_ip=next((each.get("AllocationId") for each in addresses), None),
        subnet=item["SubnetId"],
        marked_route_table=table if _marked(reading, table) == item["NatGatewayId"] else None,
        tags=tags_of(item),
    )
    return Observed(seen, item["NatGatewayId"], unready=_nat_unready(item))


def _nat_unready(item: NatGatewayTypeDef) -> str:
    return "" if item["State"] == "available" else f"it is {item['State']}"


def _nat_ready(work: CallContext, desired: NatGateway, observed: Observed) -> Observed:
    answer = work.aws.ec2.describe_nat_gateways(NatGatewayIds=[observed.id])
    item = require_listed(answer["NatGateways"], observed.id)
    if item["State"] in {"failed", "deleting", "deleted"}:
        why = item.get("FailureMessage") or "AWS gives no reason"
        code = item.get("FailureCode", "")
        raise CreationFailed(
            f"NAT gateway {observed.id} is {item['State']}: {why}" + (f" ({code})" if code else ""),
            where=str(desired.key),
            code=code,
            remedy="mend what it names, and apply again: another one is made",
        )
    return replace(observed, unready=_nat_unready(item))


def _marked(reading: ObservationContext, table: str | None) -> str | None:
    """The user's NAT gateway that the tag of a route table names."""
    if table is None:
        return None
    (found,) = reading.aws.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    return tags_of(found).get(_NAT_TAG)


def _create_nat(work: CallContext, desired: NatGateway) -> Created:
    subnet = require_resolved(desired.subnet)
    made = work.aws.ec2.create_nat_gateway(
        AllocationId=require_resolved(desired.elastic_ip),
        SubnetId=subnet,
        ClientToken=work.token,
        TagSpecifications=tag_specification("natgateway", desired.tags),
    )
    id_ = made["NatGateway"]["NatGatewayId"]
    _mark(work, subnet, id_)
    return Created(id_)


def _mark(work: CallContext, resource: str, nat_gateway: str) -> None:
    work.aws.ec2.create_tags(Resources=[resource], Tags=[{"Key": _NAT_TAG, "Value": nat_gateway}])


def _update_nat(work: CallContext, desired: NatGateway, observed: Observed, changed: frozenset[str]) -> None:
    if "marked_route_table" in changed:
        _mark(work, require_resolved(desired.marked_route_table), observed.id)
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_nat(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_nat_gateway(NatGatewayId=observed.id)


ADAPTERS = (
    Adapter(
        InternetGateway,
        _observe_gateway,
        _create_gateway,
        _update_gateway,
        _delete_gateway,
        no_idempotency_token=True,
    ),
    Adapter(EgressOnlyInternetGateway, _observe_egress, _create_egress, _retag, _delete_egress),
    Adapter(ElasticIP, _observe_address, _create_address, _retag, _delete_address, no_idempotency_token=True),
    Adapter(
        NatGateway,
        _observe_nat,
        _create_nat,
        _update_nat,
        _delete_nat,
        ready=_nat_ready,
        create_before_destroy=True,
    ),
)
