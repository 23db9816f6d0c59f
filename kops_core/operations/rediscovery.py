"""Looking at the account again while a cluster is deleted.

What the cloud refuses because something still depends on it is tried again, and meanwhile the account is
looked at again: controllers of the cluster make and leave things until their machines are gone. Before the
state in the store goes, a step looks whether anything has been made meanwhile.
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
"""Seconds between two looks at the account while deletions are refused."""
NOTHING_LEFT = "Cloud/nothing left"
"""The step that looks whether anything has been made meanwhile."""


@dataclass(frozen=True)
class Rediscovered:
    """What another look at the account has found."""

    plan: Plan
    snapshot: Snapshot


class Rediscovery:
    """Decides when to look again, and keeps what was found until it is taken."""

    def __init__(self, cluster: str, discovery: Discovery, known: Collection[str]) -> None:
        """known: the names of the steps that there are; it grows with them."""
        self._cluster = cluster
        self._discovery = discovery
        self._known = known
        self._found: Rediscovered | None = None
        self._looked = float("-inf")

    def look(self, step: Step[Any]) -> None:
        """Raises NotReady if something of the cluster has come to light that was not known."""
        snapshot = self._discovery.discover()
        plan = plan_deletion(self._cluster, snapshot)
        more = [str(change.key) for change in plan.pending if str(change.key) not in self._known]
        self._found = Rediscovered(plan, snapshot) if more else None
        if more:
            raise NotReady(f"found {len(more)} more, first {more[0]}", where=step.name)

    def take(self, step: Step[Any], error: KopsError, now: float) -> Rediscovered | None:
        """What has come to light, after a step failed; looks where something unknown may hold on."""
        if isinstance(error, CloudConflict) and now - self._looked >= LOOK_AGAIN:
            self._looked = now
            # What could not be read is read by the next look.
            with suppress(KopsError):
                self.look(step)
        found, self._found = self._found, None
        return found
