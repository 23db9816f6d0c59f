"""kOps' keys of objects, relative to a cluster's folder (kOps: ``pkg/apis/kops/registry``)."""

from __future__ import annotations

from typing import Final

CONFIG: Final = "config"
"""The Cluster document of the user. A folder with it is a cluster."""
INSTANCE_GROUPS: Final = "instancegroup"
"""Folder of the InstanceGroups, one object each, by name."""
ADDITIONAL_OBJECTS: Final = "clusteraddons/default"
"""The user's additional objects, in one YAML stream."""
COMPLETED: Final = "cluster-completed.spec"
"""The Cluster with every inferred value."""
KOPS_VERSION: Final = "kops-version.txt"
"""The version of kOps that last updated the cluster."""
PKI: Final = "pki"
SECRETS: Final = "secrets"
IG_CONFIG: Final = "igconfig"
ADDONS: Final = "addons"
MANIFESTS: Final = "manifests"
BACKUPS: Final = "backups"

KOPS_FOLDERS: Final = frozenset(
    {ADDONS, "clusteraddons", PKI, SECRETS, INSTANCE_GROUPS, IG_CONFIG, MANIFESTS, BACKUPS}
)
"""All folders of kOps in a cluster's. kOps refuses to delete a cluster that has others."""

KOPS_FILES: Final = frozenset({CONFIG, COMPLETED, KOPS_VERSION, "cluster.spec"})
"""All files of kOps directly in a cluster's folder (``cluster.spec``: until kOps 1.21)."""

OURS: Final = ".kops-tui"
"""Folder at the store's root for objects of this program. No key in it ends in ``/config``."""

CLUSTER_LABEL: Final = "kops.k8s.io/cluster"
"""Label of an InstanceGroup with the name of its cluster; kOps adds it on reading."""


def instance_group(name: str) -> str:
    """The key of an InstanceGroup."""
    return f"{INSTANCE_GROUPS}/{name}"


def ours(cluster: str, name: str) -> str:
    """The key of an object of this program about a cluster."""
    return f"{OURS}/{cluster}/{name}"
