"""A simulated cluster that rolls, as the engine does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.journal import Journal, find_unfinished
from kops_core.operations.outcome import Outcome
from kops_core.operations.rolling import requests
from kops_core.operations.rolling.execution import observe_first, rolling_update
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.selection import plan_deletion, plan_roll
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from kops_core.operations.validation import (
    ClusterState,
    Failure,
    FailureKind,
    Validation,
    validate,
)
from tests.operations.simulated_apis import SimulatedApis
from tests.operations.simulated_cluster import NEW, OLD

__all__ = ["NEW", "OLD"]
KIND = "rolling-update"


@dataclass
class World(SimulatedApis):
    """The simulated cluster."""

    on_validate: Callable[[Validation], Validation] = lambda found: found
    validations: int = 0

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

    def delete(
        self, folder: Path, group: str, instance: str, *, surge: bool = True, settings: RollingSettings
    ) -> Outcome:
        """Deletes an instance, as the engine does it."""
        first = self.observe()
        world = requests.World(list(self.specs.values()), self, self.observe, self)
        with Journal.start(folder, "delete-instance", "c", "tester@here", "op-1", self.clock.now) as journal:
            plan = plan_deletion(
                self.specs[group], instance, first, journal.before, surge=surge, balanced=True
            )
            assert plan is not None
            return rolling_update(
                [plan],
                first,
                world,
                journal,
                cluster="c",
                clock=self.clock,
                emit=lambda event: None,
                settings=settings,
            )


def failure_of(group: InstanceGroup | None, message: str = "it does not work") -> Failure:
    """A failure of a validation."""
    return Failure(FailureKind.NODE, "x", message, "look at it", group)


def failing(world: World, *found: Failure) -> None:
    """Lets all validations fail."""
    world.on_validate = lambda validation: replace(validation, failures=(*validation.failures, *found))
