"""The cloud and the Kubernetes API of a simulated cluster, as a roll sees them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kops_core.cloud.ports import GroupState, Instance
from kops_core.errors import CloudError, KubernetesUnreachable
from kops_core.kube.ports import DisruptionBudget, Node, Pod, Taint
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.validation import (
    STATIC_PODS,
)
from tests.operations.simulated_cluster import App, Machine, SimulatedCluster


@dataclass
class SimulatedCloud(SimulatedCluster):
    """A simulated cluster as an InstanceGroups."""

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
        seen = self._now if self.end_shown_at_once else self._now - self.noticed_after
        if each.ended is not None and each.ended <= seen:
            return "Terminating"
        return "Warmed:Stopped" if each.warm else "InService"

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        """As InstanceGroups says."""
        return dict.fromkeys(names, ())

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """As InstanceGroups says."""
        return {}

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


@dataclass
class SimulatedApis(SimulatedCloud):
    """A simulated cluster as a KubernetesApi, too."""

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

    def namespace_annotations(self) -> Mapping[str, Mapping[str, str]]:
        """As KubernetesApi says."""
        self._ask()
        return {}

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
