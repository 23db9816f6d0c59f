"""Plans are checked again under the lock, and final writes of an operation hold it."""

from __future__ import annotations

import json

import pytest

from kops_core import CancelToken, Finished, LockHeld, PlannedChange, Refused, Workspace
from kops_core.cloud.aws.provider import AwsProvider
from kops_core.store.lock import Lock
from tests.operations.engine_world import CLUSTER, World, engine, sandbox, world
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request, refusal

pytestmark = pytest.mark.full

__all__ = ["sandbox", "world"]

NODES = "nodes-us-east-1a"


def _apply(workspace: Workspace, shown: PlannedChange | None = None) -> Finished:
    if shown is None:
        return workspace.apply(lambda _: None, CancelToken())
    return workspace.apply(lambda _: None, CancelToken(), request=shown.request, expected=shown.plan)


def _vpcs(world: World) -> int:
    tagged = [{"Name": "tag:KubernetesCluster", "Values": [CLUSTER]}]
    return len(world.ec2.describe_vpcs(Filters=tagged)["Vpcs"])


def test_a_cluster_deleted_since_it_was_planned_is_not_built(world: World) -> None:
    workspace = engine().open(CLUSTER)
    shown = workspace.plan()
    world.run("bob@desk", "delete")
    for again in (shown, None):
        with pytest.raises(Refused, match="somebody deleted it"):
            _apply(workspace, again)
    assert _vpcs(world) == 0
    assert engine().deletion(CLUSTER, region=world.sandbox.region, external=True).plan().pending[:-1] == ()


def test_a_spec_changed_by_a_writer_without_lock_is_refused_with_what_changed(world: World) -> None:
    """kOps' edit takes no lock."""
    workspace = engine().open(CLUSTER)
    shown = workspace.plan()
    other = engine().open(CLUSTER)
    other.set_field(NODES, "spec.machineType", "m5.xlarge")
    other.save()
    for again in (shown, None):
        with pytest.raises(Refused, match=r"spec.machineType: 't3.large' -> 'm5.xlarge'") as refused:
            _apply(workspace, again)
        assert refused.value.exit_code == 4
    with pytest.raises(Refused, match=r"spec.machineType"):
        workspace.roll((), lambda _: None, CancelToken())
    assert _vpcs(world) == 0


def test_an_instance_group_added_meanwhile_is_a_change_too(world: World) -> None:
    workspace = engine().open(CLUSTER)
    backend = workspace.state_store.backend
    group = backend.read(f"{CLUSTER}/instancegroup/{NODES}").data
    backend.create(f"{CLUSTER}/instancegroup/more", group.replace(NODES.encode(), b"more"))
    with pytest.raises(Refused, match="instancegroup/more"):
        _apply(workspace)


def test_requirement_13_an_account_changed_since_the_plan_was_shown_is_refused_with_the_difference(
    world: World,
) -> None:
    workspace = engine().open(CLUSTER)
    shown = workspace.plan()
    vpc = world.ec2.create_vpc(CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
    tags = {"Name": CLUSTER, "KubernetesCluster": CLUSTER, f"kubernetes.io/cluster/{CLUSTER}": "owned"}
    world.ec2.create_tags(Resources=[vpc], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    with pytest.raises(Refused, match=f"VPC/{CLUSTER}: "):
        _apply(workspace, shown)
    assert _vpcs(world) == 1


def test_while_another_holds_the_lock_nothing_is_read_or_changed_and_its_end_is_known(world: World) -> None:
    workspace = engine().open(CLUSTER)
    held = Lock(workspace.state_store.backend, CLUSTER).acquire("bob@desk", "apply")
    with pytest.raises(LockHeld, match="bob@desk holds the lock") as refused:
        _apply(workspace)
    assert refused.value.until == held.until
    assert _vpcs(world) == 0


def test_what_a_killed_run_left_out_at_its_end_is_made_up_for(world: World) -> None:
    workspace = engine().open(CLUSTER)
    assert _apply(workspace).ok
    backend = workspace.state_store.backend
    applied = f".kops-tui/{CLUSTER}/applied.json"
    record = json.loads(backend.read(applied).data)
    (journal,) = engine().settings.journals.glob("*.apply.*")
    backend.delete(applied)
    lines = journal.read_text().splitlines(keepends=True)
    assert json.loads(lines[-1])["what"] == "finished"
    journal.write_text("".join(lines[:-1]))
    assert [each.result for each in engine().history(CLUSTER)] == ["interrupted"]

    assert _apply(engine().open(CLUSTER)).message == "nothing to do"
    assert [each.result for each in engine().history(CLUSTER)] == ["ok"]
    again = json.loads(backend.read(applied).data)
    assert {**again, "at": ""} == {**record, "at": ""}
    assert _apply(engine().open(CLUSTER)).message == "nothing to do"
    assert backend.read(applied).data == json.dumps(again, sort_keys=True).encode(), "written once"
    assert len(list(journal.parent.glob("*.apply.*"))) == 1


class ExpiresForAll(Fault):
    """Credentials that end after so many changing calls: the state store refuses them too."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def before(self, request: Request) -> Answer | None:
        self.left -= request.changes
        if self.left > 0:
            return None
        code, status = ("RequestExpired", 400) if request.service == "ec2" else ("ExpiredToken", 400)
        return refusal(request.service, code, status)


def test_credentials_that_end_leave_the_summary_readable_and_the_lock_to_the_next_run(world: World) -> None:
    world.clock.write_text("0")
    with FaultProxy.of(world.sandbox.endpoint_url) as front, front.weather(ExpiresForAll(60)):
        process = world.start("ann@laptop", "apply", endpoint=front.url)
        told, _ = process.communicate(timeout=180)
    assert process.returncode == 1, told
    assert "failed, first" in told
    assert "the lock could not be given back" in told
    assert "Traceback" not in told
    # The process is gone, so the next one on this machine does not wait.
    assert "nothing is left to do" in world.run("bob@laptop", "apply")


def test_the_engine_sends_no_change_to_the_cloud_without_a_lock(world: World) -> None:
    over = engine()
    provider = over._clouds.default
    assert isinstance(provider, AwsProvider)
    session = provider.session(world.sandbox.region)
    with pytest.raises(Refused, match="CreateVpc would change ec2 without the cluster's lock"):
        session.ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert session.ec2.describe_vpcs()["Vpcs"]
