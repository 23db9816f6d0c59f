"""Clusters for tests, without sockets: the sandbox's Kubernetes in memory, behind the engine's port.

    clock = FakeClock()
    machines = MachinePool(clock)
    machines.start("nodes-a", 3)                        # any group; role="control-plane" for those
    cluster = in_memory_cluster(clock, machines)        # Kubernetes, settled: all nodes and pods ready
    api = InMemoryApi(cluster)                          # a KubernetesApi
    machines.end(machines.of("nodes-a")[0])             # its node goes some seconds of the clock later
    cluster.set_faults({"unavailable": 3})              # see kubernetes/faults.py

``with cluster_in_account(account, name, clock=clock) as cluster`` gives one whose machines are the instances
of the emulator's account, so that AwsInstanceGroups and InMemoryApi tell of the same ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from lightkube.models import core_v1, policy_v1

from kops_core.cloud.sandbox.kubernetes.account import AccountMachines
from kops_core.cloud.sandbox.kubernetes.api import Request, Response, handle
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.content import ADDONS, WORKLOADS, Content
from kops_core.cloud.sandbox.kubernetes.machines import CONTROL_PLANE, Machine, Machines
from kops_core.cloud.sandbox.kubernetes.refusals import Away
from kops_core.cloud.sandbox.kubernetes.sightings import Sightings
from kops_core.cloud.sandbox.kubernetes.timers import Timing
from kops_core.errors import (
    KubernetesDenied,
    KubernetesError,
    KubernetesUnavailable,
    KubernetesUnreachable,
    ObjectNotFound,
)
from kops_core.kube.objects import to_budget, to_node, to_pod
from kops_core.kube.ports import DisruptionBudget, Node, Pod, Taint
from kops_core.store.fence import expect_held
from tests.aws.account import Account, FakeClock, clients

SETTLES_WITHIN = timedelta(minutes=10)
"""In which a new cluster has all nodes and pods ready."""


@dataclass
class MachinePool:
    """Machines that a test starts and ends by hand."""

    clock: FakeClock
    running: dict[str, Machine] = field(default_factory=dict)
    version: str = "1.35.0"
    """That new machines start with."""
    started: int = 0

    def __call__(self) -> list[Machine]:
        return list(self.running.values())

    def start(self, group: str, count: int = 1, *, role: str = "node", zone: str = "us-east-1a") -> list[str]:
        """Starts machines; their ids."""
        made = []
        for _ in range(count):
            self.started += 1
            id_ = f"i-{self.started:017x}"
            address = f"10.0.{self.started // 250}.{self.started % 250 + 4}"
            self.running[id_] = Machine(id_, group, role, zone, self.clock.now(), self.version, address)
            made.append(id_)
        return made

    def end(self, id_: str) -> None:
        """Ends a machine."""
        del self.running[id_]

    def of(self, group: str) -> list[str]:
        """The ids of a group's machines."""
        return [each.id for each in self.running.values() if each.group == group]


def in_memory_cluster(
    clock: FakeClock,
    machines: Machines,
    *,
    content: Content = (*ADDONS, *WORKLOADS),
    timing: Timing | None = None,
    name: str = "a.example.com",
    settled: bool = True,
) -> Cluster:
    """A cluster on these machines. settled: the clock goes on until nodes and pods are ready."""
    members = max(1, sum(each.role == CONTROL_PLANE for each in machines()))
    cluster = Cluster(name, machines, clock.now, timing=timing, members=members, objects=content)
    if settled:
        clock.sleep(SETTLES_WITHIN.total_seconds())
        cluster.advance()
    return cluster


@contextmanager
def cluster_in_account(
    account: Account,
    name: str,
    *,
    clock: FakeClock,
    content: Content = (*ADDONS, *WORKLOADS),
    timing: Timing | None = None,
    settled: bool = True,
) -> Iterator[Cluster]:
    """A cluster on the instances of an emulated account, which were started by an apply.

    During the block the cluster looks at the account after each call that changes it, so that its times are
    those of the clock.
    """

    def read(key: str) -> bytes | None:
        try:
            return account.store.read(key).data
        except ObjectNotFound:
            return None

    machines = AccountMachines(Sightings(clock.now, read))
    cluster = in_memory_cluster(
        clock, lambda: machines.of(name), content=content, timing=timing, name=name, settled=settled
    )

    def look(event_name: str, **rest: object) -> None:
        operation = event_name.rpartition(".")[2]
        if not operation.startswith(("Describe", "Get", "List", "Head")):
            cluster.advance()

    for client in clients(account.aws):
        client.meta.events.register("response-received.*", look)
    try:
        yield cluster
    finally:
        for client in clients(account.aws):
            client.meta.events.unregister("response-received.*", look)


@dataclass
class InMemoryApi:
    """A KubernetesApi over a cluster in memory: each call is a request that the cluster answers."""

    cluster: Cluster
    requests: list[str] = field(default_factory=list)
    """Method and path of each."""
    host: str = "127.0.0.1"

    def nodes(self) -> tuple[Node, ...]:
        found = self._list("/api/v1/nodes")
        return tuple(to_node(msgspec.convert(each, core_v1.Node)) for each in found)

    def pods(self, namespace: str = "", node: str = "") -> tuple[Pod, ...]:
        path = f"/api/v1/namespaces/{namespace}/pods" if namespace else "/api/v1/pods"
        found = self._list(path, **({"fieldSelector": f"spec.nodeName={node}"} if node else {}))
        return tuple(to_pod(msgspec.convert(each, core_v1.Pod)) for each in found)

    def disruption_budgets(self) -> tuple[DisruptionBudget, ...]:
        found = self._list("/apis/policy/v1/poddisruptionbudgets")
        return tuple(to_budget(msgspec.convert(each, policy_v1.PodDisruptionBudget)) for each in found)

    def namespace_annotations(self) -> dict[str, dict[str, str]]:
        found = (each["metadata"] for each in self._list("/api/v1/namespaces"))
        return {each["name"]: each.get("annotations") or {} for each in found}

    def cordon(self, node: str, *, on: bool = True) -> None:
        self._patch(node, {"spec": {"unschedulable": on or None}})

    def set_label(self, node: str, key: str, value: str | None) -> None:
        self._patch(node, {"metadata": {"labels": {key: value}}})

    def add_taint(self, node: str, taint: Taint) -> None:
        new = {"key": taint.key, "effect": taint.effect, **({"value": taint.value} if taint.value else {})}
        kept = [
            each for each in self._taints(node) if (each["key"], each["effect"]) != (taint.key, taint.effect)
        ]
        self._patch(node, {"spec": {"taints": [*kept, new]}})

    def remove_taint(self, node: str, key: str) -> None:
        self._patch(node, {"spec": {"taints": [each for each in self._taints(node) if each["key"] != key]}})

    def evict(self, pod: Pod) -> str:
        options = {"preconditions": {"uid": pod.uid}} if pod.uid else {}
        body = {"metadata": {"name": pod.name, "namespace": pod.namespace}, "deleteOptions": options}
        path = f"/api/v1/namespaces/{pod.namespace}/pods/{quote(pod.name)}/eviction"
        answer = self._ask("POST", path, body=body)
        causes = answer.get("details", {}).get("causes", ())
        if answer.get("code") == 429 and causes:
            return str(causes[0]["message"])
        if answer.get("code") in (404, 409):
            return ""
        self._check(answer)
        return ""

    def close(self) -> None:
        pass

    def _list(self, path: str, **query: str) -> list[Any]:
        answer = self._ask("GET", path, **query)
        self._check(answer)
        found: list[Any] = answer["items"]
        return found

    def _taints(self, node: str) -> list[Any]:
        answer = self._ask("GET", f"/api/v1/nodes/{node}")
        if answer.get("code") == 404:
            return []
        self._check(answer)
        return answer["spec"].get("taints") or []

    def _patch(self, node: str, patch: dict[str, Any]) -> None:
        answer = self._ask("PATCH", f"/api/v1/nodes/{node}", body=patch)
        if answer.get("code") != 404:
            self._check(answer)

    def _ask(self, method: str, path: str, body: object = None, **query: str) -> dict[str, Any]:
        if method != "GET":
            expect_held()
        self.requests.append(f"{method} {path}")
        encoded = msgspec.json.encode(body) if body is not None else b""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        try:
            answer = handle(self.cluster, Request(method, path, query, encoded, kind))
        except Away:
            raise KubernetesUnreachable(
                "the API server refuses the connection", where=self.cluster.name, remedy="wait"
            ) from None
        assert isinstance(answer, Response)
        assert isinstance(answer.body, dict)
        return answer.body

    def _check(self, answer: dict[str, Any]) -> None:
        if answer.get("kind") != "Status" or answer.get("status") == "Success":
            return
        code = answer["code"]
        error = (
            KubernetesDenied
            if code in (401, 403)
            else KubernetesUnavailable
            if code in (429, 500, 502, 503, 504)
            else KubernetesError
        )
        raise error(f"status {code}: {answer['message']}", where=self.cluster.name, remedy="look at it")
