"""The context of adapters' calls."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.cluster_store import ClusterStore


@dataclass(frozen=True)
class CallContext:
    """One cluster's part of an account and a store."""

    aws: AwsSession
    store: ClusterStore
    cluster: str
    token: str = ""
    """Idempotency token of the creation."""
