"""A security group of the user's in place of a cluster's: the cluster's rules in it go, the group stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.plan.changes import Action
from tests.aws.account import Account, difference
from tests.aws.judged import desired_of, furnished
from tests.judge.outcome import CLUSTERS, SPECIFICATION
from tests.operations.deleting import delete, planned

pytestmark = pytest.mark.full

_GROUP = "sg-0a1b2c3d4e5f60001"


def test_rules_of_the_cluster_go_and_those_without_its_tag_are_told(account: Account, tmp_path: Path) -> None:
    ids = furnished(account)
    group = ids[_GROUP]
    before = account.inventory()
    text = (CLUSTERS / "options-balancers" / SPECIFICATION).read_text(encoding="utf-8")
    cluster = desired_of(text, ids)
    assert account.apply(cluster, tmp_path / "make").ok
    ec2 = account.aws.ec2
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    untagged = [
        rule["SecurityGroupRuleId"]
        for rule in found["SecurityGroupRules"]
        if not rule["Tags"] and "ReferencedGroupInfo" in rule
    ]
    assert untagged, "kOps has no tags for some rules between groups"
    plan = planned(account, cluster.cluster)
    told = [change.note for change in plan.changes if change.action is Action.BLOCKED]
    assert told == [f"revoke {', '.join(untagged)}: they name security groups of the cluster"]
    ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=untagged)
    outcome = delete(account, cluster.cluster, tmp_path / "delete")
    assert outcome.ok, outcome.failed
    (there,) = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert there["GroupName"] == "corporate"
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    assert not any(rule["Tags"] for rule in found["SecurityGroupRules"]), "those with its tag are gone"
    more = [each for each in difference(before, account.inventory()) if each.startswith("+")]
    assert {each[2:].partition(":")[0] for each in more} <= {
        # Rules that kOps makes without tags, and a deleted gateway that is listed for an hour.
        *("SecurityGroups", "SecurityGroupRules", "NatGateways", "objects")
    }
