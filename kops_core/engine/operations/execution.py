"""Applies a plan, with journal and throttling events."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from kops_core.engine.operations.drift_report import remember
from kops_core.engine.operations.journals import APPLY, journal_of
from kops_core.engine.operations.planning import PlannedChange
from kops_core.engine.operations.throttling import telling_of_throttling
from kops_core.operations.apply import ApplySettings, apply, expect_applicable
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event, Finished
from kops_core.operations.journal import find_unfinished

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices

Emit = Callable[[Event], None]


def apply_plan(
    services: ClusterServices,
    location: ClusterLocation,
    planned: PlannedChange,
    emit: Emit,
    cancel: CancelToken,
) -> Finished:
    """I/O. Applies a cluster's plan under the caller's lock, and stores the applied state.

    The applied state is stored even if no change is left: an earlier run may have been killed before it
    could. Raises Refused if the plan has errors.
    """
    ended = apply_changes(services, location, planned, emit, cancel)
    if ended.ok and planned.whole:
        by = services.settings.operator
        remember(location.store.backend, location.name, planned, at=services.now(), by=by)
    return ended


def apply_changes(
    services: ClusterServices,
    location: ClusterLocation,
    planned: PlannedChange,
    emit: Emit,
    cancel: CancelToken,
) -> Finished:
    """I/O. Carries out the changes of a plan, which may be only some of a cluster's, under the caller's lock.

    An open journal of an interrupted run is ended even if no change is left. Raises Refused if the plan
    has errors.
    """
    settings, clock, name = services.settings, services.clock, location.name
    expect_applicable(planned.plan)
    if planned.plan.empty and not find_unfinished(settings.journals, APPLY, name, created=location.created):
        return Finished(clock.now(), "", ok=True, done=0, message="nothing to do")
    with (
        telling_of_throttling(services.provider(location), emit, services.now) as tell,
        journal_of(settings, APPLY, name, clock, created=location.created) as journal,
    ):
        outcome = apply(
            planned.plan,
            planned.effective.by_key(),
            planned.snapshot,
            services.cloud(location),
            journal,
            clock=clock,
            random=random.random,
            emit=tell,
            cancel=cancel,
            settings=ApplySettings(by=settings.operator),
        )
    return Finished(clock.now(), journal.operation, outcome.ok, len(outcome.done), outcome.message)
