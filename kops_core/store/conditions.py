"""Probes which conditional requests an S3-compatible service honours.

AWS' S3 honours all of them; others may ignore a condition (a service ignores headers that it does not
know). Locks and updates depend on them, so missing ones are reported.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, runtime_checkable

from kops_core.errors import ObjectChanged, ObjectExists, StoreError
from kops_core.store.backend import Backend
from kops_core.store.layout import OURS

_ANOTHER = '"00000000000000000000000000000000"'
"""An ETag of no object."""


@runtime_checkable
class Unprotected(Protocol):
    """A backend whose service may ignore conditions."""

    def missing_protection(self) -> tuple[str, ...]:
        """I/O the first time. A sentence for each protection that is missing. Raises StoreError."""
        ...


def missing_protection(backend: Backend) -> tuple[str, ...]:
    """I/O. Tries each kind of condition on a temporary object. Raises StoreError."""
    key = f"{OURS}/probe-{secrets.token_hex(8)}"
    tries: tuple[tuple[Callable[[], object], str], ...] = (
        (
            lambda: backend.create(key, b"again"),
            "If-None-Match is ignored: two operations can hold the lock at once",
        ),
        (
            lambda: backend.replace(key, b"over", _ANOTHER),
            "If-Match is ignored: what another wrote meanwhile is overwritten unseen",
        ),
        (
            lambda: backend.delete(key, _ANOTHER),
            "conditional deletes are ignored: a lock that another took over can be removed",
        ),
    )
    backend.create(key, b"probe")
    missing = []
    try:
        for attempt, sentence in tries:
            try:
                attempt()
            except (ObjectExists, ObjectChanged):
                continue
            missing.append(sentence)
    finally:
        with suppress(StoreError):
            backend.delete(key)
    return tuple(missing)
