"""Rolling updates on the emulated account with the sandbox's Kubernetes over it: instances, nodes and pods
are those of simulations that no roll was written for, and faults come and go while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.sandbox.kubernetes.budgets import is_ready
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.kinds import NODES, PODS
from kops_core.cloud.sandbox.kubernetes.store import Change
from kops_core.model.addons.objects import EVERY_TAINT
from kops_core.operations.events import Event, Paused, Resumed, StepChanged
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling.execution import rolling_update
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.requests import TAINT, World
from kops_core.operations.rolling.selection import EXCLUDE_LABEL, plan_roll
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from kops_core.operations.validation import ClusterState, validate
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired
from tests.kube.cluster import InMemoryApi, cluster_in_account

pytestmark = pytest.mark.full

SETTINGS = RollingSettings(force=True)
Fault = tuple[float, str, float]
"""When it comes, by the clock of the roll; its name; how long it stays."""


class TimedFaults(FakeClock):
    """A clock that sets and takes away faults as it goes."""

    def __init__(self) -> None:
        super().__init__()
        self.cluster: Cluster | None = None
        self.plan: list[tuple[float, dict[str, object]]] = []

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        while self.cluster is not None and self.plan and self.plan[0][0] <= self.seconds:
            self.cluster.set_faults(self.plan.pop(0)[1])


class Rolled:
    """A cluster that was applied, and what a roll of it does."""

    def __init__(self, account: Account, cluster: Cluster, clock: TimedFaults, folder: Path) -> None:
        self.account, self.cluster, self.clock, self.folder = account, cluster, clock, folder
        self.api = InMemoryApi(cluster)
        self.cloud = AwsInstanceGroups(account.aws, cluster.name)
        self.groups = [
            InstanceGroup("nodes", Role.NODE, f"nodes.{cluster.name}"),
            InstanceGroup(
                "master-us-east-1a", Role.CONTROL_PLANE, f"master-us-east-1a.masters.{cluster.name}"
            ),
        ]
        self.violations: list[str] = []
        self.rolls = 0
        cluster.store.listeners.insert(0, self._watch_evictions)
        account.fault = self._watch_terminations

    def _watch_evictions(self, change: Change) -> None:
        """No pod is taken that the budget needs."""
        if change.kind != PODS or change.type != "MODIFIED" or change.before is None:
            return
        pod, before = change.object, change.before
        marked = pod["metadata"].get("deletionTimestamp") and not before["metadata"].get("deletionTimestamp")
        if marked and pod["metadata"].get("labels", {}).get("k8s-app") == "web" and is_ready(before):
            left = [
                each
                for each in self.cluster.store.all(PODS, "shop")
                if each["metadata"]["labels"]["k8s-app"] == "web"
                and is_ready(each)
                and not each["metadata"].get("deletionTimestamp")
            ]
            if len(left) < 2:
                self.violations.append(f"{len(left)} pods of web are left")

    def _watch_terminations(self, moment: str, service: str, operation: str) -> None:
        """An instance is terminated once a node is cordoned and the pods have left it.

        Pods that tolerate the cordon come back to the only node that they may run on, and go with it.
        """
        if moment != "before" or operation != "TerminateInstances":
            return
        left = {
            node["metadata"]["name"]: [
                pod["metadata"]["name"]
                for pod in self.cluster.store.all(PODS)
                if pod["spec"].get("nodeName") == node["metadata"]["name"]
                and not {each["kind"] for each in pod["metadata"].get("ownerReferences", ())}
                & {"DaemonSet", "Node"}
                and EVERY_TAINT not in pod["spec"].get("tolerations", ())
            ]
            for node in self.cluster.store.all(NODES)
            if node["spec"].get("unschedulable")
        }
        if all(left.values()):
            self.violations.append(f"an instance is terminated, and none is drained: {left}")

    def instances(self) -> set[str]:
        return {
            each.id
            for state in self.cloud.groups([each.cloud_name for each in self.groups]).values()
            for each in state.instances
        }

    def observe(self) -> Observation:
        states = self.cloud.groups([each.cloud_name for each in self.groups])
        nodes = self.api.nodes()
        return Observation(states, nodes, validate(self.groups, ClusterState(states, nodes, self.api.pods())))

    def roll(self, strategies: dict[str, Strategy], events: list[Event]) -> Outcome:
        self.rolls += 1
        first, clock = self.observe(), self.clock
        with Journal.start(
            self.folder / str(self.rolls), "rolling-update", "c", "tester@here", "op", clock.now
        ) as journal:
            return rolling_update(
                plan_roll(self.groups, strategies, first, None, SETTINGS),
                first,
                World(self.groups, self.cloud, self.observe, self.api),
                journal,
                cluster="c",
                clock=clock,
                emit=events.append,
                settings=SETTINGS,
            )

    def marks(self) -> list[str]:
        """What a roll has to take away again. Nodes of the control plane have the label from kOps."""
        return [
            each.name
            for each in self.api.nodes()
            if each.unschedulable
            or (EXCLUDE_LABEL in each.labels and "node-role.kubernetes.io/node" in each.labels)
            or TAINT.key in {one.key for one in each.taints}
        ]


@pytest.fixture(scope="module")
def rolled(shared_account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rolled]:
    account = shared_account
    account.reset()
    folder = tmp_path_factory.mktemp("rolls")
    applied = desired("minimal-aws", account.zone)
    assert account.apply(applied, folder).ok
    clock = TimedFaults()
    account.aws_clock = clock
    with cluster_in_account(account, applied.cluster, clock=clock) as cluster:
        clock.cluster = cluster
        yield Rolled(account, cluster, clock, folder)
    account.reset()


def faults_of(name: str, node: str) -> tuple[dict[str, object], dict[str, object]]:
    """What sets a fault, and what takes it away."""
    on: dict[str, dict[str, object]] = {
        "away": {"away": 200},
        "unavailable": {"unavailable": 7},
        "no_quorum": {"no_quorum": True},
        "not_ready": {"not_ready": [node]},
        "flapping": {"flapping": [node]},
        "stuck_pods": {"stuck_pods": ["shop/"]},
        "frozen_budgets": {"frozen_budgets": ["shop/web"]},
    }
    off: dict[str, Any] = {"away": 0, "unavailable": 0, "no_quorum": False}
    return on[name], {name: off.get(name, [])}


@pytest.mark.parametrize(
    ("faults", "strategy"),
    [
        ([], Strategy()),
        ([], Strategy(max_surge=1, max_unavailable=1)),
        ([(2, "away", 200), (260, "unavailable", 60)], Strategy(max_surge=0)),
        ([(3, "no_quorum", 100)], Strategy()),
        ([(4, "not_ready", 200)], Strategy(max_surge=2)),
        ([(1, "flapping", 200)], Strategy(max_surge=0)),
        ([(0, "stuck_pods", 300)], Strategy(max_surge=0)),
        ([(0, "frozen_budgets", 300), (100, "away", 60)], Strategy(max_surge=0)),
    ],
)
def test_a_roll_ends_whatever_comes_and_goes(rolled: Rolled, faults: list[Fault], strategy: Strategy) -> None:
    """All instances are replaced, no pod is lost that a budget needs, and nothing is left behind."""
    clock, before = rolled.clock, rolled.instances()
    node = rolled.api.nodes()[0].name
    plan: list[tuple[float, dict[str, object]]] = []
    for at, name, stays in faults:
        on, off = faults_of(name, node)
        plan += [(clock.seconds + at, on), (clock.seconds + at + stays, off)]
    clock.plan = sorted(plan, key=lambda each: each[0])
    events: list[Event] = []
    rolled.violations.clear()
    outcome = rolled.roll({"nodes": strategy}, events)
    clock.sleep(900)
    assert outcome.ok, outcome.message
    assert rolled.violations == []
    assert rolled.instances().isdisjoint(before)
    assert len(rolled.instances()) == 3
    assert rolled.marks() == []
    assert rolled.observe().validation.valid
    pauses = [type(each) for each in events if isinstance(each, Paused | Resumed)]
    assert pauses[-1:] in ([], [Resumed]), "each pause has ended"


def test_pods_that_tolerate_the_cordon_do_not_keep_their_node(rolled: Rolled) -> None:
    """Those of a control plane's add-ons come back to its only node at once, and are not waited for."""
    began, events = rolled.clock.seconds, list[Event]()
    assert rolled.roll({"nodes": Strategy(drain_and_terminate=False)}, events).ok
    drains = [
        each.note for each in events if isinstance(each, StepChanged) and each.note.startswith("draining:")
    ]
    assert drains
    assert rolled.clock.seconds - began < 600


def test_an_api_that_is_away_for_five_minutes_pauses_the_roll(rolled: Rolled) -> None:
    rolled.clock.plan = [(rolled.clock.seconds + 5, {"away": 300})]
    events: list[Event] = []
    assert rolled.roll({}, events).ok
    told = [each.reason for each in events if isinstance(each, Paused)]
    assert any("refuses the connection" in each for each in told)
    assert any(isinstance(each, Resumed) for each in events)
    assert rolled.marks() == []
