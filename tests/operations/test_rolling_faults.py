"""Rolling updates when something is in the way: budgets, services that are away, operators, crashes."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.errors import AccessDenied, CloudError, KopsError, KubernetesUnreachable, StoreError
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Paused, Phase, Resumed, StepChanged, Warned
from kops_core.operations.group_status import Role
from kops_core.operations.rolling.errors import ValidationTimeout
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from tests.operations.roll_world import NEW, OLD, World, failing, failure_of

NO_SURGE = {name: Strategy(max_surge=0) for name in ("master-1", "node-1", "node-2", "node-3")}
ONE = RollingSettings(validate_count=1)


@pytest.fixture
def world() -> World:
    return World()


def notes(events: list[Event], step: str) -> list[str]:
    return [each.note for each in events if isinstance(each, StepChanged) and each.step == step]


def test_a_pod_that_its_budget_holds_is_named_and_the_drain_waits_for_it(
    world: World, tmp_path: Path
) -> None:
    world.add("node-1", OLD, NEW)
    app = world.add_app("web", 2, 2)
    sleep = world.clock.sleep

    def free(seconds: float) -> None:
        sleep(seconds)
        if world.clock.seconds > 400:
            app.least = 1

    world.clock.sleep = free  # type: ignore[method-assign]
    events: list[Event] = []
    assert world.roll(tmp_path, settings=ONE, strategies=NO_SURGE, events=events).ok
    held = next(each for each in notes(events, "node-1a") if "held" in each)
    assert held.startswith("draining: default/web-")
    assert "by the disruption budget web (2 of 2 healthy)" in held
    assert "held since 00:00:00" in held
    of_a = [each for each in events if isinstance(each, StepChanged) and each.step == "node-1a"]
    [pod] = next(each.held for each in of_a if each.held)
    assert pod.pod.startswith("default/web-")
    assert pod.budget == "web (2 of 2 healthy)"
    assert of_a[-1].held == (), "it is gone"
    assert world.clock.seconds > 400
    assert world.violations == []


def test_a_drain_that_takes_too_long_fails_and_the_node_serves_again(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, NEW, balanced=True)
    world.add("node-2", OLD)
    world.add_app("web", 2, 2)
    outcome = world.roll(tmp_path, "node-1", settings=RollingSettings(drain_timeout=60), strategies=NO_SURGE)
    assert "held since" in outcome.failed["node-1"].what
    assert world.done("terminate") == []
    assert world.marks() == []
    assert world.machines["node-1a"].registered


def test_without_fail_on_drain_error_it_is_terminated_nevertheless(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, NEW)
    world.add_app("web", 2, 2)
    events: list[Event] = []
    settings = RollingSettings(drain_timeout=60, fail_on_drain_error=False)
    assert world.roll(tmp_path, settings=settings, strategies=NO_SURGE, events=events).ok
    assert any(isinstance(each, Warned) and "can't be drained" in each.message for each in events)


def test_an_api_server_gone_for_five_minutes_is_waited_for(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD)
    world.after = lambda call, about: (
        setattr(world, "down", (world.clock.seconds, world.clock.seconds + 300))
        if (call, about) == ("cordon", "node-1a.local")
        else None
    )
    events: list[Event] = []
    assert world.roll(tmp_path, strategies=NO_SURGE, events=events).ok
    pause = next(each for each in events if isinstance(each, Paused))
    assert "the API server refuses the connection" in pause.reason
    assert not pause.by_operator
    resumed = next(each for each in events if isinstance(each, Resumed))
    assert (resumed.at - pause.at).total_seconds() >= 300
    assert world.marks() == []


@pytest.mark.parametrize(
    "error",
    [
        StoreError("503 Slow Down"),
        AccessDenied("the token has expired", code="ExpiredToken"),
        KubernetesUnreachable("no route"),
    ],
)
def test_services_that_come_back_are_waited_for(error: KopsError, world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD)

    def fault(call: str, about: str) -> None:
        if call == "terminate" and world.clock.seconds < 500:
            raise error

    world.fault = fault
    events: list[Event] = []
    assert world.roll(tmp_path, strategies=NO_SURGE, events=events).ok
    assert any(isinstance(each, Paused) and error.what in each.reason for each in events)
    assert world.clock.seconds > 500


def test_a_service_that_stays_away_ends_it_after_the_validation_timeout(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD)
    world.add("node-2", OLD)

    def fault(call: str, about: str) -> None:
        if call == "terminate":
            raise StoreError("503 Slow Down")

    world.fault = fault
    outcome = world.roll(tmp_path, strategies=NO_SURGE)
    assert isinstance(outcome.failed["node-1"], ValidationTimeout)
    assert "503 Slow Down" in outcome.failed["node-1"].what
    assert 900 <= world.clock.seconds < 1200
    assert world.marks() == []


def test_a_control_plane_node_waits_until_etcd_can_spare_it(world: World, tmp_path: Path) -> None:
    world.add("master-1", OLD, NEW, NEW, role=Role.CONTROL_PLANE)
    world.on_validate = lambda found: type(found)()  # only the quorum keeps it
    world.machines["master-1b"].flaps = True
    sleep = world.clock.sleep

    def mend(seconds: float) -> None:
        sleep(seconds)
        world.machines["master-1b"].flaps = world.clock.seconds < 300

    world.clock.sleep = mend  # type: ignore[method-assign]
    events: list[Event] = []
    assert world.roll(tmp_path, events=events).ok
    assert world.violations == []
    reasons = [each.reason for each in events if isinstance(each, Paused)]
    assert any(
        "etcd would lose its quorum: only 1 other control-plane nodes of 3" in each for each in reasons
    )
    assert notes(events, "master-1a")[-1] == ""


def test_a_control_plane_that_stays_unwell_is_not_touched(world: World, tmp_path: Path) -> None:
    world.add("master-1", OLD, NEW, NEW, role=Role.CONTROL_PLANE)
    world.on_validate = lambda found: type(found)()
    world.machines["master-1b"].flaps = True
    outcome = world.roll(tmp_path)
    assert "etcd would lose its quorum" in outcome.failed["master-1"].what
    assert world.done("terminate") == []
    assert world.marks() == []


def test_load_balancers_are_left_before_the_drain(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, NEW, balanced=True)
    world.add_app("web", 2, 1)
    assert world.roll(tmp_path, strategies=NO_SURGE).ok
    order = [each for each in world.calls if each.startswith(("deregister", "evict"))]
    assert order[0] == "deregister node-1a"
    last_of_balancers = max(i for i, each in enumerate(order) if each.startswith("deregister"))
    assert all(each.startswith("evict") for each in order[last_of_balancers + 1 :])
    assert order.count("deregister node-1a") > 1, "until none sends requests"


def test_the_only_api_server_stays_in_its_balancer(world: World, tmp_path: Path) -> None:
    world.add("master-1", OLD, role=Role.CONTROL_PLANE, balanced=True)
    assert world.roll(tmp_path, settings=RollingSettings(deregister_control_plane=False)).ok
    assert world.done("deregister") == []
    assert world.old("master-1") == 0, "the API is away meanwhile, and comes back"


def test_an_instance_without_a_node_is_not_drained(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, NEW)
    world.machines["node-1a"].has_node = False
    world.on_validate = lambda found: type(found)()
    assert world.roll(tmp_path, strategies=NO_SURGE).ok
    assert [each.partition(" ")[0] for each in world.calls] == ["terminate"]


def test_nodes_that_somebody_else_cordoned_stay_so_if_they_go_back(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW, NEW)
    world.add_app("web", 4, 4)
    world.machines["node-1a"].cordoned = True
    world.roll(tmp_path, settings=RollingSettings(drain_timeout=60), strategies=NO_SURGE)
    assert world.marks() == ["node-1a cordoned"]


def test_an_operator_ends_a_drain_that_a_budget_holds(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    world.add_app("web", 3, 3)
    cancel = CancelToken()
    events: list[Event] = []

    def end(event: Event) -> None:
        events.append(event)
        if isinstance(event, StepChanged) and event.held:
            cancel.end_drain("node-1a")
            cancel.end_drain("unknown")
            if event.step == "node-1b":
                cancel.skip("node-1b")

    outcome = world.roll(tmp_path, settings=ONE, strategies=NO_SURGE, cancel=cancel, emit=end)
    assert outcome.done == ("node-1a",)
    assert world.done("terminate") == ["node-1a"]
    assert outcome.skipped == {"node-1b": "skipped by the operator"}, "the other one is still waited for"
    [warning] = [each.message for each in events if isinstance(each, Warned)]
    assert warning.startswith(
        "node-1a.local is replaced before it is drained, as the operator asked: default/web"
    )
    assert world.clock.seconds < 900, "its time limit was not waited for"
    assert world.marks() == []


def test_ending_a_drain_that_has_not_begun_ends_it_only_then(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    cancel = CancelToken()
    cancel.end_drain("node-1b")
    assert world.roll(tmp_path, strategies=NO_SURGE, cancel=cancel).ok
    drained = [each for each in world.calls if each.startswith("cordon ")]
    assert drained == ["cordon node-1a.local", "cordon node-1b.local"], "load balancers are left all the same"


def test_a_skipped_instance_is_left_as_it_was_and_the_others_go_on(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    cancel = CancelToken()
    world.after = lambda call, about: (
        cancel.skip("node-1a") if (call, about) == ("label", "node-1a.local") else None
    )
    outcome = world.roll(tmp_path, strategies=NO_SURGE, cancel=cancel)
    assert outcome.ok, "it was asked for"
    assert outcome.done == ("node-1b",)
    assert outcome.skipped == {"node-1a": "skipped by the operator"}
    assert world.marks() == []


def test_a_stop_during_a_drain_puts_the_node_back(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    cancel = CancelToken()
    world.after = lambda call, about: cancel.stop() if call == "label" else None
    outcome = world.roll(tmp_path, strategies=NO_SURGE, cancel=cancel)
    assert outcome.stopped
    assert world.done("terminate") == []
    assert world.marks() == []
    world.after = lambda call, about: None
    assert world.roll(tmp_path, strategies=NO_SURGE).ok


def test_a_stop_after_a_termination_waits_for_the_replacement(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    cancel = CancelToken()
    world.after = lambda call, about: cancel.stop() if call == "terminate" else None
    outcome = world.roll(tmp_path, strategies=NO_SURGE, cancel=cancel)
    assert outcome.done == ("node-1a",)
    assert world.marks() == []
    assert world.observe().validation.valid


def test_a_pause_starts_nothing_new_and_lets_the_rest_end(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, NEW)
    cancel = CancelToken()
    world.after = lambda call, about: cancel.pause() if call == "terminate" and about == "node-1a" else None
    sleep = world.clock.sleep

    def resume(seconds: float) -> None:
        sleep(seconds)
        if world.clock.seconds > 5000:
            cancel.resume()

    world.clock.sleep = resume  # type: ignore[method-assign]
    events: list[Event] = []
    assert world.roll(tmp_path, strategies=NO_SURGE, cancel=cancel, events=events).ok
    done = {
        each.step: each.at.timestamp()
        for each in events
        if isinstance(each, StepChanged) and each.phase is Phase.DONE
    }
    assert done["node-1b"] - done["node-1a"] > 4000
    assert [each.by_operator for each in events if isinstance(each, Paused)] == [True]


def test_an_interactive_roll_asks_after_each_instance_but_the_last(world: World, tmp_path: Path) -> None:
    world.add("node-1", OLD, OLD, OLD)
    cancel = CancelToken()
    asked: list[int] = []

    def answer(event: Event) -> None:
        if isinstance(event, Paused) and event.by_operator:
            asked.append(len(world.done("terminate")))
            cancel.resume()

    settings = RollingSettings(interactive=True)
    assert world.roll(
        tmp_path, settings=settings, strategies={"node-1": Strategy(max_surge=2)}, cancel=cancel, emit=answer
    ).ok
    assert asked == [1, 2]
    assert len(world.done("detach")) == 1


def test_a_failed_validation_pauses_with_its_reason_and_goes_on_by_itself(
    world: World, tmp_path: Path
) -> None:
    world.add("node-1", OLD, OLD)
    failing(world, failure_of(None, "coredns is pending"))
    sleep = world.clock.sleep

    def mend(seconds: float) -> None:
        sleep(seconds)
        if world.clock.seconds > 600:
            world.on_validate = lambda found: found

    world.clock.sleep = mend  # type: ignore[method-assign]
    events: list[Event] = []
    assert world.roll(tmp_path, events=events).ok
    first, second = (each for each in events if isinstance(each, Paused | Resumed))
    assert isinstance(first, Paused)
    assert first.reason == "node-1: x: coredns is pending"
    assert isinstance(second, Resumed)


def test_groups_side_by_side_share_one_budget(world: World, tmp_path: Path) -> None:
    for name in ("node-1", "node-2", "node-3"):
        world.add(name, OLD, OLD, NEW)
    most = 0

    def count(call: str, about: str) -> None:
        nonlocal most
        out = {
            each.group: each.id for each in world.machines.values() if each.cordoned and each.ended is None
        }
        most = max(most, len(out))

    world.after = count
    settings = RollingSettings(parallel_groups=3, max_unavailable_nodes=2)
    assert world.roll(tmp_path, settings=settings, strategies=NO_SURGE).ok
    assert most == 2
    side_by_side = world.clock.seconds
    alone = World()
    for name in ("node-1", "node-2", "node-3"):
        alone.add(name, OLD, OLD, NEW)
    assert alone.roll(tmp_path / "alone", strategies=NO_SURGE).ok
    assert side_by_side < alone.clock.seconds


def test_an_instance_is_deleted_after_its_group_has_another(world: World, tmp_path: Path) -> None:
    world.add("node-1", NEW, NEW)
    world.add_app("web", 2, 1)
    world.allowed["node-1"] = 0
    assert world.delete(tmp_path, "node-1", "node-1b", settings=ONE).ok
    kinds = [each.partition(" ")[0] for each in world.calls if not each.startswith("evict")]
    assert kinds == ["detach", "cordon", "label", "terminate"]
    assert world.violations == []
    assert world.marks() == []


def test_a_broken_instance_is_deleted_although_the_cluster_is_not_valid(world: World, tmp_path: Path) -> None:
    world.add("node-1", NEW, NEW)
    world.machines["node-1b"].flaps = True
    assert world.delete(tmp_path, "node-1", "node-1b", surge=False, settings=ONE).ok
    assert world.done("terminate") == ["node-1b"]
    assert world.done("detach") == []


def test_an_instance_of_the_control_plane_is_not_detached(world: World, tmp_path: Path) -> None:
    world.add("master-1", NEW, NEW, NEW, role=Role.CONTROL_PLANE)
    assert world.delete(tmp_path, "master-1", "master-1a", settings=ONE).ok
    assert world.done("detach") == []
    assert world.violations == []


def test_deletion_ends_if_the_replacement_does_not_come(world: World, tmp_path: Path) -> None:
    world.add("node-1", NEW, NEW)
    world.broken = True
    outcome = world.delete(tmp_path, "node-1", "node-1a", settings=ONE)
    assert isinstance(outcome.failed["node-1"], ValidationTimeout)
    assert world.done("terminate") == []
    assert world.marks() == ["node-1a detached"]


def test_a_cloud_that_refuses_a_termination_ends_the_group_and_the_node_serves(
    world: World, tmp_path: Path
) -> None:
    world.add("node-1", OLD, NEW)

    def refuse(call: str, about: str) -> None:
        if call == "terminate":
            raise CloudError("termination protection is on", code="OperationNotPermitted")

    world.fault = refuse
    outcome = world.roll(tmp_path, strategies=NO_SURGE)
    assert outcome.failed["node-1"].what == "termination protection is on"
    assert world.marks() == []
