"""A simulated cluster for rolling updates: instances, nodes, pods and budgets, in a test's time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kops_core.kube.ports import Taint
from kops_core.operations.group_status import InstanceGroup, Role
from tests.aws.account import FakeClock

OLD, NEW = "lt-1:1", "lt-1:2"


@dataclass
class Machine:
    """An instance, with its node."""

    id: str
    group: str
    template: str
    started: float
    """Minus infinity for one that was there from the beginning."""
    warm: bool = False
    detached: bool = False
    tagged: bool = False
    ended: float | None = None
    """When it was terminated."""
    has_node: bool = True
    cordoned: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)
    taints: list[Taint] = field(default_factory=list)
    registered: bool = True
    """With the load balancers of its group."""
    draining_until: float = 0.0
    flaps: bool = False
    """Whether its node is not ready for the moment."""

    @property
    def node(self) -> str:
        """The name of its node."""
        return f"{self.id}.local"


@dataclass
class App:
    """Pods of a deployment, by name -> machine; and how many have to be available."""

    name: str
    least: int
    pods: dict[str, str] = field(default_factory=dict)
    ready_at: dict[str, float] = field(default_factory=dict)
    leaving: dict[str, float] = field(default_factory=dict)
    made: int = 0


@dataclass
class SimulatedCluster:
    """Groups of instances, nodes, pods and budgets; notes what a roll must never do (``violations``)."""

    clock: FakeClock = field(default_factory=FakeClock)
    wanted: str = NEW
    noticed_after: float = 3.0
    """Until a group sees that an instance was terminated."""
    end_shown_at_once: bool = True
    """Whether instances are shown as terminating before their group has noticed."""
    gone_after: float = 30.0
    """Until a terminated instance is gone."""
    joins_after: float = 60.0
    ready_after: float = 20.0
    lost_after: float = 8.0
    """Until the node of a terminated instance is not ready."""
    pod_starts: float = 5.0
    pod_ends: float = 3.0
    deregisters_after: float = 12.0
    broken: bool = False
    """New instances never join."""
    sizes: dict[str, int] = field(default_factory=dict)
    specs: dict[str, InstanceGroup] = field(default_factory=dict)
    balanced: set[str] = field(default_factory=set)
    machines: dict[str, Machine] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    down: tuple[float, float] = (-1.0, -1.0)
    """When the API server is away."""
    fault: Callable[[str, str], None] = lambda call, about: None
    """Called before each call that changes something; may raise."""
    after: Callable[[str, str], None] = lambda call, about: None
    """Called after each call that has changed something; may raise."""
    calls: list[str] = field(default_factory=list)
    allowed: dict[str, int] = field(default_factory=dict)
    """Group -> how many of its nodes may be unavailable; what is exceeded is a violation."""
    violations: list[str] = field(default_factory=list)
    _made: int = 0

    def add(
        self, name: str, *templates: str, role: Role = Role.NODE, warm: int = 0, balanced: bool = False
    ) -> InstanceGroup:
        """Adds a group with instances of these templates, all in service; and old ones in its warm pool."""
        group = InstanceGroup(name, role, f"{name}.c")
        self.specs[name] = group
        self.sizes[name] = len(templates)
        if balanced:
            self.balanced.add(name)
        for number, template in enumerate(templates):
            self._put(Machine(f"{name}{chr(97 + number)}", name, template, float("-inf")))
        for number in range(warm):
            self._put(Machine(f"{name}-wp-{number}", name, OLD, float("-inf"), warm=True, has_node=False))
        return group

    def add_app(self, name: str, replicas: int, least: int) -> App:
        """Adds a deployment, spread over the nodes of role node, and its budget."""
        app = App(name, least)
        self.apps[name] = app
        for _ in range(replicas):
            self._schedule(app, ready_at=float("-inf"))
        return app

    def _put(self, machine: Machine) -> Machine:
        if self.specs[machine.group].role is Role.BASTION:
            machine.has_node = False
        self.machines[machine.id] = machine
        return machine

    @property
    def _now(self) -> float:
        return self.clock.seconds

    def is_ready(self, each: Machine) -> bool:
        """Whether its node is ready."""
        if not each.has_node or each.warm or each.flaps:
            return False
        if each.ended is not None and self._now >= each.ended + self.lost_after:
            return False
        return self._joined(each) and self._now >= each.started + self.joins_after + self.ready_after

    def _joined(self, each: Machine) -> bool:
        new = each.started > float("-inf")
        return (
            each.has_node
            and not each.warm
            and not (new and self.broken)
            and (self._now >= each.started + self.joins_after)
        )

    def _settle(self) -> None:
        """What has happened by now: terminated instances go, groups start others, pods move."""
        for each in list(self.machines.values()):
            if each.ended is not None and self._now >= each.ended + self.gone_after:
                del self.machines[each.id]
        for name, size in self.sizes.items():
            members = [
                each
                for each in self.machines.values()
                if each.group == name
                and not each.detached
                and not each.warm
                and (each.ended is None or self._now < each.ended + self.noticed_after)
            ]
            for _ in range(size - len(members)):
                self._made += 1
                self._put(Machine(f"{name}-new{self._made}", name, self.wanted, self._now))
        for app in self.apps.values():
            self._move(app)

    def _move(self, app: App) -> None:
        for pod, at in list(app.leaving.items()):
            if self._now >= at:
                app.pods.pop(pod, None)
                app.leaving.pop(pod)
                app.ready_at.pop(pod, None)
        for pod, machine in list(app.pods.items()):
            found = self.machines.get(machine)
            if found is None or found.ended is not None:
                del app.pods[pod]
                app.leaving.pop(pod, None)
                app.ready_at.pop(pod, None)
                self._schedule(app)
        for pod, machine in list(app.pods.items()):
            if not machine:
                app.pods[pod] = self._find_place(app)
                app.ready_at[pod] = self._now + self.pod_starts if app.pods[pod] else float("inf")

    def _schedule(self, app: App, ready_at: float | None = None) -> None:
        app.made += 1
        pod = f"{app.name}-{app.made}"
        app.pods[pod] = self._find_place(app)
        usual = self._now + self.pod_starts if app.pods[pod] else float("inf")
        app.ready_at[pod] = usual if ready_at is None else ready_at

    def _find_place(self, app: App) -> str:
        nodes = [
            each
            for each in self.machines.values()
            if self.specs[each.group].role is Role.NODE
            and self.is_ready(each)
            and not each.cordoned
            and each.ended is None
        ]
        if not nodes:
            return ""
        counts = list(app.pods.values())
        return min(nodes, key=lambda each: (bool(each.taints), counts.count(each.id))).id

    def healthy(self, app: App) -> int:
        """The pods of a deployment that are ready and stay."""
        return sum(
            bool(machine) and pod not in app.leaving and self._now >= app.ready_at[pod]
            for pod, machine in app.pods.items()
        )

    def _look(self) -> None:
        for name, allowed in self.allowed.items():
            available = sum(
                each.group == name and each.ended is None and self.is_ready(each) and not each.cordoned
                for each in self.machines.values()
            )
            if available < self.sizes[name] - allowed:
                self.violations.append(
                    f"{self._now:.0f} s: {available} of {self.sizes[name]} nodes of {name} are available"
                )

    def _look_at_end(self, machine: Machine) -> None:
        for app in self.apps.values():
            lost = [pod for pod, on in app.pods.items() if on == machine.id and pod not in app.leaving]
            if lost and self.healthy(app) < app.least:
                self.violations.append(f"{self._now:.0f} s: {app.name} lost {lost} with {machine.id}")
        if self.specs[machine.group].role is not Role.CONTROL_PLANE:
            return
        masters = [
            each
            for each in self.machines.values()
            if self.specs[each.group].role is Role.CONTROL_PLANE and each.id != machine.id
        ]
        healthy = sum(self.is_ready(each) and each.ended is None for each in masters)
        size = sum(self.sizes[name] for name, group in self.specs.items() if group.role is Role.CONTROL_PLANE)
        if healthy < min(size // 2 + 1, size - 1):
            self.violations.append(f"{self._now:.0f} s: etcd lost its quorum with {machine.id}")

    def _of(self, node: str) -> Machine | None:
        return next((each for each in self.machines.values() if each.node == node), None)

    def _change(self, call: str, about: str) -> Callable[[], None]:
        self._settle()
        self.fault(call, about)
        self.calls.append(f"{call} {about}")
        return lambda: self.after(call, about)

    def ids(self, group: str) -> list[str]:
        """The instances of a group that were not terminated."""
        self._settle()
        return [each.id for each in self.machines.values() if each.group == group and each.ended is None]

    def old(self, group: str) -> int:
        """How many of them are of the old template."""
        return sum(self.machines[each].template == OLD for each in self.ids(group))

    def marks(self) -> list[str]:
        """Everything that a roll does to nodes and instances and that is still there."""
        self._settle()
        found = []
        for each in self.machines.values():
            if each.ended is not None:
                continue
            found += [f"{each.id} cordoned"] * each.cordoned
            found += [f"{each.id} tainted"] * bool(each.taints)
            found += [f"{each.id} labelled"] * bool(each.labels)
            found += [f"{each.id} detached"] * each.detached
            found += [f"{each.id} deregistered"] * (not each.registered)
        return found

    def done(self, call: str) -> list[str]:
        """What a call was made about, in order."""
        return [each.partition(" ")[2] for each in self.calls if each.startswith(f"{call} ")]
