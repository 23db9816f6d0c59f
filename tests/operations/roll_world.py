"""A simulated cluster for rolling updates: groups of instances, nodes, pods and budgets, in a test's time.

``World`` is both an InstanceGroups and a KubernetesApi. It notes what a roll must never do (``violations``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kops_core.cloud.ports import GroupState, Instance
from kops_core.errors import CloudError, KubernetesUnreachable
from kops_core.kube.ports import DisruptionBudget, Node, Pod, Taint
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.journal import Journal, find_unfinished
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling import requests
from kops_core.operations.rolling.execution import observe_first, rolling_update
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.selection import plan_roll
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from kops_core.operations.validation import (
    STATIC_PODS,
    ClusterState,
    Failure,
    FailureKind,
    Validation,
    validate,
)
from tests.aws.account import FakeClock

OLD, NEW = "lt-1:1", "lt-1:2"
KIND = "rolling-update"


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
class World:
    """The simulated cluster."""

    clock: FakeClock = field(default_factory=FakeClock)
    wanted: str = NEW
    noticed_after: float = 3.0
    """Until a group sees that an instance was terminated."""
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
    validations: int = 0
    on_validate: Callable[[Validation], Validation] = lambda found: found
    allowed: dict[str, int] = field(default_factory=dict)
    """Group -> how many of its nodes may be unavailable; what is exceeded is a violation."""
    violations: list[str] = field(default_factory=list)
    _made: int = 0

    # -- building

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

    # -- time

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

    # -- what must never happen

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

    # -- the cloud

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        """As InstanceGroups says."""
        self._settle()
        return {
            group.cloud_name: self._state(group) for group in self.specs.values() if group.cloud_name in names
        }

    def _state(self, group: InstanceGroup) -> GroupState:
        return GroupState(
            group.cloud_name,
            self.wanted,
            0,
            99,
            self.sizes[group.name],
            tuple(
                Instance(each.id, self._lifecycle(each), each.ended is None, each.template)
                for each in self.machines.values()
                if each.group == group.name and not (each.detached and each.ended is not None)
            ),
            balanced=group.name in self.balanced,
        )

    def _lifecycle(self, each: Machine) -> str:
        if each.detached:
            return "Detached"
        if each.ended is not None and self._now >= each.ended + self.noticed_after:
            return "Terminating"
        return "Warmed:Stopped" if each.warm else "InService"

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says."""
        return dict.fromkeys(names, ())

    def terminate(self, instance: str) -> None:
        """As InstanceGroups says."""
        with_call = self._change("terminate", instance)
        machine = self.machines.get(instance)
        if machine is not None and machine.ended is None:
            if not machine.warm:
                self._look_at_end(machine)
            machine.ended = self._now
            self._settle()
            if not machine.warm:
                self._look()
        with_call()

    def detach(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""
        with_call = self._change("detach", instance)
        if instance not in self.machines:
            raise CloudError(f"there is no instance {instance}")
        self.machines[instance].detached = True
        self._settle()
        with_call()

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        """As InstanceGroups says."""
        with_call = self._change("deregister", instance)
        machine = self.machines[instance]
        if machine.registered:
            machine.registered = False
            machine.draining_until = self._now + self.deregisters_after
        with_call()
        return ("nlb",) if self._now < machine.draining_until else ()

    def register(self, instance: str, group: str) -> None:
        """As InstanceGroups says."""
        with_call = self._change("register", instance)
        self.machines[instance].registered = True
        with_call()

    # -- Kubernetes

    @property
    def host(self) -> str:
        """As KubernetesApi says."""
        return "api.c"

    def _ask(self) -> None:
        self._settle()
        masters = [
            each for each in self.machines.values() if self.specs[each.group].role is Role.CONTROL_PLANE
        ]
        serving = any(each.ended is None and self.is_ready(each) for each in masters) or not masters
        if not serving or self.down[0] <= self._now < self.down[1]:
            raise KubernetesUnreachable("the API server refuses the connection", where="https://api.c")

    def nodes(self) -> tuple[Node, ...]:
        """As KubernetesApi says."""
        self._ask()
        return tuple(self._node(each) for each in self.machines.values() if self._joined(each))

    def _node(self, each: Machine) -> Node:
        role = self.specs[each.group].role
        label = {"node-role.kubernetes.io/control-plane": ""} if role is Role.CONTROL_PLANE else {}
        return Node(
            each.node,
            f"aws:///us-east-1a/{each.id}",
            {**each.labels, **label},
            ready="True" if self.is_ready(each) else "Unknown",
            unschedulable=each.cordoned,
            annotations=each.annotations,
            taints=tuple(each.taints),
        )

    def pods(self, namespace: str = "", node: str = "") -> tuple[Pod, ...]:
        """As KubernetesApi says."""
        self._ask()
        found = []
        for app in self.apps.values():
            for pod, machine in app.pods.items():
                on = self.machines[machine].node if machine else ""
                found.append(self._pod(app, pod, on))
        for each in self.machines.values():
            if self._joined(each):
                found.append(Pod("kube-system", f"cni-{each.id}", each.node, controller="DaemonSet"))
                if self.specs[each.group].role is Role.CONTROL_PLANE:
                    found += [
                        Pod(
                            "kube-system",
                            f"{static}-{each.node}",
                            each.node,
                            {"k8s-app": static},
                            phase="Running",
                            mirror=True,
                        )
                        for static in STATIC_PODS
                    ]
        return tuple(each for each in found if not node or each.node == node)

    def _pod(self, app: App, pod: str, node: str) -> Pod:
        ready = bool(node) and self._now >= app.ready_at[pod]
        return Pod(
            "default",
            pod,
            node,
            {"app": app.name},
            phase="Running" if node else "Pending",
            unready=() if ready else ("main",),
            uid=pod,
            controller="ReplicaSet",
            deleting=pod in app.leaving,
        )

    def disruption_budgets(self) -> tuple[DisruptionBudget, ...]:
        """As KubernetesApi says."""
        self._ask()
        return tuple(
            DisruptionBudget(
                "default",
                app.name,
                {"app": app.name},
                max(0, self.healthy(app) - app.least),
                self.healthy(app),
                app.least,
            )
            for app in self.apps.values()
        )

    def cordon(self, node: str, *, on: bool = True) -> None:
        """As KubernetesApi says."""
        self._ask()
        with_call = self._change("cordon" if on else "uncordon", node)
        if (machine := self._of(node)) is not None:
            machine.cordoned = on
            self._look()
        with_call()

    def add_taint(self, node: str, taint: Taint) -> None:
        """As KubernetesApi says."""
        self._ask()
        with_call = self._change("taint", node)
        if (machine := self._of(node)) is not None:
            machine.taints = [*machine.taints, taint]
        with_call()

    def remove_taint(self, node: str, key: str) -> None:
        """As KubernetesApi says."""
        self._ask()
        with_call = self._change("untaint", node)
        if (machine := self._of(node)) is not None:
            machine.taints = [each for each in machine.taints if each.key != key]
        with_call()

    def set_label(self, node: str, key: str, value: str | None) -> None:
        """As KubernetesApi says."""
        self._ask()
        with_call = self._change("label" if value is not None else "unlabel", node)
        if (machine := self._of(node)) is not None:
            machine.labels = {name: text for name, text in machine.labels.items() if name != key}
            if value is not None:
                machine.labels[key] = value
        with_call()

    def evict(self, pod: Pod) -> str:
        """As KubernetesApi says."""
        self._ask()
        with_call = self._change("evict", pod.name)
        for app in self.apps.values():
            if pod.name in app.pods and pod.name not in app.leaving:
                is_healthy = self._now >= app.ready_at[pod.name]
                if self.healthy(app) - is_healthy < app.least:
                    return "Cannot evict pod as it would violate the pod's disruption budget."
                app.leaving[pod.name] = self._now + self.pod_ends
                self._schedule(app)
        with_call()
        return ""

    def close(self) -> None:
        """As KubernetesApi says."""

    def _of(self, node: str) -> Machine | None:
        return next((each for each in self.machines.values() if each.node == node), None)

    def _change(self, call: str, about: str) -> Callable[[], None]:
        self._settle()
        self.fault(call, about)
        self.calls.append(f"{call} {about}")
        return lambda: self.after(call, about)

    # -- rolling

    def observe(self) -> Observation:
        """The cluster, and whether it is valid."""
        self.validations += 1
        nodes = self.nodes()
        states = self.groups([each.cloud_name for each in self.specs.values()])
        found = validate(list(self.specs.values()), ClusterState(states, nodes, self.pods()))
        return Observation(states, nodes, self.on_validate(found))

    def observe_cloud(self) -> Observation:
        """The cluster by the cloud alone."""
        return Observation(self.groups([each.cloud_name for each in self.specs.values()]))

    def roll(
        self,
        folder: Path,
        *groups: str,
        settings: RollingSettings | None = None,
        strategies: Mapping[str, Strategy] | None = None,
        cancel: CancelToken | None = None,
        events: list[Event] | None = None,
        emit: Callable[[Event], None] | None = None,
    ) -> Outcome:
        """Rolls groups of these names, by default all; as the engine does it."""
        settings = settings or RollingSettings()
        cancel = cancel or CancelToken()
        told = events if events is not None else []
        send = emit or told.append
        observe = self.observe_cloud if settings.cloud_only else self.observe
        history = find_unfinished(folder, KIND, "c")
        chosen = [self.specs[name] for name in groups or self.specs]
        operation = history.operation if history is not None else ""
        first = observe_first(observe, self.clock, send, cancel, settings, operation=operation)
        world = requests.World(
            list(self.specs.values()), self, observe, None if settings.cloud_only else self
        )
        with Journal.start(folder, KIND, "c", "tester@here", "op-1", self.clock.now) as journal:
            return rolling_update(
                plan_roll(chosen, strategies or {}, first, history, settings),
                first,
                world,
                journal,
                cluster="c",
                clock=self.clock,
                emit=send,
                cancel=cancel,
                settings=settings,
            )

    # -- questions

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


def failure_of(group: InstanceGroup | None, message: str = "it does not work") -> Failure:
    """A failure of a validation."""
    return Failure(FailureKind.NODE, "x", message, "look at it", group)


def failing(world: World, *found: Failure) -> None:
    """Lets all validations fail."""
    world.on_validate = lambda validation: replace(validation, failures=(*validation.failures, *found))
