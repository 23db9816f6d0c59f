"""Groups, warm pools and instance profiles in an account that behaves as AWS does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.aws.resources.groups import WarmPool
from kops_core.cloud.sandbox.strict import StrictAccount, scaling
from kops_core.model.build import DesiredState
from kops_core.operations.events import Event, Phase, StepChanged
from kops_core.operations.group_status import InstanceGroup, Role
from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.operations.deleting import delete
from tests.operations.rolls import statuses

pytestmark = pytest.mark.full

POOL = ("    maxSize: 1\n", "    maxSize: 2\n    minSize: 2\n")


@pytest.fixture
def pooled(account: Account) -> DesiredState:
    """A cluster whose nodes have a warm pool of two machines."""
    cluster = desired("warm", account.zone, POOL)
    assert any(isinstance(each, WarmPool) and each.min_size for each in cluster.resources)
    return cluster


def test_machines_of_a_warm_pool_are_seen_and_may_need_an_update(
    account: Account,
    strict: StrictAccount,
    pooled: DesiredState,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Longer than other steps may take meanwhile: the clock goes on with every call of theirs.
    monkeypatch.setattr(scaling, "GROUP_SETTLES", 60.0)
    events: list[Event] = []
    outcome = account.apply(pooled, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    said = {each.note for each in events if isinstance(each, StepChanged) and each.phase is Phase.RETRYING}
    assert any("has no associated IAM Roles" in note for note in said)
    assert any("not ready for a warm pool" in note for note in said)
    pool = next(each for each in pooled.resources if isinstance(each, WarmPool))
    group = InstanceGroup("nodes", Role.NODE, pool.name)
    cloud = AwsInstanceGroups(account.aws, pooled.cluster)
    (status,) = statuses(cloud, [group])
    warm = [each for each in status.instances if each.status == "WarmPool"]
    assert len(warm) == pool.min_size
    assert status.need_update == 0

    ec2: Any = account.aws.ec2
    template = ec2.describe_launch_templates(LaunchTemplateNames=[pool.name])["LaunchTemplates"][0]
    ec2.create_launch_template_version(
        LaunchTemplateId=template["LaunchTemplateId"],
        SourceVersion="1",
        LaunchTemplateData={"InstanceType": "t3.large"},
    )
    (status,) = statuses(cloud, [group])
    assert {each.id for each in warm} <= {each.id for each in status.instances if each.outdated}


def test_a_pool_is_made_after_its_hook(
    account: Account, strict: StrictAccount, pooled: DesiredState, tmp_path: Path
) -> None:
    outcome = account.apply(pooled, tmp_path)
    assert outcome.ok, outcome.failed
    made = [each.operation for each in account.calls]
    first = made.index("PutWarmPool")
    last = max(at for at, each in enumerate(made) if each == "PutLifecycleHook")
    assert last < first, "machines that come before the hook are not waited for"


def test_a_pool_is_made_again_while_the_old_one_goes(
    account: Account, strict: StrictAccount, pooled: DesiredState, tmp_path: Path
) -> None:
    outcome = account.apply(pooled, tmp_path)
    assert outcome.ok, outcome.failed
    pool = next(each for each in pooled.resources if isinstance(each, WarmPool))
    account.aws.autoscaling.delete_warm_pool(AutoScalingGroupName=pool.name, ForceDelete=True)
    plan, _ = account.plan(pooled)
    assert [str(each.key) for each in plan.pending] == [f"WarmPool/{pool.name}"]
    outcome = account.apply(pooled, tmp_path)
    assert outcome.ok, outcome.failed
    assert account.plan(pooled)[0].empty


def test_more_groups_than_a_page_are_seen(account: Account, strict: StrictAccount) -> None:
    scaling: Any = account.aws.autoscaling
    ec2: Any = account.aws.ec2
    image = ec2.describe_images()["Images"][0]["ImageId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="template", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.medium"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    assert account.aws_clock is not None
    account.aws_clock.sleep(60)
    names = [f"group-{number}" for number in range(120)]
    for name in names:
        scaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=0,
            LaunchTemplate={"LaunchTemplateId": template},
            VPCZoneIdentifier=subnet,
        )
    assert set(AwsInstanceGroups(account.aws, "c").groups(names)) == set(names)


def test_a_cluster_with_a_pool_is_deleted_while_its_groups_take_their_time(
    account: Account, strict: StrictAccount, pooled: DesiredState, tmp_path: Path
) -> None:
    outcome = account.apply(pooled, tmp_path / "apply")
    assert outcome.ok, outcome.failed
    outcome = delete(account, pooled.cluster, tmp_path / "delete", clock=account.aws_clock)
    assert outcome.ok, outcome.failed
    assert account.aws.autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
