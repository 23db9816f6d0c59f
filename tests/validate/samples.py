"""A cluster and its instance groups that nothing is wrong with, and what is said when fields change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kops_core.api.path import get, parse, set_at, unset_at
from kops_core.api.values import UNSET, Tree, Value
from kops_core.errors import FieldError


def cluster(changes: Mapping[str, Value] | None = None) -> Tree:
    """The sample cluster with fields set; None unsets."""
    return _changed(
        {
            "apiVersion": "kops.k8s.io/v1alpha2",
            "kind": "Cluster",
            "metadata": {"name": "k8s.example.com"},
            "spec": {
                "api": {"loadBalancer": {"class": "Network", "type": "Public"}},
                "authorization": {"rbac": {}},
                "cloudProvider": "aws",
                "configBase": "s3://store/k8s.example.com",
                "etcdClusters": [
                    {"name": name, "etcdMembers": [{"name": "a", "instanceGroup": "control-plane"}]}
                    for name in ("main", "events")
                ],
                "iam": {"legacy": False},
                "kubernetesVersion": "1.36.0",
                "networkCIDR": "10.0.0.0/16",
                "networking": {"cilium": {}},
                "nonMasqueradeCIDR": "100.64.0.0/10",
                "subnets": [
                    {"name": "a", "zone": "us-east-1a", "type": "Private", "cidr": "10.0.0.0/20"},
                    {"name": "utility-a", "zone": "us-east-1a", "type": "Utility", "cidr": "10.0.32.0/24"},
                ],
                "topology": {"dns": {"type": "Public"}},
            },
        },
        changes,
    )


def group(changes: Mapping[str, Value] | None = None) -> Tree:
    """The sample worker group with fields set; None unsets."""
    return _changed(
        {
            "apiVersion": "kops.k8s.io/v1alpha2",
            "kind": "InstanceGroup",
            "metadata": {"name": "nodes"},
            "spec": {
                "role": "Node",
                "image": "ami-1",
                "machineType": "m5.large",
                "minSize": 1,
                "maxSize": 2,
                "subnets": ["a"],
            },
        },
        changes,
    )


def places(errors: Iterable[FieldError]) -> set[tuple[str, str]]:
    """Path and kind of each error."""
    return {(error.path, error.kind) for error in errors}


def expected(text: str) -> set[tuple[str, str]]:
    """Places written as lines or parts of one: ``path: Kind; path: Kind``."""
    found = (part.strip().rpartition(": ") for part in text.split(";") if part.strip())
    return {(path, kind) for path, _, kind in found}


def _changed(tree: Tree, changes: Mapping[str, Value] | None) -> Tree:
    for path, value in (changes or {}).items():
        parts = parse(path)
        if value is None:
            assert get(tree, parts) is not UNSET, path
            tree = unset_at(tree, parts)
        else:
            tree = set_at(tree, parts, value)
    return tree
