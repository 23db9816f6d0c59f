"""Ways in and out of a VPC: gateways, addresses, route tables and routes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    Made,
    Work,
    given,
    known,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.reading import Reading, matched, tags_of
from kops_core.errors import NotReady
from kops_core.model.kinds import (
    EgressOnlyInternetGateway,
    ElasticIP,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
)
from kops_core.model.resource import Resource
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import NatGatewayTypeDef, RouteTableTypeDef

_ROLE_TAG = "kubernetes.io/kops/role"
"""Tag by which kOps tells route tables apart."""


def _attached_to(item: Mapping[str, Any]) -> str | None:
    return next((each.get("VpcId") for each in item.get("Attachments", [])), None)


def _observe_gateway(reading: Reading, desired: Sequence[InternetGateway]) -> list[Observed]:
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


def _create_gateway(work: Work, desired: InternetGateway) -> Made:
    made = work.aws.ec2_once.create_internet_gateway(
        TagSpecifications=tag_specification("internet-gateway", desired.tags)
    )
    id_ = made["InternetGateway"]["InternetGatewayId"]
    _attach(work, id_, known(desired.vpc))
    return Made(id_)


def _attach(work: Work, id_: str, vpc: str) -> None:
    try:
        work.aws.ec2.attach_internet_gateway(InternetGatewayId=id_, VpcId=vpc)
    except ClientError as error:
        # The SDK asked again after the answer was lost.
        if code_of(error) != "Resource.AlreadyAssociated":
            raise
        there = work.aws.ec2.describe_internet_gateways(InternetGatewayIds=[id_])["InternetGateways"]
        if not any(_attached_to(each) == vpc for each in there):
            raise


def _update_gateway(
    work: Work, desired: InternetGateway, observed: Observed, changed: frozenset[str]
) -> None:
    attached = getattr(observed.resource, "vpc", None)
    if attached is None and not desired.shared:
        _attach(work, observed.id, known(desired.vpc))
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_gateway(work: Work, observed: Observed) -> None:
    attached = getattr(observed.resource, "vpc", None)
    if attached:
        work.aws.ec2.detach_internet_gateway(InternetGatewayId=observed.id, VpcId=attached)
    work.aws.ec2.delete_internet_gateway(InternetGatewayId=observed.id)


def _observe_egress(reading: Reading, desired: Sequence[EgressOnlyInternetGateway]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_egress_only_internet_gateways")
    found = []
    for gateway in desired:
        vpc = reading.value(gateway.vpc)
        if gateway.shared:
            # It has no filter for its VPC.
            items = [each for page in pages.paginate() for each in page["EgressOnlyInternetGateways"]]
            pairs = [(gateway, each) for each in items if _attached_to(each) == vpc]
        else:
            items = reading.ec2(
                EgressOnlyInternetGateway,
                "egress-only-internet-gateway-id",
                lambda filters: [
                    each
                    for page in pages.paginate(Filters=filters)
                    for each in page["EgressOnlyInternetGateways"]
                ],
            )
            pairs = list(matched([gateway], items, "EgressOnlyInternetGatewayId"))
        for wanted, item in pairs:
            seen = replace(wanted, vpc=_attached_to(item), tags=tags_of(item))
            found.append(Observed(seen, item["EgressOnlyInternetGatewayId"]))
    return found


def _create_egress(work: Work, desired: EgressOnlyInternetGateway) -> Made:
    made = work.aws.ec2.create_egress_only_internet_gateway(
        VpcId=known(desired.vpc),
        ClientToken=work.token,
        TagSpecifications=tag_specification("egress-only-internet-gateway", desired.tags),
    )
    return Made(made["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"])


def _retag(work: Work, desired: Resource, observed: Observed, changed: frozenset[str]) -> None:
    retag_ec2(work, observed.id, getattr(desired, "tags", None), observed)


def _delete_egress(work: Work, observed: Observed) -> None:
    work.aws.ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=observed.id)


def _observe_address(reading: Reading, desired: Sequence[ElasticIP]) -> list[Observed]:
    items = reading.ec2(
        ElasticIP,
        "allocation-id",
        lambda filters: reading.aws.ec2.describe_addresses(Filters=filters)["Addresses"],
    )
    named = [each.public_ip for each in desired if each.shared and each.public_ip and not each.existing_id]
    if named:
        items = (
            items
            + reading.aws.ec2.describe_addresses(
                Filters=[{"Name": "public-ip", "Values": [ip for ip in named if ip]}]
            )["Addresses"]
        )
    pairs = [
        *matched(desired, items, "AllocationId"),
        *(
            (each, item)
            for each in desired
            for item in items
            if each.shared and not each.existing_id and item["PublicIp"] == each.public_ip
        ),
    ]
    return [
        Observed(
            replace(wanted, public_ip=item["PublicIp"], tags=tags_of(item)),
            item["AllocationId"],
            {"public_ip": item["PublicIp"]},
        )
        for wanted, item in pairs
    ]


def _create_address(work: Work, desired: ElasticIP) -> Made:
    made = work.aws.ec2_once.allocate_address(
        Domain="vpc", TagSpecifications=tag_specification("elastic-ip", desired.tags)
    )
    return Made(made["AllocationId"], {"public_ip": made["PublicIp"]})


def _delete_address(work: Work, observed: Observed) -> None:
    work.aws.ec2.release_address(AllocationId=observed.id)


def _observe_nat(reading: Reading, desired: Sequence[NatGateway]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_nat_gateways")
    items = reading.ec2(
        NatGateway,
        "nat-gateway-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["NatGateways"]],
    )
    alive = [each for each in items if each["State"] in {"pending", "available"}]
    return [_observed_nat(*pair) for pair in matched(desired, alive, "NatGatewayId")]


def _observed_nat(desired: NatGateway, item: NatGatewayTypeDef) -> Observed:
    addresses = item.get("NatGatewayAddresses", [])
    seen = replace(
        desired,
        elastic_ip=next((each.get("AllocationId") for each in addresses), None),
        subnet=item["SubnetId"],
        tags=tags_of(item),
    )
    return Observed(seen, item["NatGatewayId"])


def _create_nat(work: Work, desired: NatGateway) -> Made:
    subnet = known(desired.subnet)
    made = work.aws.ec2.create_nat_gateway(
        AllocationId=known(desired.elastic_ip),
        SubnetId=subnet,
        ClientToken=work.token,
        TagSpecifications=tag_specification("natgateway", desired.tags),
    )
    id_ = made["NatGateway"]["NatGatewayId"]
    # Later commands of kOps find a NAT gateway by this tag of its subnet.
    work.aws.ec2.create_tags(Resources=[subnet], Tags=[{"Key": "AssociatedNatgateway", "Value": id_}])
    return Made(id_)


def _delete_nat(work: Work, observed: Observed) -> None:
    work.aws.ec2.delete_nat_gateway(NatGatewayId=observed.id)


def _tables(reading: Reading) -> list[RouteTableTypeDef]:
    pages = reading.aws.ec2.get_paginator("describe_route_tables")
    return reading.ec2(
        RouteTable,
        "route-table-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["RouteTables"]],
    )


def _table(reading: Reading, id_: str | None) -> RouteTableTypeDef | None:
    return next((each for each in _tables(reading) if each["RouteTableId"] == id_), None)


def _observe_table(reading: Reading, desired: Sequence[RouteTable]) -> list[Observed]:
    found = []
    for table in desired:
        role = (table.tags or {}).get(_ROLE_TAG)
        by_role = [each for each in _tables(reading) if role and tags_of(each).get(_ROLE_TAG) == role]
        if by_role and not table.existing_id:
            pairs = [(table, each) for each in by_role]
        else:
            pairs = list(matched([table], _tables(reading), "RouteTableId"))
        found += [
            Observed(replace(wanted, vpc=item["VpcId"], tags=tags_of(item)), item["RouteTableId"])
            for wanted, item in pairs
        ]
    return found


def _create_table(work: Work, desired: RouteTable) -> Made:
    made = work.aws.ec2.create_route_table(
        VpcId=known(desired.vpc),
        ClientToken=work.token,
        TagSpecifications=tag_specification("route-table", desired.tags),
    )
    return Made(made["RouteTable"]["RouteTableId"])


def _delete_table(work: Work, observed: Observed) -> None:
    work.aws.ec2.delete_route_table(RouteTableId=observed.id)


def _observe_association(reading: Reading, desired: Sequence[RouteTableAssociation]) -> list[Observed]:
    found = []
    for wanted in desired:
        subnet = reading.value(wanted.subnet)
        for table in _tables(reading):
            for each in table.get("Associations", []):
                if subnet and each.get("SubnetId") == subnet:
                    seen = replace(wanted, route_table=table["RouteTableId"], subnet=subnet)
                    found.append(Observed(seen, each["RouteTableAssociationId"]))
    return found


def _associate(work: Work, desired: RouteTableAssociation) -> Made:
    table, subnet = known(desired.route_table), known(desired.subnet)
    try:
        made = work.aws.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    except ClientError as error:
        if code_of(error) != "Resource.AlreadyAssociated":
            raise
        # The subnet has a table that is not ours (observation sees ours only): take its place.
        pages = work.aws.ec2.get_paginator("describe_route_tables").paginate(
            Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
        )
        there = next(
            each["RouteTableAssociationId"]
            for page in pages
            for other in page["RouteTables"]
            for each in other["Associations"]
            if each.get("SubnetId") == subnet
        )
        moved = work.aws.ec2.replace_route_table_association(AssociationId=there, RouteTableId=table)
        return Made(moved["NewAssociationId"])
    return Made(made["AssociationId"])


def _move(work: Work, desired: RouteTableAssociation, observed: Observed, changed: frozenset[str]) -> None:
    work.aws.ec2.replace_route_table_association(
        AssociationId=observed.id, RouteTableId=known(desired.route_table)
    )


def _disassociate(work: Work, observed: Observed) -> None:
    work.aws.ec2.disassociate_route_table(AssociationId=observed.id)


_TARGETS = {
    "gateway": "GatewayId",
    "nat_gateway": "NatGatewayId",
    "egress_only_internet_gateway": "EgressOnlyInternetGatewayId",
    "transit_gateway": "TransitGatewayId",
    "instance": "InstanceId",
    "vpc_peering_connection": "VpcPeeringConnectionId",
}


def _observe_route(reading: Reading, desired: Sequence[Route]) -> list[Observed]:
    found = []
    for wanted in desired:
        table = _table(reading, reading.value(wanted.route_table))
        for item in table["Routes"] if table else []:
            destination = (item.get("DestinationCidrBlock"), item.get("DestinationIpv6CidrBlock"))
            if destination == (wanted.destination_cidr_block, wanted.destination_ipv6_cidr_block):
                targets: dict[str, Any] = {name: item.get(key) for name, key in _TARGETS.items()}
                seen = replace(wanted, route_table=table["RouteTableId"] if table else None, **targets)
                found.append(Observed(seen, _route_id(seen)))
    return found


def _route(desired: Route) -> dict[str, Any]:
    return given(
        RouteTableId=known(desired.route_table),
        DestinationCidrBlock=desired.destination_cidr_block,
        DestinationIpv6CidrBlock=desired.destination_ipv6_cidr_block,
        **{parameter: getattr(desired, name) for name, parameter in _TARGETS.items()},
    )


def _create_route(work: Work, desired: Route) -> Made:
    if desired.nat_gateway is not None:
        _expect_available(work, known(desired.nat_gateway))
    parameters = _route(desired)
    try:
        work.aws.ec2.create_route(**parameters)
    except ClientError as error:
        if code_of(error) != "RouteAlreadyExists":
            raise
        work.aws.ec2.replace_route(**parameters)
    return Made(_route_id(desired))


def _route_id(route: Route) -> str:
    """AWS gives routes no id: the table and the destination are one."""
    return f"{route.route_table}|{route.destination_cidr_block or route.destination_ipv6_cidr_block}"


def _expect_available(work: Work, nat_gateway: str) -> None:
    # A route to a pending NAT gateway is accepted, but a failed one would leave a black hole.
    state = work.aws.ec2.describe_nat_gateways(NatGatewayIds=[nat_gateway])["NatGateways"][0]["State"]
    if state != "available":
        raise NotReady(f"NAT gateway {nat_gateway} is {state}")


def _update_route(work: Work, desired: Route, observed: Observed, changed: frozenset[str]) -> None:
    work.aws.ec2.replace_route(**_route(desired))


def _delete_route(work: Work, observed: Observed) -> None:
    seen = observed.resource
    if isinstance(seen, Route):
        work.aws.ec2.delete_route(
            **given(
                RouteTableId=known(seen.route_table),
                DestinationCidrBlock=seen.destination_cidr_block,
                DestinationIpv6CidrBlock=seen.destination_ipv6_cidr_block,
            )
        )


ADAPTERS = (
    Adapter(
        InternetGateway,
        _observe_gateway,
        _create_gateway,
        _update_gateway,
        _delete_gateway,
        only_listed=True,
    ),
    Adapter(EgressOnlyInternetGateway, _observe_egress, _create_egress, _retag, _delete_egress),
    Adapter(ElasticIP, _observe_address, _create_address, _retag, _delete_address, only_listed=True),
    Adapter(NatGateway, _observe_nat, _create_nat, _retag, _delete_nat, delete_first=False),
    Adapter(RouteTable, _observe_table, _create_table, _retag, _delete_table),
    Adapter(RouteTableAssociation, _observe_association, _associate, _move, _disassociate),
    Adapter(Route, _observe_route, _create_route, _update_route, _delete_route),
)
