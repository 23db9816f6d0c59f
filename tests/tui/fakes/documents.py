"""Clusters that the fake stores hold: names, documents, and the settings to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from kops_core.api.values import Tree
from kops_core.engine.settings import Settings

NOW = datetime(2026, 3, 1, 14, 2, 11, tzinfo=UTC)
PROD = "us1.prod.example.com"
STAGE = "data.stage.example.com"

DESCRIPTIONS = {
    "cgroupDriver": ("string", ("cgroupfs", "systemd"), "how kubelet manages its cgroups"),
    "maxPods": ("integer", (), "most pods that kubelet runs on a node"),
    "kubernetesVersion": ("string", (), "version of Kubernetes, e.g. 1.34.3"),
    "enabled": ("boolean", ("true", "false"), "whether pods ask a cache on their own node"),
}


def cluster_document(name: str, version: str) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {
            "kubernetesVersion": version,
            "cloudProvider": "aws",
            "channel": "stable",
            "networkCIDR": "172.20.0.0/16",
            "api": {"loadBalancer": {"type": "Public", "class": "Network"}},
            "kubelet": {"anonymousAuth": False, "maxPods": 80},
            "kubeDNS": {"nodeLocalDNS": {"enabled": True}},
            "etcdClusters": [
                {"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "control-plane-us-east-1a"}]},
                {
                    "name": "events",
                    "etcdMembers": [{"name": "a", "instanceGroup": "control-plane-us-east-1a"}],
                },
            ],
            "networking": {"amazonvpc": {}},
            "sshAccess": ["203.0.113.0/24", "198.51.100.7/32"],
        },
    }


def group_document(cluster: str, name: str, role: str, machine: str, size: int) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": name, "labels": {"kops.k8s.io/cluster": cluster}},
        "spec": {
            "role": role,
            "machineType": machine,
            "minSize": size,
            "maxSize": size + 2,
            "subnets": ["us-east-1a"],
        },
    }


FLEET = (
    ("eu1.prod.example.com", "1.34.3", True),
    (PROD, "1.33.9", True),
    (STAGE, "1.35.0", True),
    ("new.dev.example.com", "1.34.3", False),
)


def settings(folder: Path, *, write: bool = True, environment: Mapping[str, str] | None = None) -> Settings:
    return Settings(
        stores=("s3://acme-kops",),
        write=write,
        operator="ops@bastion",
        state_dir=folder,
        environment=environment or {},
    )
