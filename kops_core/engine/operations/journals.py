"""The journals of operations on this machine, and names of operations in journals and locks."""

from __future__ import annotations

import secrets

from kops_core.engine.settings import Settings
from kops_core.operations.clock import Clock
from kops_core.operations.journal import Journal

APPLY, ROLLING_UPDATE, RECONCILE = "apply", "rolling-update", "reconcile"
"""Kinds of operations, as journals and locks name them."""


def journal_of(settings: Settings, kind: str, cluster: str, clock: Clock, *, created: str) -> Journal:
    """The journal of an operation: a new one, or that of an interrupted one.

    created: the cluster's creationTimestamp, so that a later cluster of the same name inherits nothing.
    """
    return Journal.start(
        settings.journals,
        kind,
        cluster,
        settings.operator,
        secrets.token_hex(6),
        clock.now,
        created=created,
    )
