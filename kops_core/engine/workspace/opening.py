"""Opens a workspace: a cluster's documents, channel and settings."""

from __future__ import annotations

from kops_core.engine.cluster_services import ClusterServices
from kops_core.engine.files.inputs import channel_of, settings_tree
from kops_core.engine.inference_context import InferenceContext
from kops_core.engine.workspace.workspace import Workspace
from kops_core.store.reading import StoredCluster
from kops_core.store.state import StateStore


def open_cluster(
    store: StateStore, stored: StoredCluster, services: ClusterServices, *, local: bool = False
) -> Workspace:
    """I/O. Opens the workspace of a cluster as it was read; no cloud is called.

    local: its spec came from a file of this machine. Raises InvalidSpec.
    """
    settings = services.settings
    if stored.errors:
        raise stored.errors[0]
    channel = channel_of(
        stored.cluster,
        settings,
        offline=settings.cloud_facts is not None,
        store=store.backend,
        local=local,
    )
    around = InferenceContext(
        services.recorded_facts(),
        channel.document,
        settings_tree(settings) | {"stateStore": store.backend.url},
        (*stored.warnings, *((channel.warning,) if channel.warning else ())),
    )
    return Workspace(store, stored, around, services)
