"""End to end without a terminal: real processes against an embedded AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_tui.cli.demo import seed_demo
from tests.operations.fault_injection import FaultProxy, ThrottledFirst

pytestmark = pytest.mark.full

PROGRAM = Path(sys.executable).with_name("kops-tui")
CLUSTER = "us1.example.com"


@dataclass(frozen=True)
class Program:
    """The program, and the AWS that it is pointed at."""

    endpoint_url: str
    environment: Mapping[str, str]

    def __call__(self, *words: str, endpoint_url: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PROGRAM), *words],
            env={**self.environment, "AWS_ENDPOINT_URL": endpoint_url or self.endpoint_url},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    home = tmp_path_factory.mktemp("home")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    before = dict(os.environ)
    with Sandbox.start(log=home / "sandbox.log") as sandbox:
        os.environ |= {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
        try:
            seed_demo(sandbox, lambda _: None)
        finally:
            os.environ.clear()
            os.environ |= before
        own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
        yield Program(sandbox.endpoint_url, {**kept, **sandbox.env, **own})


@pytest.mark.sweep
def test_from_a_pending_change_to_rolled_nodes(program: Program, tmp_path: Path) -> None:
    """One story, for each step stands on the one before."""
    listed = program("get", "clusters", "-o", "json")
    assert [(row["name"], row["applied"]) for row in json.loads(listed.stdout)] == [
        ("eu1.example.com", True),
        ("lab.example.com", False),
        (CLUSTER, True),
    ]

    assert program("--plan", "--name", "eu1.example.com").returncode == 0
    assert program("--plan", "--name", "lab.example.com").returncode == 2

    plan = program("--plan", "--name", CLUSTER, "-o", "json", "--out", str(tmp_path / "plan.json"))
    assert plan.returncode == 2, plan.stderr
    pending = [each for each in json.loads(plan.stdout)["changes"] if each["action"] != "no-op"]
    (change,) = pending
    assert (change["kind"], change["name"]) == ("LaunchTemplate", f"nodes-us-east-1a.{CLUSTER}")
    assert change["spec_paths"][0] == "instanceGroups.nodes-us-east-1a.spec.machineType"
    assert change["rolls"] == ["nodes-us-east-1a"]

    forged = json.loads((tmp_path / "plan.json").read_text())
    (tmp_path / "forged.json").write_text(json.dumps({**forged, "changes": []}))
    refused = program("--apply", str(tmp_path / "forged.json"))
    assert refused.returncode == 4
    assert f"{tmp_path}/forged.json: the plan was changed" in refused.stderr
    (tmp_path / "torn.json").write_bytes(b"\xff" + (tmp_path / "plan.json").read_bytes())
    refused = program("--apply", str(tmp_path / "torn.json"))
    assert refused.returncode == 64
    assert f"{tmp_path}/torn.json: this is not a saved plan: it is not UTF-8" in refused.stderr

    applied = program("--apply", str(tmp_path / "plan.json"))
    assert (applied.returncode, applied.stdout) == (0, "1 done, nothing is left to do\n"), applied.stderr
    again = program("--apply", "--name", CLUSTER)
    assert (again.returncode, again.stdout) == (0, "nothing to do\n"), again.stderr
    assert program("--plan", "--name", CLUSTER).returncode == 0

    refused = program("--apply", str(tmp_path / "plan.json"))
    assert refused.returncode == 4
    assert "no longer needed" in refused.stderr

    table = program("rolling-update", "cluster", CLUSTER, "--cloudonly", "--detailed-exitcode")
    assert table.returncode == 2
    assert "launch template version 1 → 2" in table.stdout
    with FaultProxy.of(program.endpoint_url) as front, front.weather(ThrottledFirst(3)):
        rolled = program(
            "--rolling-update",
            "--cloudonly",
            "--node-interval=0",
            "--name",
            CLUSTER,
            "--events",
            "ndjson",
            endpoint_url=front.url,
        )
    assert rolled.returncode == 0, rolled.stderr
    events = [json.loads(line) for line in rolled.stdout.splitlines()]
    throttling = [event for event in events if event["event"] == "Throttling"]
    assert [(event["service"], event["rate"] > 0) for event in throttling] == [("ec2", True)]
    events = [event for event in events if event not in throttling]
    assert [event["event"] for event in events[:2]] == ["Launched", "Started"]
    assert events[-1]["event"] == "Finished"
    assert len({event["step"] for event in events if event["event"] == "StepChanged"}) == 1
    assert program("rolling-update", "cluster", CLUSTER, "--cloudonly", "--detailed-exitcode").returncode == 0


def test_what_kops_forbids_is_told_by_the_volumes_in_the_account(program: Program, tmp_path: Path) -> None:
    for cluster, zone, refused in (
        ("eu1.example.com", "us-east-1a", 1),
        ("lab.example.com", "us-east-1b", 0),
    ):
        stored = program("get", "clusters", cluster, "-o", "yaml").stdout
        moved, back = tmp_path / "moved.yaml", tmp_path / "back.yaml"
        was = f"instanceGroup: control-plane-{zone}"
        assert was in stored
        moved.write_text(stored.replace(was, f"instanceGroup: nodes-{zone}"))
        groups = program("get", "instancegroups", "--name", cluster, "-o", "yaml").stdout
        back.write_text(f"{stored}\n---\n{groups}")
        planned = program("update", "cluster", cluster, "-f", str(moved))
        assert ("a member can't move" in planned.stderr) == bool(refused), planned.stderr
        done = program("replace", "-f", str(moved))
        assert done.returncode == refused, done.stderr
        assert program("replace", "-f", str(back)).returncode == 0


def test_a_change_in_a_file_is_planned_as_if_it_were_stored_and_is_not(
    program: Program, tmp_path: Path
) -> None:
    cluster = "eu1.example.com"
    stored = program("get", "clusters", cluster, "-o", "yaml").stdout
    groups = program("get", "instancegroups", "--name", cluster, "-o", "yaml").stdout
    whole = tmp_path / "whole.yaml"
    whole.write_text(f"{stored}\n---\n{groups}")
    same = program("--plan", "--name", cluster, "-f", str(whole))
    assert same.returncode == 0, same.stdout + same.stderr

    sizes = "  maxSize: {}\n  minSize: 1\n  nodeLabels:\n    kops.k8s.io/instancegroup: nodes-"
    whole.write_text(f"{stored}\n---\n{groups.replace(sizes.format(1), sizes.format(5))}")
    assert whole.read_text().count("maxSize: 5") == 3
    changed = program("--plan", "--name", cluster, "-f", str(whole), "-o", "json")
    assert changed.returncode == 2, changed.stderr
    pending = [each for each in json.loads(changed.stdout)["changes"] if each["action"] != "no-op"]
    assert [each["kind"] for each in pending] == ["AutoscalingGroup"] * 3

    assert program("get", "clusters", cluster, "-o", "yaml").stdout == stored
    assert program("get", "instancegroups", "--name", cluster, "-o", "yaml").stdout == groups
    assert program("--plan", "--name", cluster).returncode == 0
    assert "replace" not in program("history", cluster).stdout


def test_what_was_changed_in_the_account_is_told_from_what_was_changed_in_the_spec(program: Program) -> None:
    cluster = "eu1.example.com"
    first = program("drift", cluster, "--detailed-exitcode")
    assert (first.returncode, f"{cluster} is as its spec wants it." in first.stdout) == (0, True), (
        first.stderr
    )
    assert "Last applied by" in first.stdout
    account = boto3.client(
        "autoscaling",
        endpoint_url=program.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    names = [f"nodes-us-east-1{zone}.{cluster}" for zone in "ab"]
    account.update_auto_scaling_group(AutoScalingGroupName=names[0], MaxSize=4)
    edit = program("edit", "instancegroup", "nodes-us-east-1b", "--name", cluster, "--set", "spec.maxSize=3")
    assert edit.returncode == 0, edit.stderr
    told = program("drift", cluster, "-o", "json", "--detailed-exitcode")
    assert told.returncode == 2, told.stderr
    found = {each["name"]: (each["cause"], each["fields"]) for each in json.loads(told.stdout)["drift"]}
    assert found == {
        names[0]: ("drift", [{"name": "max_size", "cause": "drift", "live": "4", "wanted": "1"}]),
        names[1]: ("pending", [{"name": "max_size", "cause": "pending", "live": "1", "wanted": "3"}]),
    }
    shown = program("drift", cluster)
    assert shown.returncode == 2
    assert shown.stdout.index("Changed outside of the spec (1)") < shown.stdout.index(names[0])
    account.update_auto_scaling_group(AutoScalingGroupName=names[0], MaxSize=1)
    back = program("edit", "instancegroup", "nodes-us-east-1b", "--name", cluster, "--set", "spec.maxSize=1")
    assert back.returncode == 0
    # The group's generation is not that of the last apply, and nobody reads it there.
    assert json.loads(program("drift", cluster, "-o", "json").stdout)["drift"] == []


def test_a_rule_that_waits_for_pruning_is_told_from_one_that_was_added_by_hand(program: Program) -> None:
    cluster, port = "eu1.example.com", ("spec.sshAccess=10.1.0.0/16", "spec.sshAccess")
    for words in (("--set", port[0]), ("--unset", port[1])):
        assert program("edit", "cluster", cluster, *words).returncode == 0
        applied = program("update", "cluster", cluster, "--yes")
        assert applied.returncode == 0, applied.stderr
    waiting = program("drift", cluster, "-o", "json")
    assert waiting.returncode == 2, waiting.stderr
    causes = {each["name"]: each["cause"] for each in json.loads(waiting.stdout)["drift"]}
    assert causes
    assert set(causes.values()) == {"held"}
    shown = program("drift", cluster)
    assert "No longer in the spec, deleted only when pruning" in shown.stdout
    assert "Changed outside" not in shown.stdout

    ec2 = boto3.client(
        "ec2",
        endpoint_url=program.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    (nodes,) = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [f"nodes.{cluster}"]}])[
        "SecurityGroups"
    ]

    def rule(port: int) -> Any:
        return {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "IpRanges": [{"CidrIp": "192.0.2.0/24"}],
        }

    opened = [
        allow(GroupId=nodes["GroupId"], IpPermissions=[rule(port)])["SecurityGroupRules"][0][
            "SecurityGroupRuleId"
        ]
        for allow, port in (
            (ec2.authorize_security_group_ingress, 22),
            (ec2.authorize_security_group_ingress, 8080),
            (ec2.authorize_security_group_egress, 25),
        )
    ]
    told = program("drift", cluster, "-o", "json")
    by_hand = {each["name"] for each in json.loads(told.stdout)["drift"] if each["cause"] == "drift"}
    assert (told.returncode, by_hand) == (2, set(opened))
    pruned = program("update", "cluster", cluster, "--prune", "--yes")
    assert pruned.returncode == 0, pruned.stderr
    left = {each["name"] for each in json.loads(program("drift", cluster, "-o", "json").stdout)["drift"]}
    assert left == set(opened[1:])
    ec2.revoke_security_group_ingress(GroupId=nodes["GroupId"], SecurityGroupRuleIds=[opened[1]])
    ec2.revoke_security_group_egress(GroupId=nodes["GroupId"], SecurityGroupRuleIds=[opened[2]])
    assert program("drift", cluster).returncode == 0


def test_single_changes_of_a_plan_are_applied_and_the_others_left(program: Program, tmp_path: Path) -> None:
    cluster, file = "eu1.example.com", str(tmp_path / "plan.json")
    rules = [
        f"SecurityGroupRule/from-10.2.0.0/16-ingress-tcp-22to22-{role}.{cluster}"
        for role in ("nodes", "masters")
    ]

    def pending(*words: str) -> set[str]:
        done = program("--plan", "--name", cluster, "-o", "json", *words)
        assert done.returncode in (0, 2), done.stderr
        changes = json.loads(done.stdout)["changes"]
        return {f"{each['kind']}/{each['name']}" for each in changes if each["action"] != "no-op"}

    assert program("edit", "cluster", cluster, "--set", "spec.sshAccess=10.2.0.0/16").returncode == 0
    assert pending("--target-resource", rules[0], "--out", file) == {rules[0]}
    shown = program("--plan", "--name", cluster, "--target-resource", rules[0])
    assert "Left out, because the plan is limited to other resources" in shown.stdout
    assert rules[1] in shown.stdout
    applied = program("--apply", file)
    assert applied.returncode == 0, applied.stderr
    stale = program("--apply", file)
    assert stale.returncode not in (0, 2)
    assert "is no longer needed" in stale.stderr
    assert rules[0] not in pending()
    assert rules[1] in pending()
    wrong = program("--apply", "--name", cluster, "--target-resource", "VPC/nobody")
    assert (wrong.returncode, "the plan has no VPC/nobody" in wrong.stderr) == (64, True)
    assert program("--apply", "--name", cluster, "--target-resource", rules[1]).returncode == 0
    assert pending() == set(), "with the last change the completed spec is written"

    assert program("edit", "cluster", cluster, "--unset", "spec.sshAccess").returncode == 0
    assert program("update", "cluster", cluster, "--prune", "--yes").returncode == 0


def test_before_the_first_apply_everything_waits_for_it(program: Program) -> None:
    told = program("drift", "lab.example.com", "-o", "json", "--detailed-exitcode")
    assert told.returncode == 2, told.stderr
    found = json.loads(told.stdout)
    assert {each["cause"] for each in found["drift"] if each["action"] == "create"} == {"pending"}
    assert (found["last_apply"], found["note"]) == (None, "the cluster was never applied")


def test_a_throttled_plan_says_so_once(program: Program) -> None:
    with FaultProxy.of(program.endpoint_url) as front, front.weather(ThrottledFirst(3)):
        planned = program("--plan", "--name", "eu1.example.com", endpoint_url=front.url)
    assert planned.returncode == 0, planned.stderr
    assert planned.stderr.count("ec2 throttles requests (Describe") == 1
    assert "throttles" not in planned.stdout


def test_a_plan_of_a_refused_spec_names_the_field_and_changes_nothing(program: Program) -> None:
    before = program("get", "clusters", "lab.example.com", "-o", "yaml").stdout
    edit = program("edit", "cluster", "lab.example.com", "--set", "spec.kubernetesVersion=1.20.0")
    assert edit.returncode == 0, edit.stderr
    planned = program("--plan", "--name", "lab.example.com")
    assert planned.returncode == 1
    assert "spec.kubernetesVersion" in planned.stderr
    assert "Traceback" not in planned.stderr
    back = program("edit", "cluster", "lab.example.com", "--set", "spec.kubernetesVersion=1.36.3")
    assert back.returncode == 0
    after = program("get", "clusters", "lab.example.com", "-o", "yaml").stdout
    assert re.sub(r"  generation: \d+\n", "", after) == re.sub(r"  generation: \d+\n", "", before)


def test_a_cluster_that_does_not_exist_is_told_with_what_to_do(program: Program) -> None:
    done = program("--plan", "--name", "nowhere.example.com")
    assert done.returncode == 1
    assert "kops-tui get clusters" in done.stderr


def test_a_part_of_a_cluster_is_planned_alone(program: Program) -> None:
    def kinds(*words: str) -> set[str]:
        done = program("update", "cluster", "lab.example.com", "-o", "json", *words)
        assert done.returncode == 0, done.stderr
        changes = json.loads(done.stdout)["changes"]
        return {each["kind"] for each in changes if each["action"] != "no-op"}

    network = kinds("--phase", "network")
    assert "Subnet" in network
    assert network.isdisjoint({"SecurityGroup", "IAMRole", "LaunchTemplate", "ManagedFile"})
    assert "SecurityGroup" not in kinds(
        "--lifecycle-overrides", "SecurityGroup=Ignore,SecurityGroupRule=Ignore"
    )
    one = program("update", "cluster", "lab.example.com", "--instance-group-roles", "control-plane")
    assert "LaunchTemplate/control-plane-us-east-1b.masters.lab.example.com" in one.stdout
    assert "LaunchTemplate/nodes" not in one.stdout
    wrong = program("update", "cluster", "lab.example.com", "--instance-group", "workers")
    assert wrong.returncode == 64
    assert "nodes-us-east-1b" in wrong.stderr


def test_terraform_gets_the_same_cluster_and_no_private_key(program: Program, tmp_path: Path) -> None:
    done = program(
        "update", "cluster", "lab.example.com",
        "--target", "terraform", "--out", str(tmp_path / "tf"), "--admin",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kubeconfig = Path(done.stderr.rpartition("export KUBECONFIG=")[2].strip())
    assert "client-key-data" in kubeconfig.read_text()
    assert kubeconfig.stat().st_mode & 0o077 == 0
    # Two clusters were applied from this home, and keys were made for all three.
    journals = list(
        (next(each for each in kubeconfig.parents if each.name == ".local").parent).rglob("*.jsonl")
    )
    assert len(journals) >= 3
    for told in (done.stderr, *(file.read_text() for file in journals)):
        assert "PRIVATE KEY" not in told
        assert b64encode(b"-----BEGIN RSA PRIVAT").decode() not in told
    module = (tmp_path / "tf" / "kubernetes.tf").read_text()
    assert 'resource "aws_autoscaling_group" "nodes-us-east-1b-lab-example-com"' in module
    written = [file for file in (tmp_path / "tf").rglob("*") if file.is_file()]
    assert not [file for file in written if b"PRIVATE KEY" in file.read_bytes()]
    assert not [file for file in written if file.stat().st_mode & 0o077]
    again = program(
        "update", "cluster", "lab.example.com", "--target", "terraform", "--out", str(tmp_path / "2")
    )
    assert again.returncode == 0
    assert (tmp_path / "2" / "kubernetes.tf").read_text() == module


def test_a_new_authority_reaches_every_node_by_a_plan_that_names_them(program: Program) -> None:
    """What trusts an authority is in what nodes start with: nothing but a roll brings it to them."""
    cluster = "eu1.example.com"
    made = program("create", "keypair", "kubernetes-ca", "--name", cluster)
    assert made.returncode == 0, made.stderr
    plan = program("--plan", "--name", cluster, "-o", "json")
    assert plan.returncode == 2, plan.stderr
    pending = [each for each in json.loads(plan.stdout)["changes"] if each["action"] != "no-op"]
    zones = [f"us-east-1{letter}" for letter in "abc"]
    control_plane, nodes = ([f"{role}-{zone}" for zone in zones] for role in ("control-plane", "nodes"))
    assert {(each["kind"], each["name"]) for each in pending} == {
        *(("ManagedFile", f"nodeupconfig-{group}") for group in control_plane),
        *(("LaunchTemplate", f"{group}.masters.{cluster}") for group in control_plane),
        *(("LaunchTemplate", f"{group}.{cluster}") for group in nodes),
    }
    assert sorted(group for each in pending for group in each["rolls"]) == [*control_plane, *nodes]
    assert "PRIVATE KEY" not in plan.stdout


def test_a_cluster_is_deleted_only_when_asked_for_and_not_while_protected(program: Program) -> None:
    name = "eu1.example.com"
    config = Path(program.environment["HOME"]) / ".kube" / "config"
    config.parent.mkdir()
    config.write_text(
        f"apiVersion: v1\nkind: Config\nclusters:\n- name: {name}\n  cluster: {{}}\n"
        "- name: other\n  cluster: {}\n"
        f"contexts: []\nusers: []\ncurrent-context: {name}\n"
    )
    shown = program("delete", "cluster", name, "-o", "json")
    assert shown.returncode == 0, shown.stderr
    found = json.loads(shown.stdout)
    assert {"VPC", "Subnet", "AutoscalingGroup", "EBSVolume", "IAMRole"} <= {
        each["kind"] for each in found["changes"] if each["action"] == "delete"
    }
    assert found["summary"]["blocked"] == 0
    assert program("delete", "cluster", name, "--detailed-exitcode").returncode == 2
    # The preview has taken nothing away; what is pending comes of the authority made above.
    assert json.loads(program("--plan", "--name", name, "-o", "json").stdout)["summary"]["create"] == 0

    assert program("protect", "cluster", name).returncode == 0
    refused = program("delete", "cluster", name, "--yes")
    assert refused.returncode == 4
    assert "protected" in refused.stderr
    assert "--off" in refused.stderr
    assert program("protect", "cluster", name, "--off").returncode == 0

    deleted = program("delete", "cluster", name, "--yes", "--events", "ndjson")
    assert deleted.returncode == 0, deleted.stderr
    assert json.loads(deleted.stdout.splitlines()[-1])["ok"] is True
    listed = json.loads(program("get", "clusters", "-o", "json").stdout)
    assert name not in {row["name"] for row in listed}
    external = program("delete", "cluster", name, "--external", "--region", "us-east-1", "-o", "json")
    assert [each["kind"] for each in json.loads(external.stdout)["changes"]] == ["Kubeconfig"]
    assert name not in config.read_text()
    assert "other" in config.read_text()
    assert program("delete", "cluster", name, "--yes").returncode == 1
    assert "to create" not in program("--plan", "--name", CLUSTER).stdout


def test_a_folder_in_git_is_stored_and_applied_in_one_go(program: Program, tmp_path: Path) -> None:
    name = "git.example.com"
    sizes = ("--control-plane-size", "m5.large", "--node-size", "m5.large", "--dns", "none")
    made = program(
        "create",
        "cluster",
        name,
        "--zones",
        "us-east-1a",
        *sizes,
        "--cloud",
        "aws",
        "--dry-run",
        "-o",
        "yaml",
    )
    assert made.returncode == 0, made.stderr
    (tmp_path / "clusters.yaml").write_text(made.stdout)
    applied = program("--apply", "-f", str(tmp_path))
    assert applied.returncode == 0, applied.stderr
    assert f"{name}: + instance group nodes-us-east-1a" in applied.stderr
    assert program("--plan", "--name", name).returncode == 0

    edited = program("edit", "cluster", name, "--set", "spec.sshAccess=10.0.0.0/8")
    assert edited.returncode == 0, edited.stderr
    refused = program("--apply", "-f", str(tmp_path))
    assert refused.returncode == 4
    assert "spec.sshAccess" in refused.stderr
    assert "kops-tui edit" not in refused.stdout
    overwritten = program("--apply", "-f", str(tmp_path), "--overwrite")
    assert (overwritten.returncode, program("--plan", "--name", name).returncode) == (0, 0)

    (group,) = [each for each in made.stdout.split("---\n") if "role: Node" in each]
    (tmp_path / "extra.yaml").write_text(group.replace("name: nodes-us-east-1a", "name: extra"))
    added = program("--apply", "-f", str(tmp_path))
    assert added.returncode == 0, added.stderr
    (tmp_path / "extra.yaml").unlink()
    kept = program("--apply", "-f", str(tmp_path))
    assert kept.returncode == 0, kept.stderr
    assert "not in the folder, and kept: extra" in kept.stderr
    pruned = program("--apply", "-f", str(tmp_path), "--prune-instance-groups")
    assert pruned.returncode == 0, pruned.stderr
    groups = program("get", "instancegroups", "--name", name, "-o", "json").stdout
    assert "extra" not in groups
    assert program("--apply", "-f", str(tmp_path)).returncode == 0
