"""NAT gateways and addresses that kOps made before it tagged them: found by what uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.operations.deleting import ids, planned

pytestmark = pytest.mark.full


def test_untagged_gateways_of_the_clusters_subnets_go_with_the_cluster(
    account: Account, tmp_path: Path
) -> None:
    cluster = desired("private", account.zone)
    assert account.apply(cluster, tmp_path).ok
    ec2 = account.aws.ec2
    gateways = [each["NatGatewayId"] for each in ec2.describe_nat_gateways()["NatGateways"]]
    addresses = [each["AllocationId"] for each in ec2.describe_addresses()["Addresses"]]
    assert gateways
    assert addresses
    tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [*gateways, *addresses]}])["Tags"]
    ec2.delete_tags(Resources=[*gateways, *addresses], Tags=[{"Key": each["Key"]} for each in tags])
    assert not any(each.get("Tags") for each in ec2.describe_nat_gateways()["NatGateways"])
    for gateway in ec2.describe_nat_gateways()["NatGateways"]:
        private = [
            each["SubnetId"]
            for each in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [gateway["VpcId"]]}])[
                "Subnets"
            ]
            if each["SubnetId"] != gateway["SubnetId"]
        ]
        ec2.create_tags(
            Resources=private, Tags=[{"Key": "AssociatedNatgateway", "Value": gateway["NatGatewayId"]}]
        )
    # That of somebody else, in a network of theirs.
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)

    plan = planned(account, cluster.cluster)
    assert sorted(ids(plan, kind="NatGateway")) == sorted(gateways)
    assert sorted(ids(plan, kind="ElasticIP")) == sorted(addresses)
    labels = {change.label for change in plan.changes if change.key.kind == "NatGateway"}
    assert labels == {""}, "without a tag it has no name"
