"""Blockers: foreign resources that use the cluster's, so that AWS would refuse their deletion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.cloud.aws.discovery import machines, services
from kops_core.cloud.aws.discovery.context import DiscoveryContext, ids
from kops_core.cloud.aws.discovery.network import rules_of
from kops_core.cloud.aws.observation import tags_of
from kops_core.plan.snapshot import DiscoveredResource, Ownership

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_AT_ONCE = 200
"""The limit of values in a filter."""
_OURS_TO_COME = ("load_balancer", "network_load_balancer", "gateway_load_balancer", "nat_gateway")
"""Types of interfaces that are deleted with their owner."""


def blockers(context: DiscoveryContext, found: Sequence[DiscoveredResource]) -> list[DiscoveredResource]:
    """Foreign resources that block the deletion of the found ones, each with advice."""
    own = [each for each in found if each.ownership is Ownership.OWNED]
    known = {each.id for each in found} | {id_ for each in own for id_ in each.uses if id_.startswith("eni-")}
    vpcs = [each.id for each in own if each.kind == "VPC"]
    subnets = [each.id for each in own if each.kind == "Subnet"]
    groups = [each.id for each in own if each.kind == "SecurityGroup"]
    parts: tuple[Callable[[], list[DiscoveredResource]], ...] = (
        lambda: _in_network(context, vpcs, subnets),
        lambda: _interfaces(context, vpcs, subnets, groups),
        lambda: _parts_of_vpc(context, vpcs),
        lambda: _balancers(context, vpcs, subnets),
        lambda: _naming_groups(context, groups),
    )
    foreign = [each for part in context.each(lambda ask: ask(), parts) for each in part]
    foreign += _holders(own, known)
    return list({each.key: each for each in foreign if each.id not in known}.values())


def _as_blocker(
    context: DiscoveryContext, resource: DiscoveredResource, tags: dict[str, str], advice: str
) -> DiscoveredResource:
    owner = tags.get("KubernetesCluster")
    of = f"of cluster {owner}; " if owner and owner != context.cluster else ""
    return replace(
        resource,
        name=resource.name or tags.get("Name", ""),
        ownership=Ownership.FOREIGN,
        note=f"{of}{advice}",
    )


def _chunks(name: str, values: Sequence[str]) -> list[FilterTypeDef]:
    return [
        {"Name": name, "Values": list(values[at : at + _AT_ONCE])} for at in range(0, len(values), _AT_ONCE)
    ]


def _in_network(
    context: DiscoveryContext, vpcs: Sequence[str], subnets: Sequence[str]
) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_instances")
    alive: FilterTypeDef = {"Name": "instance-state-name", "Values": list(machines.ALIVE)}
    items = [
        each
        for filter_ in [*_chunks("vpc-id", vpcs), *_chunks("subnet-id", subnets)]
        for page in pages.paginate(Filters=[filter_, alive])
        for reservation in page["Reservations"]
        for each in reservation["Instances"]
    ]
    return [
        _as_blocker(
            context,
            machines.instance(item),
            tags_of(item),
            f"it runs in {item.get('SubnetId', '')}: terminate it or move it",
        )
        for item in items
    ]


def _interfaces(
    context: DiscoveryContext, vpcs: Sequence[str], subnets: Sequence[str], groups: Sequence[str]
) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_network_interfaces")
    filters = [*_chunks("vpc-id", vpcs), *_chunks("subnet-id", subnets), *_chunks("group-id", groups)]
    answers = context.each(
        lambda filter_: [
            each for page in pages.paginate(Filters=[filter_]) for each in page["NetworkInterfaces"]
        ],
        filters,
    )
    return [
        _as_blocker(
            context,
            machines.interface(item),
            tags_of(item),
            f"{item.get('Description') or 'it'} holds an address in {item.get('SubnetId', '')}: "
            "delete what it belongs to",
        )
        for answer in answers
        for item in answer
        # Those of instances are reported by their instance, those of load balancers are deleted with them.
        if not item.get("Attachment", {}).get("InstanceId")
        and item.get("InterfaceType") not in _OURS_TO_COME
        and not item.get("Description", "").startswith("ELB ")
        and context.ownership(tags_of(item))[0] is None
    ]


def _parts_of_vpc(context: DiscoveryContext, vpcs: Sequence[str]) -> list[DiscoveredResource]:
    """Foreign subnets, security groups, NAT gateways and endpoints in the cluster's VPC."""
    if not vpcs:
        return []
    ec2 = context.aws.ec2
    inside: list[FilterTypeDef] = [{"Name": "vpc-id", "Values": list(vpcs)}]
    advice = "it is in the cluster's VPC: delete it"
    subnets = [
        _as_blocker(context, DiscoveredResource("Subnet", item["SubnetId"]), tags_of(item), advice)
        for page in ec2.get_paginator("describe_subnets").paginate(Filters=inside)
        for item in page["Subnets"]
    ]
    groups = [
        _as_blocker(
            context,
            DiscoveredResource("SecurityGroup", item["GroupId"], item["GroupName"]),
            tags_of(item),
            advice,
        )
        for page in ec2.get_paginator("describe_security_groups").paginate(Filters=inside)
        for item in page["SecurityGroups"]
        if item["GroupName"] != "default"
    ]
    tables = [
        _as_blocker(context, DiscoveredResource("RouteTable", item["RouteTableId"]), tags_of(item), advice)
        for page in ec2.get_paginator("describe_route_tables").paginate(Filters=inside)
        for item in page["RouteTables"]
        if not any(each.get("Main") for each in item.get("Associations", []))
    ]
    nats = [
        _as_blocker(context, DiscoveredResource("NatGateway", item["NatGatewayId"]), tags_of(item), advice)
        for page in ec2.get_paginator("describe_nat_gateways").paginate(Filters=inside)
        for item in page["NatGateways"]
        if item["State"] in {"pending", "available"}
    ]
    endpoints = [
        _as_blocker(
            context,
            DiscoveredResource("VpcEndpoint", item["VpcEndpointId"], item["ServiceName"]),
            tags_of(item),
            advice,
        )
        for page in ec2.get_paginator("describe_vpc_endpoints").paginate(Filters=inside)
        for item in page["VpcEndpoints"]
        if item["State"].lower() not in {"deleting", "deleted"}
    ]
    return [*subnets, *groups, *tables, *nats, *endpoints]


def _balancers(
    context: DiscoveryContext, vpcs: Sequence[str], subnets: Sequence[str]
) -> list[DiscoveredResource]:
    if not vpcs and not subnets:
        return []
    places = {*vpcs, *subnets}
    v2 = context.aws.elbv2.get_paginator("describe_load_balancers").paginate()
    classic = context.aws.elb.get_paginator("describe_load_balancers").paginate()
    resources = [
        *(services.balancer(item) for page in v2 for item in page["LoadBalancers"]),
        *(services.classic_balancer(item) for page in classic for item in page["LoadBalancerDescriptions"]),
    ]
    return [
        _as_blocker(context, each, {}, "it stands in the cluster's network: delete it or move it")
        for each in resources
        if each.uses & places
    ]


def _naming_groups(context: DiscoveryContext, groups: Sequence[str]) -> list[DiscoveredResource]:
    """Foreign security groups whose rules refer to the cluster's."""
    pages = context.aws.ec2.get_paginator("describe_security_groups")
    filters = [*_chunks("ip-permission.group-id", groups), *_chunks("egress.ip-permission.group-id", groups)]
    answers = context.each(
        lambda filter_: [
            each for page in pages.paginate(Filters=[filter_]) for each in page["SecurityGroups"]
        ],
        filters,
    )
    others = {item["GroupId"]: item for answer in answers for item in answer if item["GroupId"] not in groups}
    naming: dict[str, list[str]] = {}
    for rule in rules_of(context, sorted(others)):
        names_ours = rule.get("ReferencedGroupInfo", {}).get("GroupId") in groups
        # What the cluster itself added there goes with it.
        if names_ours and context.ownership(tags_of(rule))[0] is not Ownership.OWNED:
            naming.setdefault(rule["GroupId"], []).append(rule["SecurityGroupRuleId"])
    return [
        _as_blocker(
            context,
            # A group may be shared, and its rules still block.
            DiscoveredResource("SecurityGroupRules", f"{id_}:rules", others[id_]["GroupName"]),
            tags_of(others[id_]),
            f"revoke {', '.join(rules)}: they name security groups of the cluster",
        )
        for id_, rules in naming.items()
    ]


def _holders(own: Iterable[DiscoveredResource], known: set[str]) -> list[DiscoveredResource]:
    """Foreign users of the cluster's volumes and addresses."""
    return [
        DiscoveredResource(
            "Instance" if id_.startswith("i-") else "NetworkInterface",
            id_,
            ownership=Ownership.FOREIGN,
            uses=ids(each.id),
            note=f"it uses {each.kind} {each.id}: detach it there",
        )
        for each in own
        if each.kind in {"EBSVolume", "ElasticIP"}
        for id_ in each.used_by
        if id_ not in known and not (each.kind == "ElasticIP" and id_.startswith("eni-"))
    ]
