"""Launch templates over several changes: each is a version, and the newest is what machines get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.build import DesiredState
from tests.aws.account import Account, Killed

CLUSTER = "c.example.com"
NAME = f"nodes.{CLUSTER}"


def _wanted(machine: str, label: str) -> DesiredState:
    tags = {"Name": NAME, f"kubernetes.io/cluster/{CLUSTER}": "owned", "team": label}
    return DesiredState(CLUSTER, (LaunchTemplate(name=NAME, instance_type=machine, tags=tags),))


def test_after_each_change_the_newest_version_is_the_default_and_what_was_asked_for(
    account: Account, tmp_path: Path
) -> None:
    ec2: Any = account.aws.ec2
    machines = ["t3.medium", "t3.large", "m5.large", "t3.medium"]
    for number, machine in enumerate(machines, 1):
        wanted = _wanted(machine, str(number))
        outcome = account.apply(wanted, tmp_path / str(number))
        assert outcome.ok, outcome.failed
        (template,) = ec2.describe_launch_templates(LaunchTemplateNames=[NAME])["LaunchTemplates"]
        assert (template["DefaultVersionNumber"], template["LatestVersionNumber"]) == (number, number)
        assert {"Key": "team", "Value": str(number)} in template["Tags"]
        for version in ("$Default", "$Latest"):
            (found,) = ec2.describe_launch_template_versions(LaunchTemplateName=NAME, Versions=[version])[
                "LaunchTemplateVersions"
            ]
            assert found["LaunchTemplateData"]["InstanceType"] == machine
        plan, snapshot = account.plan(wanted)
        assert plan.empty
        (observed,) = snapshot.resources.values()
        assert observed.outputs["latest_version"] == str(number)
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=NAME)["LaunchTemplateVersions"]
    history = sorted((each["VersionNumber"], each["LaunchTemplateData"]["InstanceType"]) for each in versions)
    assert history == list(enumerate(machines, 1)), "earlier versions are what they were"


def test_tags_that_an_apply_did_not_come_to_are_put_on_by_the_next(account: Account, tmp_path: Path) -> None:
    """The tags of the template itself, and those of what is launched from it, are two calls."""
    assert account.apply(_wanted("t3.medium", "a"), tmp_path / "1").ok
    wanted = _wanted("t3.medium", "b")

    def die(moment: str, service: str, operation: str) -> None:
        if moment == "before" and operation == "CreateTags":
            raise Killed

    account.fault = die
    with pytest.raises(Killed):
        account.apply(wanted, tmp_path / "2")
    account.fault = lambda moment, service, operation: None
    assert not account.plan(wanted)[0].empty
    assert account.apply(wanted, tmp_path / "2").ok
    assert account.plan(wanted)[0].empty
    ec2: Any = account.aws.ec2
    (template,) = ec2.describe_launch_templates(LaunchTemplateNames=[NAME])["LaunchTemplates"]
    assert {"Key": "team", "Value": "b"} in template["Tags"]
