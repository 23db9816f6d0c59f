"""Options of the judge's clusters in an account: applied as desired, seen, and each change planned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from kops_core import to_yaml
from kops_core.model.build import DesiredState
from kops_core.model.resource import Resource
from kops_core.plan.changes import Action
from tests.aws.account import Account
from tests.aws.clusters import IMAGE, modelled
from tests.clusters import inferred
from tests.judge.making import created
from tests.judge.outcome import CLUSTERS, DATA, SPECIFICATION

pytestmark = pytest.mark.full

_NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
)
_IDENTITY = frozenset(("base", "url"))
"""Of another base or URL it is another one, which is made."""
_REFERRING = frozenset(("launch_template", "nat_gateway"))
"""They may refer to another resource than before though the specification says the same of them."""
_ELSEWHERE = frozenset(("target_groups",))
"""What is attached beside them is a resource of its own, and deleted when pruning."""
_CERTIFICATE = "arn:aws:acm:us-east-1:210987654321:certificate/judge"
_JUDGED_IMAGE = "ami-0000000000000a001"
_CLUSTERS = (
    *("groups", "ipv6", "labelled", "private-ipv6", "settings", "termination"),
    *("options-addons", "options-balancers", "options-calico", "options-groups", "options-karpenter"),
    *("options-kindnet", "options-spot"),
)
"""Those that have options of AWS' resources, and need no network of the user's."""
_ARN = "arn:aws:elasticloadbalancing:us-east-1:210987654321:targetgroup/shop/0a1b2c"


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
        _ARN: target["TargetGroups"][0]["TargetGroupArn"],
        ":210987654321:": f":{account.aws.sts.get_caller_identity()['Account']}:",
    }


def desired_of(text: str, ids: Mapping[str, str]) -> DesiredState:
    facts = (DATA / "facts.json").read_text(encoding="utf-8")
    for old, new in ids.items():
        text, facts = text.replace(old, new), facts.replace(old, new)
    return modelled(inferred(text, facts))


@pytest.mark.parametrize("name", _CLUSTERS)
def test_options_are_applied_are_seen_and_each_change_of_them_is_planned(
    name: str, account: Account, tmp_path: Path
) -> None:
    ids = furnished(account)
    cluster = desired_of((CLUSTERS / name / SPECIFICATION).read_text(encoding="utf-8"), ids)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    plan, _ = account.plan(cluster)
    assert [(str(change.key), change.fields) for change in plan.pending] == []
    assert (plan.errors, plan.warnings, plan.deferred) == ((), (), ())
    tagged = account.aws.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": list(ids.values())}])
    assert "owned" not in {each["Value"] for each in tagged["Tags"]}, "what the user made stays the user's"

    without = desired_of("---\n".join(map(to_yaml, created(name))), ids)
    after, _ = account.plan(without)
    found = {change.key: change.fields for change in after.pending if change.action is Action.UPDATE}
    there = cluster.by_key()
    expected = {
        key: changed
        for key, wanted in without.by_key().items()
        if key in there
        and there[key].shared == wanted.shared
        and (changed := _different(there[key], wanted))
        and not changed & _IDENTITY
    }
    for key, changed in expected.items():
        assert changed <= {each.name for each in found.get(key, ())}, key
    for key, changes in found.items():
        more = [each for each in changes if each.name not in expected.get(key, ())]
        assert all(each.name in _REFERRING or "known after apply" in str(each.after) for each in more), key


def _different(one: Resource, other: Resource) -> set[str]:
    """The fields that another desired state sets in another way; what is None is not managed."""
    values = {name: value for name, _, value in one.attributes()}
    return {name for name, _, value in other.attributes() if value not in (None, values[name])} - _ELSEWHERE
