"""Rules of security groups: whatever their source, port and direction, AWS has exactly the rule asked for."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.cloud.aws.resources.network import VPC
from kops_core.model.build import DesiredState
from kops_core.model.template import Key, Ref
from tests.aws.account import Account

CLUSTER = "c.example.com"
GROUP, OTHER = Key("SecurityGroup", "nodes.c.example.com"), Key("SecurityGroup", "masters.c.example.com")
TAGS = {f"kubernetes.io/cluster/{CLUSTER}": "owned"}
PORTS = {"tcp": ((22, 22), (30000, 32767)), "udp": ((4789, 4789),), "icmp": ((3, 4),), "-1": ((None, None),)}
SOURCES: dict[str, dict[str, Any]] = {
    "an IPv4 range": {"cidr_ipv4": "198.51.100.0/24"},
    "an IPv6 range": {"cidr_ipv6": "2001:db8::/32"},
    "a group": {"referenced_group": Ref(OTHER)},
    "itself": {"referenced_group": Ref(GROUP)},
}


def _cluster(prefix_list: str) -> DesiredState:
    groups = [
        SecurityGroup(
            name=key.name, description="x", vpc=Ref(Key("VPC", CLUSTER)), tags={"Name": key.name, **TAGS}
        )
        for key in (GROUP, OTHER)
    ]
    sources = {**SOURCES, "a prefix list": {"prefix_list_id": prefix_list}}
    rules = [
        SecurityGroupRule(
            name=f"{said}-{'out' if egress else 'in'}-{protocol}-{first}",
            security_group=Ref(GROUP),
            egress=egress or None,
            ip_protocol=protocol,
            from_port=first,
            to_port=last,
            tags={"Name": f"{said}-{egress}-{protocol}-{first}", **TAGS},
            **source,
        )
        for egress, (said, source), (protocol, ports) in itertools.product(
            (False, True), sources.items(), PORTS.items()
        )
        for first, last in ports
    ]
    network = VPC(
        name=CLUSTER,
        cidr_block="172.20.0.0/16",
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags={"Name": CLUSTER, **TAGS},
    )
    return DesiredState(CLUSTER, (network, *groups, *rules))


@pytest.fixture
def prefix_list(account: Account) -> str:
    made: Any = account.aws.ec2.create_managed_prefix_list(
        PrefixListName="offices", MaxEntries=1, AddressFamily="IPv4", Entries=[{"Cidr": "203.0.113.0/24"}]
    )
    found: str = made["PrefixList"]["PrefixListId"]
    return found


def test_each_source_is_the_source_in_the_account(account: Account, prefix_list: str, tmp_path: Path) -> None:
    cluster = _cluster(prefix_list)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    plan, snapshot = account.plan(cluster)
    assert ([str(each.key) for each in plan.pending], plan.errors) == ([], ())
    ids = {key.name: found.id for key, found in snapshot.resources.items()}
    listed: Any = account.aws.ec2.describe_security_group_rules()
    found = {each["SecurityGroupRuleId"]: each for each in listed["SecurityGroupRules"]}
    for rule in cluster.resources:
        if not isinstance(rule, SecurityGroupRule):
            continue
        there = found[ids[rule.name]]
        group = rule.referenced_group
        wanted = {
            "CidrIpv4": rule.cidr_ipv4,
            "CidrIpv6": rule.cidr_ipv6,
            "PrefixListId": rule.prefix_list_id,
            "ReferencedGroupInfo": ids[group.key.name] if isinstance(group, Ref) else None,
        }
        said = {name: there.get(name) for name in wanted}
        if said["ReferencedGroupInfo"]:
            said["ReferencedGroupInfo"] = said["ReferencedGroupInfo"]["GroupId"]
        assert said == wanted, rule.name
        assert there["IsEgress"] == bool(rule.egress)
        assert there["GroupId"] == ids[GROUP.name]
        assert there["IpProtocol"] == rule.ip_protocol
        if rule.from_port is not None:
            assert (there["FromPort"], there["ToPort"]) == (rule.from_port, rule.to_port), rule.name
