"""Launch templates over several changes: each is a version, and the newest is what machines get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.build import DesiredState
from tests.aws.account import Account

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
