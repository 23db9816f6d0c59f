"""A cluster: its objects, its controllers, and whether its API serves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from kops_core.cloud.sandbox.kubernetes.faults import Faults
from kops_core.cloud.sandbox.kubernetes.kinds import BUILT_IN, DEFINITIONS, NAMESPACES, Kind, Object, defined
from kops_core.cloud.sandbox.kubernetes.kubelet import Kubelets
from kops_core.cloud.sandbox.kubernetes.machines import CONTROL_PLANE, Machine, Machines
from kops_core.cloud.sandbox.kubernetes.nodes import NodeLifecycle
from kops_core.cloud.sandbox.kubernetes.refusals import Away, Refusal
from kops_core.cloud.sandbox.kubernetes.store import Change, ObjectStore
from kops_core.cloud.sandbox.kubernetes.timers import Timers, Timing
from kops_core.cloud.sandbox.kubernetes.workloads import Workloads


class Cluster:
    """A cluster in memory. Not safe for several threads: whoever shares it locks.

    Nothing happens by itself: ``advance`` does what is due by the clock, in order.
    """

    def __init__(
        self,
        name: str,
        machines: Machines,
        now: Callable[[], datetime],
        *,
        timing: Timing | None = None,
        members: int = 1,
        objects: Iterable[tuple[Kind, Object]] = (),
    ) -> None:
        """members: of etcd. objects: what is in the cluster from its beginning, besides its namespaces."""
        self.name = name
        self.faults = Faults()
        self.members = members
        self._machines = machines
        self._clock = now
        self._timing = timing or Timing()
        self._timers = Timers()
        self._moment = min([now(), *(each.started for each in machines())])
        self._running: dict[str, Machine] = {}
        self.store = ObjectStore(self.now)
        self._workloads = Workloads(self.store, self.now, self.faults.freezes)
        self._nodes = NodeLifecycle(self.store, self._timers, self._timing, self.now, self.faults)
        self._kubelets = Kubelets(self.store, self._timers, self._timing, self.now, self.faults.holds)
        self.store.listeners.append(self._notice)
        found = [*objects]
        wanted = {each["metadata"]["namespace"] for _, each in found if each["metadata"].get("namespace")}
        for namespace in sorted({"default", "kube-system", "kube-public", "kube-node-lease"} | wanted):
            self.store.create(NAMESPACES, _namespace(namespace))
        for kind, each in found:
            self.store.create(kind, {"status": {}, **each} if kind.has_status else each)

    def now(self) -> datetime:
        """The moment up to which everything has happened."""
        return self._moment

    def kinds(self) -> list[Kind]:
        """All kinds, also those that definitions add."""
        return [*BUILT_IN, *defined(self.store.all(DEFINITIONS))]

    def version(self) -> str:
        """Kubernetes' version of its API servers; the oldest one's."""
        return min((each.version for each in self._servers()), default="0.0.0")

    def advance(self) -> None:
        """Does what is due until now.

        What needs a control plane waits while there is none.
        """
        until = self._clock()
        self._running = {each.id: each for each in self._machines()}
        self._nodes.observe(self._running, until)
        while True:
            due = self._timers.next()
            at = max(due, self._moment) if due is not None else until
            at = min(at, until)
            serves_at = self._serves_from()
            if serves_at is None or serves_at > until or self.faults.no_quorum:
                break  # no controller runs: what is due happens late
            self._moment = max(self._moment, at, min(serves_at, until))
            if due is None or due > until:
                break
            while self._timers.next() == due:
                self._timers.take()()
            self._workloads.run()
        self._moment = max(self._moment, until)
        if self.is_serving() and self.has_quorum():
            self._workloads.look_at_budgets(evicting=True)
            self._workloads.run()

    def set_faults(self, wanted: Object) -> None:
        """Makes things go wrong, or go well again. Raises ValueError."""
        self.faults.change(wanted, self._clock())
        self._workloads.look_at_budgets()
        self.advance()

    def is_serving(self) -> bool:
        """Whether an API server runs."""
        if self.faults.away_until is not None and self._moment < self.faults.away_until:
            return False
        ready = timedelta(seconds=self._timing.api_server)
        return any(each.started + ready <= self._moment for each in self._servers())

    def has_quorum(self) -> bool:
        """Whether more than half of etcd's members run."""
        return len(self._members()) > self.members // 2 and not self.faults.no_quorum

    def check(self) -> None:
        """Raises Away without a server; Refusal if the server can't do anything."""
        if not self.is_serving():
            raise Away
        if self.faults.unavailable:
            self.faults.unavailable -= 1
            raise Refusal(503, "ServiceUnavailable", "the server can't handle requests now")
        if not self.has_quorum():
            raise Refusal(500, "", "etcdserver: request timed out")

    def _servers(self) -> list[Machine]:
        return [each for each in self._running.values() if each.role in (CONTROL_PLANE, "apiserver")]

    def _members(self) -> list[Machine]:
        ready = timedelta(seconds=self._timing.api_server)
        return [
            each
            for each in self._running.values()
            if each.role == CONTROL_PLANE and each.started + ready <= self._moment
        ]

    def _serves_from(self) -> datetime | None:
        """Since when enough control-plane machines are up for a quorum; None if there are too few."""
        ready = timedelta(seconds=self._timing.api_server)
        up = sorted(each.started + ready for each in self._running.values() if each.role == CONTROL_PLANE)
        need = self.members // 2 + 1
        return up[need - 1] if len(up) >= need else None

    def _notice(self, change: Change) -> None:
        self._workloads.notice(change)
        self._kubelets.notice(change)
        self._nodes.notice(change)


def _namespace(name: str) -> Object:
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }
