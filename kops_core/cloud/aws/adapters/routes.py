"""Adapters of route tables, their associations, and routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    canonical_cidr,
    drop_none,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.network import Route, RouteTable, RouteTableAssociation
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import RouteTableTypeDef

_ROLE_TAG = "kubernetes.io/kops/role"
"""Tag by which kOps identifies route tables."""


def _tables(reading: ObservationContext) -> list[RouteTableTypeDef]:
    pages = reading.aws.ec2.get_paginator("describe_route_tables")
    return reading.ec2(
        RouteTable,
        "route-table-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["RouteTables"]],
    )


def _table(reading: ObservationContext, id_: str | None) -> RouteTableTypeDef | None:
    return next((each for each in _tables(reading) if each["RouteTableId"] == id_), None)


def _observe_table(reading: ObservationContext, desired: Sequence[RouteTable]) -> list[Observed]:
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


def _create_table(work: CallContext, desired: RouteTable) -> Created:
    made = work.aws.ec2.create_route_table(
        VpcId=require_resolved(desired.vpc),
        ClientToken=work.token,
        TagSpecifications=tag_specification("route-table", desired.tags),
    )
    return Created(made["RouteTable"]["RouteTableId"])


def _retag(work: CallContext, desired: RouteTable, observed: Observed, changed: frozenset[str]) -> None:
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_table(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_route_table(RouteTableId=observed.id)


def _observe_association(
    reading: ObservationContext, desired: Sequence[RouteTableAssociation]
) -> list[Observed]:
    found = []
    for wanted in desired:
        subnet = reading.value(wanted.subnet)
        for table in _tables(reading):
            for each in table.get("Associations", []):
                if subnet and each.get("SubnetId") == subnet:
                    seen = replace(wanted, route_table=table["RouteTableId"], subnet=subnet)
                    found.append(Observed(seen, each["RouteTableAssociationId"]))
    return found


def _associate(work: CallContext, desired: RouteTableAssociation) -> Created:
    table, subnet = require_resolved(desired.route_table), require_resolved(desired.subnet)
    try:
        made = work.aws.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    except ClientError as error:
        if code_of(error) != "Resource.AlreadyAssociated":
            raise
        # The subnet has a table that is not ours (only ours are observed): replace the association.
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
        return Created(moved["NewAssociationId"])
    return Created(made["AssociationId"])


def _move(
    work: CallContext, desired: RouteTableAssociation, observed: Observed, changed: frozenset[str]
) -> None:
    work.aws.ec2.replace_route_table_association(
        AssociationId=observed.id, RouteTableId=require_resolved(desired.route_table)
    )


def _disassociate(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.disassociate_route_table(AssociationId=observed.id)


_TARGETS = {
    "gateway": "GatewayId",
    "nat_gateway": "NatGatewayId",
    "egress_only_internet_gateway": "EgressOnlyInternetGatewayId",
    "transit_gateway": "TransitGatewayId",
    "instance": "InstanceId",
    "vpc_peering_connection": "VpcPeeringConnectionId",
}
_MAY_RETURN = ("gateway", "transit_gateway", "instance")
"""Targets to which a blackhole route is set again, as in kOps: they may exist again."""


def _observe_route(reading: ObservationContext, desired: Sequence[Route]) -> list[Observed]:
    found = []
    for wanted in desired:
        table = _table(reading, reading.value(wanted.route_table))
        for item in table["Routes"] if table else []:
            destination = (item.get("DestinationCidrBlock"), item.get("DestinationIpv6CidrBlock"))
            asked = (
                canonical_cidr(wanted.destination_cidr_block),
                canonical_cidr(wanted.destination_ipv6_cidr_block),
            )
            if destination == asked:
                targets: dict[str, Any] = {name: item.get(key) for name, key in _TARGETS.items()}
                if item.get("State") == "blackhole":
                    targets |= dict.fromkeys(_MAY_RETURN)
                seen = replace(wanted, route_table=table["RouteTableId"] if table else None, **targets)
                found.append(Observed(seen, _route_id(seen)))
    return found


def _route(desired: Route) -> dict[str, Any]:
    return drop_none(
        RouteTableId=require_resolved(desired.route_table),
        DestinationCidrBlock=desired.destination_cidr_block,
        DestinationIpv6CidrBlock=desired.destination_ipv6_cidr_block,
        **{parameter: getattr(desired, name) for name, parameter in _TARGETS.items()},
    )


def _create_route(work: CallContext, desired: Route) -> Created:
    parameters = _route(desired)
    try:
        work.aws.ec2.create_route(**parameters)
    except ClientError as error:
        if code_of(error) != "RouteAlreadyExists":
            raise
        work.aws.ec2.replace_route(**parameters)
    return Created(_route_id(desired))


def _route_id(route: Route) -> str:
    """The id of a route, which has none in AWS: table and destination."""
    return f"{route.route_table}|{route.destination_cidr_block or route.destination_ipv6_cidr_block}"


def _update_route(work: CallContext, desired: Route, observed: Observed, changed: frozenset[str]) -> None:
    work.aws.ec2.replace_route(**_route(desired))


def _delete_route(work: CallContext, observed: Observed) -> None:
    seen = observed.resource
    if isinstance(seen, Route):
        work.aws.ec2.delete_route(
            **drop_none(
                RouteTableId=require_resolved(seen.route_table),
                DestinationCidrBlock=seen.destination_cidr_block,
                DestinationIpv6CidrBlock=seen.destination_ipv6_cidr_block,
            )
        )


ADAPTERS = (
    Adapter(RouteTable, _observe_table, _create_table, _retag, _delete_table),
    Adapter(RouteTableAssociation, _observe_association, _associate, _move, _disassociate),
    Adapter(Route, _observe_route, _create_route, _update_route, _delete_route),
)
