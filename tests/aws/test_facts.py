"""Facts read from an account are those that inference takes, replayed from a file or not."""

from __future__ import annotations

import json

import boto3

from kops_core.cloud.aws.fact_query import FactQuery
from kops_core.cloud.aws.facts import USUAL_TYPES, AwsFacts
from kops_core.infer.facts import keyed, listed
from tests.aws.account import READING, Account

_IMAGE = "ubuntu/images/hvm-ssd/ubuntu-noble-24.04-amd64-server"


def test_the_users_network_is_read_with_what_lies_in_it(account: Account) -> None:
    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/20", AvailabilityZone="us-east-1b")
    subnet_id = subnet["Subnet"]["SubnetId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet_id)
    private = account.aws.route53.create_hosted_zone(
        Name="internal.example.com",
        CallerReference="2",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
    )["HostedZone"]["Id"].removeprefix("/hostedzone/")
    account.calls.clear()
    facts = AwsFacts(account.aws).read(
        FactQuery(subnets=(subnet_id,), instance_types=("m5.large", "no.such"))
    )
    assert facts["zones"] == [f"us-east-1{letter}" for letter in "abcdef"]
    assert facts["account"] == "123456789012"
    assert facts["hostedZones"] == {
        account.zone: {"name": "example.com", "private": False, "vpcs": []},
        private: {"name": "internal.example.com", "private": True, "vpcs": [vpc]},
    }
    assert facts["vpcs"] == {vpc: {"cidr": "10.40.0.0/16", "tags": {}, "internetGateway": gateway}}
    assert facts["subnets"] == {subnet_id: {"vpc": vpc, "zone": "us-east-1b", "cidr": "10.40.0.0/20"}}
    tables = facts["routeTables"]
    assert isinstance(tables, dict)
    assert tables[table] == {"vpc": vpc, "subnets": [subnet_id]}
    types = facts["instanceTypes"]
    assert isinstance(types, dict)
    assert types.keys() == {"m5.large", *USUAL_TYPES}
    large = types["m5.large"]
    assert isinstance(large, dict)
    assert (large["vcpus"], large["memoryMiB"], large["architectures"]) == (2, 8192, ["x86_64"])
    assert keyed(json.loads(json.dumps(listed(facts)))) == facts
    assert all(call.operation.startswith(READING) for call in account.calls)
    assert len(account.calls) <= 16


def test_what_is_not_there_is_left_out(account: Account) -> None:
    wanted = FactQuery(
        vpcs=("vpc-00000000000000000",),
        images=("ami-00000000000000000", f"{_IMAGE}-1900", "ssm:/no/such"),
        instance_profiles=("nobody",),
        buckets=("no-such-bucket-of-anybody",),
    )
    facts = AwsFacts(account.aws).read(wanted)
    assert [facts[kind] for kind in ("vpcs", "images", "instanceProfiles", "buckets")] == [{}, {}, {}, {}]


def test_a_bucket_is_public_if_its_policy_lets_everybody_in(account: Account) -> None:
    s3 = account.aws.s3
    for name in ("facts-private", "facts-public"):
        s3.create_bucket(Bucket=name)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": "arn:aws:s3:::facts-public/*"}]}
    s3.put_bucket_policy(Bucket="facts-public", Policy=json.dumps(policy))
    facts = AwsFacts(account.aws).read(FactQuery(buckets=("facts-private", "facts-public")))
    region = {"region": "us-east-1"}
    assert facts["buckets"] == {"facts-private": region, "facts-public": region | {"public": True}}


def test_an_image_by_owner_and_name_is_the_newest_and_keeps_the_owners_alias(account: Account) -> None:
    known = account.aws.ec2.describe_images(Owners=["099720109477"])["Images"][0]
    facts = AwsFacts(account.aws).read(FactQuery(images=(f"ubuntu/{known['Name']}", known["ImageId"])))
    images = facts["images"]
    assert isinstance(images, dict)
    image = images[known["ImageId"]]
    assert isinstance(image, dict)
    assert (image["name"], image["ownerId"], image["ownerAlias"]) == (known["Name"], "099720109477", "ubuntu")


def test_an_alias_of_the_parameter_store_is_looked_up(account: Account) -> None:
    image = account.aws.ec2.describe_images(Owners=["099720109477"])["Images"][0]["ImageId"]
    account.aws.ssm.put_parameter(Name="/images/ours", Value=image, Type="String")
    facts = AwsFacts(account.aws).read(FactQuery(images=("ssm:/images/ours",)))
    images = facts["images"]
    assert isinstance(images, dict)
    found = images[image]
    assert isinstance(found, dict)
    assert found["ssmParameter"] == "ssm:/images/ours"


def test_an_alias_that_does_not_exist_is_no_image_and_none_is_asked_for(account: Account) -> None:
    account.calls.clear()
    facts = AwsFacts(account.aws).read(FactQuery(images=("ssm:/images/gone",)))
    assert facts["images"] == {}
    assert "DescribeImages" not in {call.operation for call in account.calls}
