"""Errors of rolling updates, and which errors of services pass by themselves."""

from __future__ import annotations

from typing import Final

from kops_core.errors import (
    AccessDenied,
    KopsError,
    KubernetesError,
    NotReady,
    ObjectNotFound,
    OperationFailed,
    StoreError,
    Throttled,
)

_EXPIRED: Final = ("expired", "outoftime", "retrieval")
"""Parts of the codes of errors of credentials that have ended, which another process may renew."""


class ValidationTimeout(OperationFailed):
    """The cluster, or a service that is needed, was not in order in time; the update ends for all groups."""


class DeregisterFailed(OperationFailed):
    """An instance could not leave its load balancers; the update ends for all groups, as in kOps."""


class DrainFailed(OperationFailed):
    """A node could not be drained."""


def passes_by_itself(error: KopsError) -> bool:
    """Whether a later call may succeed: the service is away, busy, or waits for new credentials."""
    if isinstance(error, AccessDenied):
        return any(part in error.code.lower() for part in _EXPIRED)
    if isinstance(error, ObjectNotFound):
        return False
    return isinstance(error, KubernetesError | StoreError | NotReady | Throttled)
