"""Clusters of the judge in an account of the emulator, with what their specifications name."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kops_core.model.build import DesiredState
from tests.aws.account import Account
from tests.aws.clusters import IMAGE, modelled
from tests.clusters import inferred, moved
from tests.judge.outcome import DATA

_NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
)
_CERTIFICATE = "arn:aws:acm:us-east-1:210987654321:certificate/judge"
_JUDGED_IMAGE = "ami-0000000000000a001"
_TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/shop/0a1b2c"


def furnished(account: Account) -> Mapping[str, str]:
    """What the specifications name, made in the account: its ids by theirs."""
    ec2 = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="corporate", Description="corporate", VpcId=vpc)
    certificate = account.aws.iam.upload_server_certificate(
        ServerCertificateName="judge", CertificateBody="public", PrivateKey="private"
    )
    target = account.aws.elbv2.create_target_group(Name="shop", Protocol="TCP", Port=80, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")
    iam = account.aws.iam
    iam.create_role(RoleName="shop", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="shop")
    iam.add_role_to_instance_profile(InstanceProfileName="shop", RoleName="shop")
    policy = iam.create_policy(PolicyName="ReadOnly", PolicyDocument=_NOTHING)
    return {
        _JUDGED_IMAGE: IMAGE,
        "Z0JUDGEPUBLIC": account.zone,
        "judge.example": "example.com",
        "sg-0a1b2c3d4e5f60001": group["GroupId"],
        "203.0.113.10": address["PublicIp"],
        "arn:aws:iam::aws:policy/ReadOnlyAccess": policy["Policy"]["Arn"],
        _CERTIFICATE: certificate["ServerCertificateMetadata"]["Arn"],
        _TARGET_GROUP: target["TargetGroups"][0]["TargetGroupArn"],
        ":210987654321:": f":{account.aws.sts.get_caller_identity()['Account']}:",
    }


def desired_of(text: str, ids: Mapping[str, str]) -> DesiredState:
    """The desired resources of a specification in an account with these ids."""
    facts = (DATA / "facts.json").read_text(encoding="utf-8")
    return modelled(inferred(moved(text, ids), moved(facts, ids)))
