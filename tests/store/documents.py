"""Documents of small clusters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kops_core.api.values import Tree, Value

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that advances one second at each call."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def cluster(name: str = "a.example.com", **spec: Value) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {"channel": "stable", "kubernetesVersion": "1.35.0", **spec},
    }


def group(name: str = "nodes", **spec: Value) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": name},
        "spec": {"role": "Node", "minSize": 1, "maxSize": 1, "subnets": ["us-east-1a"], **spec},
    }


def with_spec(tree: Tree, **spec: Value) -> Tree:
    old = tree["spec"]
    assert isinstance(old, dict)
    return {**tree, "spec": {**old, **spec}}
