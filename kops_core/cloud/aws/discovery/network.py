"""Discovery of the VPC, subnets, route tables, gateways, addresses, security groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from kops_core.cloud.aws.discovery.context import LEGACY, MARK, DiscoveryContext, claimed, ids, tagged
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.security_group_rules import list_rules
from kops_core.plan.snapshot import DiscoveredResource, Ownership

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import (
        AddressTypeDef,
        InternetGatewayTypeDef,
        NatGatewayTypeDef,
        RouteTableTypeDef,
        SecurityGroupRuleTypeDef,
        SubnetTypeDef,
        TagTypeDef,
    )

NAT_OF_SUBNET = "AssociatedNatgateway"
"""Tag of a subnet: the NAT gateway in it, from before NAT gateways could be tagged."""
_GONE = ("deleted", "failed")
MARKED = "ClusterTag"
"""Kind of the cluster's tag on a shared resource."""


def network(context: DiscoveryContext) -> list[DiscoveredResource]:
    """All resources of the network; the VPC first, to find untagged resources in it."""
    vpcs = _vpcs(context)
    own = {each.id for each in vpcs if each.ownership is Ownership.OWNED}
    parts: tuple[Callable[[], list[DiscoveredResource]], ...] = (
        lambda: _dhcp(context),
        lambda: _route_tables(context, own),
        lambda: _internet_gateways(context, own),
        lambda: _egress_gateways(context),
        lambda: _security_groups(context),
        lambda: _subnets(context, own),
    )
    found = [*vpcs, *(each for part in context.each(lambda ask: ask(), parts) for each in part)]
    return [*found, *_marks(context, found)]


def _vpcs(context: DiscoveryContext) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_vpcs")
    found = context.ec2(
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["Vpcs"]], "VpcId"
    )
    return tagged(
        context,
        found,
        lambda item: DiscoveredResource("VPC", item["VpcId"], uses=ids(item.get("DhcpOptionsId"))),
    )


def _dhcp(context: DiscoveryContext) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_dhcp_options")
    found = context.ec2(
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["DhcpOptions"]],
        "DhcpOptionsId",
    )
    return tagged(context, found, lambda item: DiscoveredResource("DHCPOptions", item["DhcpOptionsId"]))


def _route_tables(context: DiscoveryContext, own: set[str]) -> list[DiscoveredResource]:
    """Tagged route tables, and untagged ones in the cluster's own VPC, as in kOps."""
    pages = context.aws.ec2.get_paginator("describe_route_tables")

    def ask(filters: Sequence[object]) -> list[RouteTableTypeDef]:
        return [
            each
            for page in pages.paginate(Filters=filters)  # type: ignore[arg-type]  # as context.ec2 gives them
            for each in page["RouteTables"]
        ]

    found = context.ec2(ask, "RouteTableId")
    known = {item["RouteTableId"] for item in found}
    if own:
        inside = ask([{"Name": "vpc-id", "Values": sorted(own)}])
        found += [
            {**item, "Tags": [*item.get("Tags", []), {"Key": LEGACY, "Value": context.cluster}]}
            for item in inside
            if item["RouteTableId"] not in known and not claimed(tags_of(item))
        ]
    return tagged(context, (item for item in found if not _is_main(item)), _route_table)


def _is_main(item: RouteTableTypeDef) -> bool:
    return any(each.get("Main") for each in item.get("Associations", []))


def _route_table(item: RouteTableTypeDef) -> DiscoveredResource:
    return DiscoveredResource(
        "RouteTable",
        item["RouteTableId"],
        uses=ids(item.get("VpcId")),
        used_by=ids(*(each.get("SubnetId") for each in item.get("Associations", []))),
    )


def _internet_gateways(context: DiscoveryContext, own: set[str]) -> list[DiscoveredResource]:
    """Tagged gateways, and those attached to the cluster's own VPC."""
    pages = context.aws.ec2.get_paginator("describe_internet_gateways")

    def ask(filters: Sequence[object]) -> list[InternetGatewayTypeDef]:
        return [
            each
            for page in pages.paginate(Filters=filters)  # type: ignore[arg-type]  # as context.ec2 gives them
            for each in page["InternetGateways"]
        ]

    found = context.ec2(ask, "InternetGatewayId")
    known = {item["InternetGatewayId"] for item in found}
    if own:
        found += [
            {**item, "Tags": [*item.get("Tags", []), {"Key": LEGACY, "Value": context.cluster}]}
            for item in ask([{"Name": "attachment.vpc-id", "Values": sorted(own)}])
            if item["InternetGatewayId"] not in known and not claimed(tags_of(item))
        ]
    return tagged(context, found, _internet_gateway)


def _internet_gateway(item: InternetGatewayTypeDef) -> DiscoveredResource:
    vpc = next((each.get("VpcId", "") for each in item.get("Attachments", [])), "")
    return DiscoveredResource(
        "InternetGateway", item["InternetGatewayId"], uses=ids(vpc), details={"vpc": vpc}
    )


def _egress_gateways(context: DiscoveryContext) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_egress_only_internet_gateways")
    found = context.ec2(
        lambda filters: [
            each for page in pages.paginate(Filters=filters) for each in page["EgressOnlyInternetGateways"]
        ],
        "EgressOnlyInternetGatewayId",
    )
    return tagged(
        context,
        found,
        lambda item: DiscoveredResource(
            "EgressOnlyInternetGateway",
            item["EgressOnlyInternetGatewayId"],
            uses=ids(*(each.get("VpcId") for each in item.get("Attachments", []))),
        ),
    )


def _subnets(context: DiscoveryContext, own: set[str]) -> list[DiscoveredResource]:
    """Subnets, the NAT gateways in them, and those gateways' addresses."""
    pages = context.aws.ec2.get_paginator("describe_subnets")

    def ask(filters: Sequence[object]) -> list[SubnetTypeDef]:
        return [
            each
            for page in pages.paginate(Filters=filters)  # type: ignore[arg-type]  # as context.ec2 gives them
            for each in page["Subnets"]
        ]

    items = context.ec2(ask, "SubnetId")
    items += _untagged_subnets(context, own, ask)
    subnets = tagged(
        context,
        items,
        lambda item: DiscoveredResource("Subnet", item["SubnetId"], uses=ids(item.get("VpcId"))),
    )
    own = {each.id for each in subnets if each.ownership is Ownership.OWNED}
    old = {tags_of(item).get(NAT_OF_SUBNET, "") for item in items if item["SubnetId"] in own} - {""}
    gateways = _nat_gateways(context, old)
    return [*subnets, *gateways, *_addresses(context, gateways)]


def _untagged_subnets(
    context: DiscoveryContext, own: set[str], ask: Callable[[Sequence[object]], list[SubnetTypeDef]]
) -> list[SubnetTypeDef]:
    """With ``spec.DisableSubnetTags``: subnets of the cluster by their CIDR, as if they had the old tag.

    In a shared VPC they also have to use one of the cluster's route tables. (kOps finds no untagged
    subnet, and its deletion fails because of resources that use them.)
    """
    vpcs = own | {each for each in context.named if each.startswith("vpc-")}
    if not vpcs or not context.untagged_subnets:
        return []
    found = [
        item
        for item in ask([{"Name": "vpc-id", "Values": sorted(vpcs)}])
        if item.get("CidrBlock") in context.untagged_subnets and not claimed(tags_of(item))
    ]
    elsewhere = sorted({item["VpcId"] for item in found} - own)
    routed: set[str] = set()
    if elsewhere:
        tables = context.aws.ec2.get_paginator("describe_route_tables").paginate(
            Filters=[{"Name": "vpc-id", "Values": elsewhere}]
        )
        routed = {
            association.get("SubnetId", "")
            for page in tables
            for table in page["RouteTables"]
            if context.ownership(tags_of(table))[0] is Ownership.OWNED
            for association in table["Associations"]
        }
    tag: TagTypeDef = {"Key": LEGACY, "Value": context.cluster}
    return [
        {**item, "Tags": [*item.get("Tags", []), tag]}
        for item in found
        if item.get("VpcId") in own or item["SubnetId"] in routed
    ]


def _subnet(item: SubnetTypeDef) -> DiscoveredResource:
    return DiscoveredResource("Subnet", item["SubnetId"], uses=ids(item.get("VpcId")))


def _nat_gateways(context: DiscoveryContext, of_subnets: set[str]) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_nat_gateways")

    def ask(filters: Sequence[object]) -> list[NatGatewayTypeDef]:
        return [
            each
            for page in pages.paginate(Filters=filters)  # type: ignore[arg-type]  # as context.ec2 gives them
            for each in page["NatGateways"]
            if each["State"] not in _GONE
        ]

    found = context.ec2(ask, "NatGatewayId")
    missing = of_subnets - {item["NatGatewayId"] for item in found}
    if missing:
        found += [
            {**item, "Tags": [*item.get("Tags", []), {"Key": LEGACY, "Value": context.cluster}]}
            for item in ask([{"Name": "nat-gateway-id", "Values": sorted(missing)}])
            if not claimed(tags_of(item))
        ]
    return tagged(context, found, _nat_gateway)


def _nat_gateway(item: NatGatewayTypeDef) -> DiscoveredResource:
    addresses = [each.get("AllocationId") for each in item.get("NatGatewayAddresses", [])]
    interfaces = [each.get("NetworkInterfaceId") for each in item.get("NatGatewayAddresses", [])]
    tags = tags_of(item)
    return DiscoveredResource(
        "NatGateway",
        item["NatGatewayId"],
        uses=ids(item.get("SubnetId"), item.get("VpcId"), *addresses, *interfaces),
        details={
            "vpc": item.get("VpcId", ""),
            "old": "" if any(key.startswith(MARK) for key in tags) else ",".join(filter(None, addresses)),
        },
    )


def _addresses(context: DiscoveryContext, gateways: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    found = context.ec2(
        lambda filters: context.aws.ec2.describe_addresses(Filters=filters)["Addresses"], "AllocationId"
    )
    of_old = {
        each
        for gateway in gateways
        if gateway.ownership is Ownership.OWNED
        for each in gateway.details["old"].split(",")
    } - {"", *(item["AllocationId"] for item in found)}
    if of_old:
        found += [
            {**item, "Tags": [*item.get("Tags", []), {"Key": LEGACY, "Value": context.cluster}]}
            for item in context.aws.ec2.describe_addresses(AllocationIds=sorted(of_old))["Addresses"]
            if not claimed(tags_of(item)) and item["PublicIp"] not in context.named
        ]
    return tagged(context, found, _address)


def _address(item: AddressTypeDef) -> DiscoveredResource:
    return DiscoveredResource(
        "ElasticIP",
        item["AllocationId"],
        item.get("PublicIp", ""),
        used_by=ids(item.get("InstanceId"), item.get("NetworkInterfaceId")),
    )


def _security_groups(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Groups, after their rules that refer to other groups: groups may refer to each other."""
    pages = context.aws.ec2.get_paginator("describe_security_groups")
    items = context.ec2(
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["SecurityGroups"]],
        "GroupId",
        "elbv2.k8s.aws/cluster",
    )
    found = tagged(
        context,
        (item for item in items if item["GroupName"] != "default"),
        lambda item: DiscoveredResource(
            "SecurityGroup", item["GroupId"], item["GroupName"], uses=ids(item.get("VpcId"))
        ),
    )
    own = [each for each in found if each.ownership is Ownership.OWNED]
    return [*found, *_references(context, own), *_opened(context, own)]


def _references(context: DiscoveryContext, own: Sequence[DiscoveredResource]) -> list[DiscoveredResource]:
    if not own:
        return []
    names = {each.id: each.name for each in own}
    found = []
    by_group: dict[str, list[SecurityGroupRuleTypeDef]] = {}
    for rule in rules_of(context, sorted(names)):
        other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
        if other and other != rule["GroupId"]:
            by_group.setdefault(rule["GroupId"], []).append(rule)
    for group, rules in by_group.items():
        found.append(_rules(f"{group}:rules", names[group], rules, "that name other groups"))
    return found


def _opened(context: DiscoveryContext, own: Sequence[DiscoveredResource]) -> list[DiscoveredResource]:
    """The cluster's rules in security groups of others, which stay, e.g. in overrides of the spec."""
    if not own:
        return []
    groups = {each.id for each in own}
    by_group: dict[str, list[SecurityGroupRuleTypeDef]] = {}
    for rule in list_rules(context.aws, f"tag:{context.mark}", ["owned"]):
        if rule["GroupId"] not in groups and context.ownership(tags_of(rule))[0] is Ownership.OWNED:
            by_group.setdefault(rule["GroupId"], []).append(rule)
    return [
        # A blocker may have the same group's other rules.
        _rules(f"{group}:own-rules", group, rules, "that the cluster added")
        for group, rules in by_group.items()
    ]


def _rules(id_: str, name: str, rules: Sequence[SecurityGroupRuleTypeDef], which: str) -> DiscoveredResource:
    group = rules[0]["GroupId"]
    others = {rule.get("ReferencedGroupInfo", {}).get("GroupId", "") for rule in rules}
    return DiscoveredResource(
        "SecurityGroupRules",
        id_,
        name,
        uses=ids(group, *others),
        note=f"{len(rules)} rules {which}",
        details={
            "group": group,
            "ingress": ",".join(r["SecurityGroupRuleId"] for r in rules if not r["IsEgress"]),
            "egress": ",".join(r["SecurityGroupRuleId"] for r in rules if r["IsEgress"]),
        },
    )


def rules_of(context: DiscoveryContext, groups: Sequence[str]) -> list[SecurityGroupRuleTypeDef]:
    """The rules in some groups."""
    chunks: list[tuple[str, ...]] = [tuple(groups[at : at + 200]) for at in range(0, len(groups), 200)]
    answers = context.each(lambda some: list_rules(context.aws, "group-id", some), chunks)
    return [rule for answer in answers for rule in answer]


def _marks(context: DiscoveryContext, found: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    """The cluster's tags on shared resources, which are removed."""
    return [
        DiscoveredResource(
            MARKED,
            f"{each.id}:tag",
            each.name,
            note=f"{context.mark} on {each.kind} {each.id}",
            details={"resource": each.id, "key": context.mark},
        )
        for each in found
        if each.ownership is Ownership.SHARED and each.note == f"it is tagged {context.mark}=shared"
    ]


FINDERS = (network,)
