"""Where kOps keeps what, relative to a cluster's folder (kOps: ``pkg/apis/kops/registry``)."""

from __future__ import annotations

from typing import Final

CONFIG: Final = "config"
"""The Cluster, as the user wants it. What makes a folder a cluster."""
INSTANCE_GROUPS: Final = "instancegroup"
"""Folder: one InstanceGroup an object, by its name."""
ADDITIONAL_OBJECTS: Final = "clusteraddons/default"
"""Objects that the user gave beside Cluster and InstanceGroups, in one YAML stream."""
COMPLETED: Final = "cluster-completed.spec"
"""The Cluster with every inferred value."""
KOPS_VERSION: Final = "kops-version.txt"
"""The version that updated the cluster last."""
PKI: Final = "pki"
SECRETS: Final = "secrets"
IG_CONFIG: Final = "igconfig"
ADDONS: Final = "addons"
MANIFESTS: Final = "manifests"
BACKUPS: Final = "backups"

KOPS_FOLDERS: Final = frozenset(
    {ADDONS, "clusteraddons", PKI, SECRETS, INSTANCE_GROUPS, IG_CONFIG, MANIFESTS, BACKUPS}
)
"""Every folder that kOps may make in a cluster's. It refuses to delete a cluster that holds another."""

KOPS_FILES: Final = frozenset({CONFIG, COMPLETED, KOPS_VERSION, "cluster.spec"})
"""Every file that kOps may make there itself (``cluster.spec``: until kOps 1.21)."""

OURS: Final = ".kops-tui"
"""Folder at the store's root for what kOps does not know. No key in it ends in ``/config``."""

CLUSTER_LABEL: Final = "kops.k8s.io/cluster"
"""Label that ties an InstanceGroup to its cluster; kOps adds it when it reads one."""


def instance_group(name: str) -> str:
    """Where an InstanceGroup is kept."""
    return f"{INSTANCE_GROUPS}/{name}"


def ours(cluster: str, name: str) -> str:
    """The store's key for a file of our own about a cluster."""
    return f"{OURS}/{cluster}/{name}"
