"""Deleting an instance group: pods leave before their machines go, or nothing goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

import pytest

from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.errors import CloudError, KopsError, NotReady
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Phase, StepChanged
from kops_core.operations.group_deletion import CORDON, DoomedGroup, GroupDeleters, delete_group
from kops_core.operations.journal import Journal, read_all
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.drain import key_of, pods_to_leave
from kops_core.operations.rolling.evictions import Asked, ask_to_leave
from kops_core.plan.snapshot import DiscoveredResource
from tests.aws.account import FakeClock
from tests.kube.cluster import InMemoryApi, MachinePool, in_memory_cluster

GROUP = "nodes-a"
SCALING, TEMPLATE = (
    DiscoveredResource("AutoscalingGroup", "asg", "asg", uses=frozenset({"lt"})),
    DiscoveredResource("LaunchTemplate", "lt", "lt"),
)


@dataclass
class LockedApi(InMemoryApi):
    """One request at a time, for steps run in threads."""

    lock: RLock = field(default_factory=RLock)

    def _ask(self, method: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        with self.lock:
            return super()._ask(method, path, body, **query)


@dataclass
class World:
    """A cluster in memory, and what was done to it in order."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    done: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    ends_after: int = 2
    """Calls until the auto-scaling group is gone."""
    drains: bool = True
    failing: dict[str, KopsError] = field(default_factory=dict)
    """What a call of a name raises once."""

    def __post_init__(self) -> None:
        self.machines = MachinePool(self.clock)
        self.machines.start("control-plane", 3, role="control-plane")
        self.doomed = self.machines.start(GROUP, 3)
        self.machines.start("nodes-b", 3)
        self.cluster: Cluster = in_memory_cluster(self.clock, self.machines)
        self.api = LockedApi(self.cluster)

    @property
    def nodes(self) -> tuple[str, ...]:
        return tuple(sorted(each.name for each in self.api.nodes() if each.instance in self.doomed))

    def pods(self) -> list[str]:
        """Pods on the nodes of the group that should have left."""
        return [
            f"{each.namespace}/{each.name}"
            for node in self.nodes
            for each in self.api.pods(node=node)
            if each.controller != "DaemonSet" and not each.mirror
        ]

    def act(self, name: str) -> None:
        if name in self.failing:
            raise self.failing.pop(name)
        self.done.append(name)

    def delete(self, resource: DiscoveredResource) -> None:
        self.act(resource.name)
        if resource.kind == "AutoscalingGroup":
            assert not (self.drains and self.pods()), "its machines end while pods are on them"
            if self.done.count("asg") < self.ends_after:
                raise NotReady("it is being deleted", where="asg")

    def run(
        self,
        *,
        timeout: float = 900.0,
        detached: tuple[str, ...] = (),
        drain: bool = True,
        emit: Callable[[Event], None] = lambda _: None,
        cancel: CancelToken | None = None,
    ) -> Outcome:
        def tell(event: Event) -> None:
            self.events.append(event)
            emit(event)

        self.drains = drain
        journal = Journal.start(self.folder, "delete-instancegroup", "c", "ann@here", "op", self.clock.now)
        with journal:
            return delete_group(
                DoomedGroup(GROUP, self.nodes if drain else (), (TEMPLATE, SCALING), detached),
                GroupDeleters(
                    self.api if drain else None,
                    self.delete,
                    self.act,
                    lambda: self.act("spec"),
                ),
                journal,
                cluster="c",
                kind="delete-instancegroup",
                clock=self.clock,
                random=lambda: 0.5,
                emit=tell,
                cancel=cancel or CancelToken(),
                by="ann@here",
                drain_timeout=timeout,
            )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "journal")


def test_pods_leave_before_anything_is_deleted_and_the_spec_goes_last(world: World) -> None:
    assert world.pods(), "there is something to drain"
    outcome = world.run(detached=("i-detached",))
    assert outcome.ok
    assert world.pods() == []
    assert [each for each in dict.fromkeys(world.done) if each != "i-detached"] == ["asg", "lt", "spec"]
    assert world.done.index("i-detached") < world.done.index("spec")
    nodes = {each.name: each.unschedulable for each in world.api.nodes()}
    assert [nodes[name] for name in world.nodes] == [True] * 3
    assert sum(nodes.values()) == 3, "no other node is cordoned"


def test_all_nodes_are_cordoned_before_the_first_pod_is_evicted(world: World) -> None:
    world.api.requests.clear()
    world.run()
    first = next(at for at, each in enumerate(world.api.requests) if each.endswith("/eviction"))
    assert sum(each.startswith("PATCH /api/v1/nodes/") for each in world.api.requests[:first]) == 3


def test_no_budget_is_ever_broken(world: World) -> None:
    fewest: dict[str, int] = {}

    def look(_: Event) -> None:
        for each in world.api.disruption_budgets():
            spare = each.healthy - each.required
            fewest[each.name] = min(spare, fewest.get(each.name, spare))

    assert world.run(emit=look).ok
    assert fewest
    assert min(fewest.values()) >= 0


@pytest.mark.parametrize(
    ("fault", "said"),
    [({"frozen_budgets": ["shop/web"]}, "web"), ({"stuck_pods": ["shop/web"]}, "pods to leave")],
)
def test_nothing_is_deleted_if_a_pod_does_not_leave_in_time(
    world: World, fault: dict[str, object], said: str
) -> None:
    world.cluster.set_faults(fault)
    outcome = world.run(timeout=120.0)
    assert not outcome.ok
    assert world.done == []
    assert said in " ".join(error.what for error in outcome.failed.values())
    assert f"InstanceGroup/{GROUP}" in outcome.skipped

    world.cluster.set_faults({name: [] for name in fault})
    assert world.run().ok, "run again, it goes on"
    assert world.done[-1] == "spec"


def test_what_is_waited_for_is_told(world: World) -> None:
    world.cluster.set_faults({"frozen_budgets": ["shop/web"]})
    world.run(timeout=60.0)
    notes = [
        each.note for each in world.events if isinstance(each, StepChanged) and each.phase is Phase.RETRYING
    ]
    assert any("shop/web" in note and "budget" in note for note in notes)


def test_an_api_that_is_away_for_minutes_is_waited_for(world: World) -> None:
    def go_away(event: Event) -> None:
        if isinstance(event, StepChanged) and event.step == CORDON and event.phase is Phase.DONE:
            world.cluster.set_faults({"away": 200})

    assert world.run(emit=go_away).ok
    assert world.done[-1] == "spec"
    assert world.clock.seconds > 200


def test_it_is_stopped_between_two_steps_and_goes_on_when_it_is_run_again(world: World) -> None:
    cancel = CancelToken()

    def stop(event: Event) -> None:
        if isinstance(event, StepChanged) and event.step == CORDON and event.phase is Phase.DONE:
            cancel.stop()

    assert world.run(emit=stop, cancel=cancel).stopped
    assert world.done == []
    assert world.run().ok


@pytest.mark.parametrize("name", ["asg", "lt", "spec"])
def test_a_failure_leaves_what_comes_later_and_the_next_run_does_it(world: World, name: str) -> None:
    world.failing[name] = CloudError("no", where=name)
    assert not world.run().ok
    later = {"asg": ["lt", "spec"], "lt": ["spec"], "spec": []}[name]
    assert not {name, *later} & set(world.done)
    assert world.run().ok
    assert world.done[-1] == "spec"


def test_without_a_drain_no_pod_is_asked(world: World) -> None:
    world.api.requests.clear()
    assert world.run(drain=False).ok
    assert world.api.requests == []
    assert dict.fromkeys(world.done) == dict.fromkeys(["asg", "lt", "spec"])


def test_pods_that_come_back_to_the_cordoned_node_are_not_waited_for(tmp_path: Path) -> None:
    """Those of the control plane tolerate a cordon: on the only node for them they start again at once."""
    clock = FakeClock()
    machines = MachinePool(clock)
    machines.start("control-plane", 1, role="control-plane")
    machines.start("nodes", 3)
    api = InMemoryApi(in_memory_cluster(clock, machines))
    (node,) = (each.name for each in api.nodes() if "node-role.kubernetes.io/control-plane" in each.labels)
    api.cordon(node)
    before = {key_of(each) for each in pods_to_leave(api.pods(node=node))}
    asked, tries = Asked(), 0
    while (left := ask_to_leave(api, node, asked, clock.now)) is not None:
        assert left.pods <= before
        clock.sleep(left.retry_after)
        tries += 1
        assert tries < 100, left.note
    after = {key_of(each) for each in pods_to_leave(api.pods(node=node))}
    assert before
    assert after, "they are back"
    assert not before & after


def test_the_journal_has_the_beginning_and_the_end_of_each_step(world: World) -> None:
    assert world.run(detached=("i-detached",)).ok
    (history,) = read_all(world.folder)
    begun = [each.step for each in history.entries if each.what == "begin"]
    ended = [each.step for each in history.entries if each.what == "end"]
    assert len(begun) == len(set(begun))
    assert sorted(begun) == sorted(ended)
    assert begun[0] == CORDON
    assert begun[-1] == ended[-1] == f"InstanceGroup/{GROUP}"
    assert history.finished
