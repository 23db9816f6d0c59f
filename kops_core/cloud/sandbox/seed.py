"""Seeds the sandbox's account with hosted zones, networks and buckets for clusters.

Zones, instance types and images are the emulator's own (images: ``images.json``). The rest is created by API
calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.process import Sandbox

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

STATE_BUCKET = "kops-state"
DISCOVERY_BUCKET = "kops-oidc"
PUBLIC_ZONE = "example.com"
PRIVATE_ZONE = "internal.example.com"
KEY_PAIR = "operator"
VPC_CIDR = "10.40.0.0/16"
SUBNETS = {
    "private-a": ("us-east-1a", "10.40.0.0/20"),
    "private-b": ("us-east-1b", "10.40.16.0/20"),
    "private-c": ("us-east-1c", "10.40.32.0/20"),
    "utility-a": ("us-east-1a", "10.40.128.0/20"),
    "utility-b": ("us-east-1b", "10.40.144.0/20"),
    "utility-c": ("us-east-1c", "10.40.160.0/20"),
}
"""Subnets of the shared VPC: Name tag -> zone, CIDR."""


@dataclass(frozen=True)
class Account:
    """Ids of the created resources."""

    vpc: str
    """The shared VPC, with an internet gateway."""
    subnets: dict[str, str]
    """Name tag -> id."""
    security_group: str
    """An extra group in the shared VPC."""
    public_zone: str


def seed(sandbox: Sandbox) -> Account:
    """Creates buckets, hosted zones and a shared VPC in a new sandbox."""
    import boto3

    session = boto3.Session(
        aws_access_key_id=sandbox.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=sandbox.env["AWS_SECRET_ACCESS_KEY"],
        region_name=sandbox.region,
    )
    s3 = session.client("s3", endpoint_url=sandbox.endpoint_url)
    for bucket in (STATE_BUCKET, DISCOVERY_BUCKET):
        s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=STATE_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    ec2 = session.client("ec2", endpoint_url=sandbox.endpoint_url)
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR)["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnets = {name: _subnet(ec2, vpc, name, *place) for name, place in SUBNETS.items()}
    group = ec2.create_security_group(
        GroupName="extra", Description="for the operator's own rules", VpcId=vpc
    )
    ec2.create_key_pair(KeyName=KEY_PAIR)
    route53 = session.client("route53", endpoint_url=sandbox.endpoint_url)
    public = route53.create_hosted_zone(Name=PUBLIC_ZONE, CallerReference="public")
    route53.create_hosted_zone(
        Name=PRIVATE_ZONE,
        CallerReference="private",
        HostedZoneConfig={"PrivateZone": True, "Comment": "inside the shared VPC"},
        VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
    )
    return Account(
        vpc=vpc,
        subnets=subnets,
        security_group=group["GroupId"],
        public_zone=public["HostedZone"]["Id"].removeprefix("/hostedzone/"),
    )


def _subnet(ec2: EC2Client, vpc: str, name: str, zone: str, cidr: str) -> str:
    made = ec2.create_subnet(
        VpcId=vpc,
        AvailabilityZone=zone,
        CidrBlock=cidr,
        TagSpecifications=[{"ResourceType": "subnet", "Tags": [{"Key": "Name", "Value": name}]}],
    )
    return made["Subnet"]["SubnetId"]
