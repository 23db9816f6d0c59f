"""The deletion of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from kops_core.model.kind_spec import Risk
from kops_core.operations.clock import CancelToken, SystemClock
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged
from kops_core.operations.steps import Limits
from kops_core.plan.changes import Plan
from kops_core.plan.deletion import plan_deletion
from kops_core.plan.snapshot import DiscoveredResource, Ownership, Snapshot
from tests.tui.fakes.controls import Controls
from tests.tui.fakes.documents import NOW


@dataclass
class FakeDeletion:
    """A cluster with two resources of its own, one shared, and perhaps one of somebody else's."""

    engine: Controls
    name: str

    def plan(self) -> Plan:
        owned = (
            DiscoveredResource("Subnet", "subnet-1", f"us-east-1a.{self.name}"),
            DiscoveredResource("EBSVolume", "vol-1", f"a.etcd-main.{self.name}", risk=Risk.DELETES_DATA),
        )
        shared = DiscoveredResource(
            "VPC", "vpc-1", "corp", Ownership.SHARED, note="the spec names it by its id"
        )
        foreign = DiscoveredResource(
            "Instance", "i-0f", "build", Ownership.FOREIGN, note="it runs in subnet-1: terminate it"
        )
        found = (*owned, shared, *((foreign,) if self.engine.foreign else ()))
        return plan_deletion(self.name, Snapshot(NOW, discovered=found))

    def protected(self) -> tuple[str, ...]:
        return self.engine.protected

    def carry_out(
        self,
        plan: Plan,
        emit: Callable[[Event], None],
        cancel: CancelToken,
        limits: Limits,
        /,
        *,
        keys_in: Collection[str],
    ) -> Finished:
        self.engine.writes.append("delete")
        self.engine.enter("delete")
        now = SystemClock().now
        emit(Started(now(), "op-9", "delete", self.name, "ops@here", len(plan.pending)))
        for change in plan.pending:
            emit(StepChanged(now(), "op-9", str(change.key), Phase.DONE))
        return Finished(
            now(), "op-9", ok=True, done=len(plan.pending), message="2 done, nothing is left to do"
        )
