"""Adapters of security groups and their rules, one rule at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    tag_list,
    tag_specification,
)
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.cloud.aws.security_group_rules import list_rules
from kops_core.errors import NotReady
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SecurityGroupRuleTypeDef, SecurityGroupTypeDef

_WITH_PORTS = frozenset({"tcp", "udp", "icmp", "icmpv6"})
_PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6", "all": "-1"}
"""Protocol numbers (IANA) that AWS returns as names."""


def _groups(reading: ObservationContext) -> list[SecurityGroupTypeDef]:
    pages = reading.aws.ec2.get_paginator("describe_security_groups")
    return reading.ec2(
        SecurityGroup,
        "group-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["SecurityGroups"]],
    )


def _observe_group(reading: ObservationContext, desired: Sequence[SecurityGroup]) -> list[Observed]:
    return [
        Observed(
            replace(wanted, description=item["Description"], vpc=item.get("VpcId"), tags=tags_of(item)),
            item["GroupId"],
        )
        for wanted, item in matched(desired, _groups(reading), "GroupId")
    ]


def _create_group(work: CallContext, desired: SecurityGroup) -> Created:
    made = work.aws.ec2.create_security_group(
        GroupName=desired.name,
        Description=require_resolved(desired.description),
        VpcId=require_resolved(desired.vpc),
        TagSpecifications=tag_specification("security-group", desired.tags),
    )
    return Created(made["GroupId"])


def _update_group(
    work: CallContext, desired: SecurityGroup, observed: Observed, changed: frozenset[str]
) -> None:
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_group(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_security_group(GroupId=observed.id)


Identity = tuple[object, ...]
"""The identity of a rule: group, direction, protocol, ports, source."""


def _observe_rule(reading: ObservationContext, desired: Sequence[SecurityGroupRule]) -> list[Observed]:
    groups = sorted({id_ for rule in desired if (id_ := reading.value(rule.security_group))})
    if not groups:
        return []
    wanted = {_identity(_with_ids(reading, rule)): rule for rule in desired}
    scopes = _scopes(reading)
    own = {
        item["GroupId"]
        for group, item in matched(reading.of(SecurityGroup), _groups(reading), "GroupId")
        if not group.shared
    }
    found = []
    for item in list_rules(reading.aws, "group-id", groups):
        seen = _seen(item)
        rule = wanted.get(_identity(seen))
        if rule is not None:
            found.append(
                Observed(replace(_with_ids(reading, rule), tags=seen.tags), item["SecurityGroupRuleId"])
            )
        elif _in_scope(item, scopes.get(item["GroupId"], ())):
            found.append(Observed(seen, item["SecurityGroupRuleId"]))
        elif _added(reading, item, own):
            # By its id, because it may have the name of one of ours.
            id_ = item["SecurityGroupRuleId"]
            found.append(Observed(replace(seen, name=id_), id_))
    return found


def _added(reading: ObservationContext, item: SecurityGroupRuleTypeDef, own: Collection[str]) -> bool:
    """Whether somebody added a rule to a group of ours, other than a controller in the cluster."""
    if item["GroupId"] not in own:
        return False
    if item.get("Description", "").startswith(_OF_CONTROLLERS):
        return False
    source = item.get("ReferencedGroupInfo", {}).get("GroupId")
    return not any(
        group["GroupId"] == source and reading.ownership_tag in tags_of(group) for group in _groups(reading)
    )


_OF_CONTROLLERS = ("kubernetes.io/rule/", "elbv2.k8s.aws/")
"""Prefixes of the descriptions of rules of the cloud controller manager and the load balancer controller.

(kubernetes/cloud-provider-aws; AWS Load Balancer Controller.)
"""


def _with_ids(reading: ObservationContext, rule: SecurityGroupRule) -> SecurityGroupRule:
    return replace(
        rule,
        security_group=reading.value(rule.security_group),
        referenced_group=reading.value(rule.referenced_group),
    )


def _seen(item: SecurityGroupRuleTypeDef) -> SecurityGroupRule:
    protocol = item["IpProtocol"]
    protocol = _PROTOCOL_NUMBERS.get(protocol, protocol)
    tags = tags_of(item)
    return SecurityGroupRule(
        name=tags.get("Name") or item["SecurityGroupRuleId"],
        security_group=item["GroupId"],
        egress=item["IsEgress"],
        ip_protocol=protocol,
        from_port=_port(item.get("FromPort"), protocol),
        to_port=_port(item.get("ToPort"), protocol),
        cidr_ipv4=item.get("CidrIpv4"),
        cidr_ipv6=item.get("CidrIpv6"),
        prefix_list_id=item.get("PrefixListId"),
        referenced_group=item.get("ReferencedGroupInfo", {}).get("GroupId"),
        tags=tags,
    )


def _port(port: int | None, protocol: str) -> int | None:
    # AWS returns -1 if a protocol has no ports; for ICMP, -1 is every type or code.
    return port if protocol in _WITH_PORTS else None


def _identity(rule: SecurityGroupRule) -> Identity:
    protocol = rule.ip_protocol or "-1"
    every_port = (rule.from_port or 0, rule.to_port) in {(0, 65535), (0, 0), (0, None)}
    ports = None if every_port and protocol in {"tcp", "udp"} else (rule.from_port, rule.to_port)
    if protocol not in _WITH_PORTS:
        ports = None
    ranges = (canonical_cidr(rule.cidr_ipv4), canonical_cidr(rule.cidr_ipv6))
    sources = (*ranges, rule.prefix_list_id, rule.referenced_group)
    return (rule.security_group, bool(rule.egress), protocol, ports, *sources)


def _scopes(reading: ObservationContext) -> dict[str, tuple[str, ...]]:
    """Group id -> the ports on which all rules are managed."""
    return {
        item["GroupId"]: wanted.remove_extra_rules
        for wanted, item in matched(reading.of(SecurityGroup), _groups(reading), "GroupId")
    }


def _in_scope(item: SecurityGroupRuleTypeDef, scope: Sequence[str]) -> bool:
    """Whether a rule is on a port that is managed (``port=22``, or ``port=3:4`` for a range)."""
    ranges = {each.removeprefix("port=") for each in scope}
    first, last = item.get("FromPort"), item.get("ToPort")
    return not item["IsEgress"] and (f"{first}:{last}" in ranges or (first == last and str(first) in ranges))


def _permission(rule: SecurityGroupRule) -> dict[str, Any]:
    permission: dict[str, Any] = drop_none(
        IpProtocol=rule.ip_protocol or "-1", FromPort=rule.from_port, ToPort=rule.to_port
    )
    if rule.cidr_ipv4 is not None:
        permission["IpRanges"] = [{"CidrIp": rule.cidr_ipv4}]
    elif rule.cidr_ipv6 is not None:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule.cidr_ipv6}]
    elif rule.prefix_list_id is not None:
        permission["PrefixListIds"] = [{"PrefixListId": rule.prefix_list_id}]
    else:
        permission["UserIdGroupPairs"] = [{"GroupId": require_resolved(rule.referenced_group)}]
    return permission


def _create_rule(work: CallContext, desired: SecurityGroupRule) -> Created:
    # AWS adds a rule that allows all egress to each new group: it is tagged, not created.
    if desired.egress and (there := _find(work, desired)):
        return _adopt(work, desired, there)
    parameters: Any = {
        "GroupId": require_resolved(desired.security_group),
        "IpPermissions": [_permission(desired)],
        "TagSpecifications": tag_specification("security-group-rule", desired.tags),
    }
    authorize = (
        work.aws.ec2.authorize_security_group_egress
        if desired.egress
        else work.aws.ec2.authorize_security_group_ingress
    )
    try:
        made: Mapping[str, Any] = authorize(**parameters)
    except ClientError as error:
        if code_of(error) != "InvalidPermission.Duplicate":
            raise
        there = _find(work, desired)
        if not there:
            raise NotReady("the rule exists but is not listed yet", where=str(desired.key)) from error
        return _adopt(work, desired, there)
    rules = made.get("SecurityGroupRules") or []
    return Created(rules[0]["SecurityGroupRuleId"] if rules else _find(work, desired))


def _find(work: CallContext, desired: SecurityGroupRule) -> str:
    group = require_resolved(desired.security_group)
    for item in list_rules(work.aws, "group-id", [group]):
        if _identity(_seen(item)) == _identity(desired):
            return item["SecurityGroupRuleId"]
    return ""


def _adopt(work: CallContext, desired: SecurityGroupRule, id_: str) -> Created:
    if desired.tags:
        work.aws.ec2.create_tags(Resources=[id_], Tags=tag_list(desired.tags))
    return Created(id_)


def _update_rule(
    work: CallContext, desired: SecurityGroupRule, observed: Observed, changed: frozenset[str]
) -> None:
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete_rule(work: CallContext, observed: Observed) -> None:
    rule = observed.resource
    if isinstance(rule, SecurityGroupRule):
        revoke = (
            work.aws.ec2.revoke_security_group_egress
            if rule.egress
            else work.aws.ec2.revoke_security_group_ingress
        )
        parameters: Any = {
            "GroupId": require_resolved(rule.security_group),
            "IpPermissions": [_permission(rule)],
        }
        revoke(**parameters)


ADAPTERS = (
    Adapter(SecurityGroup, _observe_group, _create_group, _update_group, _delete_group),
    Adapter(SecurityGroupRule, _observe_rule, _create_rule, _update_rule, _delete_rule),
)
