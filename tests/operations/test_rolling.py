"""Rolling updates: which instances are replaced, in which order, and resumption."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.ports import GroupState, Instance
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.group_status import InstanceGroup, Role, status_of
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.observation import cloud_failures
from kops_core.operations.rolling.settings import RollingSettings
from tests.aws.account import Account, FakeClock, Killed
from tests.aws.clusters import desired
from tests.operations.rolls import has_work, roll_by_cloud, statuses
from tests.operations.simulation import Denied, Simulation
from tests.operations.test_kill import KillSwitch

OLD, NEW = "lt-1:1", "lt-1:2"
NODES = InstanceGroup("nodes", Role.NODE, "nodes")
MASTERS = InstanceGroup("masters", Role.CONTROL_PLANE, "masters")
BASTIONS = InstanceGroup("bastions", Role.BASTION, "bastions")


def _roll(
    cloud: Simulation | AwsInstanceGroups,
    folder: Path,
    *groups: InstanceGroup,
    cancel: CancelToken | None = None,
    options: RollingSettings | None = None,
    events: list[Event] | None = None,
) -> Outcome:
    return roll_by_cloud(
        cloud,
        folder,
        groups or (NODES,),
        clock=cloud.clock if isinstance(cloud, Simulation) else FakeClock(),
        cancel=cancel,
        options=options,
        events=events,
    )


@pytest.fixture
def cloud() -> Simulation:
    return Simulation(FakeClock())


def _instance(
    id_: str, lifecycle: str = "InService", template: str = NEW, *, running: bool = True
) -> Instance:
    return Instance(id_, lifecycle, running, template)


def _group(*instances: Instance, size: int = 2) -> GroupState:
    return GroupState("nodes", NEW, 0, 9, size, instances)


@pytest.mark.parametrize(
    ("instances", "outdated", "waits"),
    [
        (["i-1", "i-2"], "i-1", ""),
        (["i-2"], "i-1", "1 of 2 instances to come into service"),
        (["i-1", "i-2 Pending"], "i-1", "1 of 2 instances to come into service"),
        (["i-1 Pending", "i-2"], "i-1", ""),
        (["i-1", "i-2", "i-3 Terminating"], "i-1", "the end of i-3"),
    ],
)
def test_only_instances_that_stay_are_waited_for(instances: list[str], outdated: str, waits: str) -> None:
    state = _group(*(_instance(*each.split()) for each in instances))
    assert [each.message for each in cloud_failures(NODES, state, [outdated])] == [waits] * bool(waits)


def test_status_says_why_each_instance_needs_an_update() -> None:
    state = _group(
        _instance("i-1", template=OLD),
        _instance("i-2"),
        _instance("i-3", template="lt-0:7"),
        _instance("i-4", "Warmed:Stopped", OLD),
        _instance("i-5", "Detached", ""),
        _instance("i-6", "Terminating", OLD),
    )
    status = status_of(NODES, state)
    assert (status.status, status.need_update, status.ready, status.target) == ("NeedsUpdate", 4, 1, 2)
    assert {each.id: (each.status, each.why) for each in status.instances} == {
        "i-1": ("NeedsUpdate", "launch template version 1 → 2"),
        "i-2": ("UpToDate", ""),
        "i-3": ("NeedsUpdate", "made from lt-0:7, the group uses lt-1:2"),
        "i-4": ("WarmPool", "launch template version 1 → 2"),
        "i-5": ("Detached", "it was taken out of its group by an update that did not end"),
    }
    assert status_of(NODES, None).status == "Missing"


def test_exactly_the_outdated_go_one_at_a_time_and_hours_take_no_time(
    cloud: Simulation, tmp_path: Path
) -> None:
    cloud.add("nodes", *[OLD, NEW] * 20)
    cloud.up_after = 300
    outcome = _roll(cloud, tmp_path)
    assert outcome.ok
    assert cloud.terminated == sorted(f"i-nodes-{number}" for number in range(0, 40, 2))
    assert cloud.fewest["nodes"] == 39
    assert cloud.clock.seconds >= 20 * 340
    assert _roll(cloud, tmp_path).done == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([OLD, NEW]), min_size=1, max_size=6),
    st.floats(0, 200),
    st.floats(0, 400),
)
def test_capacity_never_falls_by_more_than_one(
    tmp_path_factory: pytest.TempPathFactory, templates: list[str], ends: float, up: float
) -> None:
    cloud = Simulation(FakeClock(), ends_after=ends, up_after=up)
    cloud.add("nodes", *templates)
    assert _roll(cloud, tmp_path_factory.mktemp("journal")).ok
    assert len(cloud.terminated) == templates.count(OLD)
    assert cloud.fewest["nodes"] >= len(templates) - 1


def test_groups_follow_each_other_by_role(cloud: Simulation, tmp_path: Path) -> None:
    events: list[Event] = []
    for name in ("nodes", "masters", "bastions"):
        cloud.add(name, OLD)
    assert _roll(cloud, tmp_path, NODES, MASTERS, BASTIONS, events=events).ok
    assert cloud.terminated == ["i-bastions-0", "i-masters-0", "i-nodes-0"]
    first, last = events[0], events[-1]
    assert isinstance(first, Started)
    assert first.steps == 3
    assert isinstance(last, Finished)
    assert last.ok
    done = [each for each in events if isinstance(each, StepChanged) and each.phase is Phase.DONE]
    assert [(each.step, each.group) for each in done] == [
        ("i-bastions-0", "bastions"),
        ("i-masters-0", "masters"),
        ("i-nodes-0", "nodes"),
    ]


def test_between_two_instances_the_interval_passes(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("nodes", OLD, OLD, OLD)
    cloud.ends_after = cloud.up_after = 0
    assert _roll(cloud, tmp_path, options=RollingSettings(node_interval=600)).ok
    assert 1800 <= cloud.clock.seconds < 1900


def test_what_is_not_replaced_in_time_ends_everything(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("masters", OLD, OLD)
    cloud.add("nodes", OLD)
    cloud.broken = True
    outcome = _roll(cloud, tmp_path, NODES, MASTERS)
    assert not outcome.ok
    assert cloud.terminated == ["i-masters-0"]
    assert set(outcome.failed) == {"masters"}
    assert set(outcome.skipped) == {"i-masters-0", "i-masters-1", "i-nodes-0"}
    assert 900 <= cloud.clock.seconds < 960


def test_a_failing_node_group_does_not_hold_up_the_next(cloud: Simulation, tmp_path: Path) -> None:
    other = InstanceGroup("other", Role.NODE, "other")
    cloud.add("nodes", OLD)
    cloud.add("other", OLD)

    def deny(instance: str) -> None:
        if instance == "i-nodes-0":
            raise Denied("not for you")

    cloud.on_terminate = deny
    outcome = _roll(cloud, tmp_path, NODES, other)
    assert set(outcome.failed) == {"nodes"}
    assert cloud.terminated == ["i-other-0"]


def test_a_stop_ends_it_once_the_group_is_whole(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("nodes", OLD, OLD, OLD)
    cancel = CancelToken()
    cloud.on_terminate = lambda instance: cancel.stop()
    outcome = _roll(cloud, tmp_path, cancel=cancel)
    assert outcome.stopped
    assert not outcome.ok
    assert outcome.done == ("i-nodes-0",)
    cloud.on_terminate = lambda instance: None
    assert _roll(cloud, tmp_path).ok
    assert cloud.terminated == ["i-nodes-0", "i-nodes-1", "i-nodes-2"]


def test_a_pause_holds_before_the_next_instance(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("nodes", OLD, OLD)
    cancel = CancelToken()
    held: list[float] = []
    sleep = cloud.clock.sleep

    def watch(seconds: float) -> None:
        if cancel.paused:
            held.append(seconds)
            if sum(held) > 3600:
                cancel.resume()
        sleep(seconds)

    cloud.clock.sleep = watch  # type: ignore[method-assign]
    cloud.on_terminate = lambda instance: cancel.pause() if not held else None
    assert _roll(cloud, tmp_path, cancel=cancel).ok
    assert cloud.clock.seconds > 3600
    assert cloud.terminated == ["i-nodes-0", "i-nodes-1"]


@pytest.mark.parametrize("moment", range(0, 500, 7))
def test_killed_at_any_time_it_goes_on_and_never_takes_a_second_instance(moment: int, tmp_path: Path) -> None:
    cloud = Simulation(FakeClock())
    cloud.add("nodes", OLD, OLD, NEW)
    sleep = cloud.clock.sleep

    def watch(seconds: float) -> None:
        sleep(seconds)
        if cloud.clock.seconds >= moment:
            raise Killed

    cloud.clock.sleep = watch  # type: ignore[method-assign]
    try:
        _roll(cloud, tmp_path)
    except Killed:
        cloud.clock.sleep = sleep  # type: ignore[method-assign]
        assert _roll(cloud, tmp_path).ok
    assert cloud.terminated == ["i-nodes-0", "i-nodes-1"]
    assert cloud.fewest["nodes"] == 2


def test_on_aws_exactly_the_outdated_instances_are_replaced(account: Account, tmp_path: Path) -> None:
    assert account.apply(desired("minimal-aws", account.zone), tmp_path).ok
    cluster = desired("minimal-aws", account.zone, ("machineType: t3.medium", "machineType: t3.large"))
    assert account.apply(cluster, tmp_path).ok
    cloud = AwsInstanceGroups(account.aws, cluster.cluster)
    groups = [
        InstanceGroup("nodes", Role.NODE, f"nodes.{cluster.cluster}"),
        InstanceGroup("master", Role.CONTROL_PLANE, f"master-us-east-1a.masters.{cluster.cluster}"),
    ]
    account.calls.clear()
    nodes, master = statuses(cloud, groups)
    assert len(account.calls) == 3
    assert (nodes.status, nodes.need_update, nodes.ready, nodes.target) == ("NeedsUpdate", 2, 0, 2)
    assert (master.status, master.need_update, master.ready) == ("Ready", 0, 1)
    assert {each.why for each in nodes.instances} == {"launch template version 1 → 2"}
    before = {each.id for each in (*nodes.instances, *master.instances)}
    outcome = _roll(cloud, tmp_path, *groups)
    assert outcome.ok
    assert len(outcome.done) == 2
    nodes, master = statuses(cloud, groups)
    assert (nodes.status, nodes.ready) == ("Ready", 2)
    assert {each.machine_type for each in nodes.instances} == {"t3.large"}
    assert before & {each.id for each in nodes.instances} == set()
    assert {each.id for each in master.instances} <= before


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [0, 1])
def test_on_aws_killed_at_each_termination_it_ends_no_instance_more(
    moment: str, number: int, account: Account, tmp_path: Path
) -> None:
    assert account.apply(desired("minimal-aws", account.zone), tmp_path).ok
    cluster = desired("minimal-aws", account.zone, ("machineType: t3.medium", "machineType: t3.large"))
    assert account.apply(cluster, tmp_path).ok
    cloud = AwsInstanceGroups(account.aws, cluster.cluster)
    group = InstanceGroup("nodes", Role.NODE, f"nodes.{cluster.cluster}")
    before = {each.id for each in statuses(cloud, [group])[0].instances}

    def roll() -> Outcome:
        return _roll(cloud, tmp_path, group)

    switch = KillSwitch()
    switch.targets = [(moment, number)]
    account.fault = switch
    with pytest.raises(Killed):
        roll()
    account.fault = lambda moment, service, operation: None
    account.calls.clear()
    assert roll().ok
    ended = sum(call.operation == "TerminateInstances" for call in account.calls)
    assert ended == 2 - number - (moment == "after")
    (nodes,) = statuses(cloud, [group])
    assert (nodes.need_update, nodes.waits_for, len(nodes.instances)) == (0, "", 2)
    assert before.isdisjoint(each.id for each in nodes.instances)


def _killed_after_last_termination(cloud: Simulation, folder: Path) -> None:
    sleep = cloud.clock.sleep

    def die(seconds: float) -> None:
        sleep(seconds)
        if len(cloud.terminated) == 2:
            raise Killed

    cloud.clock.sleep = die  # type: ignore[method-assign]
    with pytest.raises(Killed):
        _roll(cloud, folder)
    cloud.clock.sleep = sleep  # type: ignore[method-assign]


@pytest.mark.parametrize("machine", ["same", "another"])
def test_killed_right_after_the_last_termination_there_is_still_work(
    machine: str, cloud: Simulation, tmp_path: Path
) -> None:
    """On another machine there is no journal to go on with, only the group that is not whole."""
    cloud.add("nodes", OLD, OLD)
    _killed_after_last_termination(cloud, tmp_path)
    assert has_work(cloud, [NODES])
    (status,) = statuses(cloud, [NODES])
    assert (status.need_update, status.waits_for) == (0, "1 of 2 instances to come into service")
    events: list[Event] = []
    outcome = _roll(cloud, tmp_path / machine if machine == "another" else tmp_path, events=events)
    assert outcome.ok
    assert outcome.done
    assert len(cloud.terminated) == 2
    assert cloud.groups(["nodes"])["nodes"].instances[-1].lifecycle == "InService"
    assert not has_work(cloud, [NODES])
    (started,) = (each for each in events if isinstance(each, Started))
    assert started.steps == 1


def test_a_group_that_never_becomes_whole_is_no_success(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("nodes", OLD, OLD)
    _killed_after_last_termination(cloud, tmp_path)
    cloud.broken = True
    cloud.members["nodes"] = []
    outcome = _roll(cloud, tmp_path / "another")
    assert not outcome.ok
    assert "first nodes: the group nodes still waits for 2 of 2 instances to come into" in outcome.message


def test_instances_that_still_leave_are_waited_for(cloud: Simulation, tmp_path: Path) -> None:
    cloud.add("nodes", NEW, NEW, NEW)
    cloud.sizes["nodes"] = 2
    cloud.terminate("i-nodes-0")
    assert has_work(cloud, [NODES])
    outcome = _roll(cloud, tmp_path)
    assert outcome.ok
    assert outcome.done == ("nodes",)
    assert cloud.clock.seconds >= cloud.ends_after
