"""What an engine reaches outside of its process: state stores, clouds, Kubernetes, published hashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.cloud.providers import OpenProvider
    from kops_core.engine.files.asset_hashes import AssetHash
    from kops_core.kube.ports import KubernetesApi
    from kops_core.store.backend import Backend

OpenKubernetes = Callable[[str], "KubernetesApi"]
"""From the name of a cluster to its API; connects when it is first called."""


@dataclass(frozen=True)
class Connections:
    """The connections of an engine; each that is not given is opened as the settings say."""

    providers: Mapping[str, OpenProvider] | None = None
    """Cloud providers by kOps' names."""
    backends: Mapping[str, Backend] = field(default_factory=dict)
    """State stores by URL."""
    kubernetes: OpenKubernetes | None = None
    """The APIs of clusters."""
    asset_hash: AssetHash | None = None
    """The hashes of downloads."""
