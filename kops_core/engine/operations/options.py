"""Options of operations as plain data, apart from the code that they are for, which is slow to load."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

DELETE_GROUP: Final = "delete-instancegroup"
"""Kind of the deletion of an instance group, as journals and locks name it."""
DELETE_INSTANCE: Final = "delete-instance"
"""Kind of the deletion of an instance."""
DRAIN_TIMEOUT: Final = 900.0


@dataclass(frozen=True)
class ApiAccess:
    """How to sign in; by default as an administrator, by the keys of the state store."""

    use_kubeconfig: bool = False
    """Sign in as the operator's kubeconfig says in the context that has the cluster's name."""
    kubeconfig: str = ""
    """File of that kubeconfig; "" for those that kubectl reads."""
    api_server: str = ""
    """URL of the API server, instead of the one that follows from the spec or the kubeconfig."""


@dataclass(frozen=True)
class GroupDeletionOptions:
    """How an instance group is deleted."""

    drain: bool = True
    """Whether pods are asked to leave before; else they are lost with their nodes."""
    drain_timeout: float = DRAIN_TIMEOUT
    """Seconds for the pods of a node to leave, since the last one left."""
    access: ApiAccess = field(default_factory=ApiAccess)
