"""The address of a cluster's API behind a load balancer."""

from __future__ import annotations

import boto3

from kops_core.cloud.aws.api_address import api_address
from tests.aws.account import READING, Account

NAME = "a.example.com"


def test_the_newest_balancer_of_the_cluster_among_many(account: Account) -> None:
    ec2, elb = boto3.client("ec2"), boto3.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]["SubnetId"]

    def balancer(number: int, name: str, cluster: str, revision: str = "") -> str:
        tags = {"Name": name, f"kubernetes.io/cluster/{cluster}": "owned"}
        tags |= {"kops.k8s.io/revision": revision} if revision else {}
        made = elb.create_load_balancer(
            Name=f"lb-{number}",
            Subnets=[subnet],
            Type="network",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return str(made["LoadBalancers"][0]["DNSName"])

    assert api_address(account.aws, NAME) == ""
    for number in range(25):
        balancer(number, f"api.b{number}.example.com", f"b{number}.example.com")
    balancer(30, f"bastion.{NAME}", NAME)
    balancer(31, f"api.{NAME}", "someone-elses.example.com")
    assert api_address(account.aws, NAME) == ""
    first = balancer(32, f"api.{NAME}", NAME)
    assert api_address(account.aws, NAME) == first
    account.calls.clear()
    newest = [balancer(33 + number, f"api.{NAME}", NAME, str(number)) for number in (9, 10)][-1]
    assert api_address(account.aws, NAME) == newest
    assert all(call.operation.startswith(READING) for call in account.calls)
