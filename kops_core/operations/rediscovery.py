"""Repeated discovery while a cluster is deleted.

Deletions that the cloud refuses because of dependents are retried, and meanwhile discovery is repeated:
controllers of the cluster create resources until their machines are gone. Before the state in the store is
deleted, a step checks that nothing new was created.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kops_core.cloud.ports import Discovery
from kops_core.errors import CloudConflict, KopsError, NotReady
from kops_core.operations.steps import Step
from kops_core.plan.changes import Plan
from kops_core.plan.deletion import plan_deletion
from kops_core.plan.snapshot import Snapshot

LOOK_AGAIN = 30.0
"""Seconds between two discoveries while deletions are refused."""
NOTHING_LEFT = "Cloud/nothing left"
"""The step that checks that nothing new was created."""


@dataclass(frozen=True)
class Rediscovered:
    """The result of another discovery."""

    plan: Plan
    snapshot: Snapshot


class Rediscovery:
    """Decides when to discover again, and keeps the results until they are taken."""

    def __init__(self, cluster: str, discovery: Discovery, known: Collection[str]) -> None:
        """known: the names of all steps; it grows with them."""
        self._cluster = cluster
        self._discovery = discovery
        self._known = known
        self._found: Rediscovered | None = None
        self._looked = float("-inf")

    def look(self, step: Step[Any]) -> None:
        """Discovers again. Raises NotReady if an unknown resource of the cluster is found."""
        snapshot = self._discovery.discover()
        plan = plan_deletion(self._cluster, snapshot)
        more = [str(change.key) for change in plan.pending if str(change.key) not in self._known]
        self._found = Rediscovered(plan, snapshot) if more else None
        if more:
            raise NotReady(f"found {len(more)} more, first {more[0]}", where=step.name)

    def take(self, step: Step[Any], error: KopsError, now: float) -> Rediscovered | None:
        """The new resources, after a step failed; discovers again if an unknown one may block it."""
        if isinstance(error, CloudConflict) and now - self._looked >= LOOK_AGAIN:
            self._looked = now
            # Failed reads are repeated by the next discovery.
            with suppress(KopsError):
                self.look(step)
        found, self._found = self._found, None
        return found
