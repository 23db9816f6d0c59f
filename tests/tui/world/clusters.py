"""The clusters of a world, each in a state of its own, as the engine itself has brought them there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from kops_core import CancelToken, Engine, parse_path
from kops_core.store.backend import Backend
from tests.tui.world.keysets import recorded

STAGE = "data.stage.example.com"
"""Applied; its nodes were not replaced since an apply, and an edit was saved and not applied."""
UP_TO_DATE = "eu1.prod.example.com"
"""As applied."""
NEW = "new.dev.example.com"
"""Never applied."""
PROD = "us1.prod.example.com"
"""A production cluster whose upgrade of Kubernetes was saved and not applied."""
LATER = "web.stage.example.com"
"""Applied; a group's machine has not been replaced since."""
FLEET = (STAGE, UP_TO_DATE, NEW, PROD, LATER)
"""In the order of the fleet."""

_IMAGE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801"
_WORDS = (
    *("--cloud", "aws", "--zones", "us-east-1a", "--networking", "cilium", "--dns", "none"),
    *("--node-size", "t3.medium", "--control-plane-size", "m5.large", "--image", _IMAGE),
)
_SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops@bastion\n"
_FIELDS = {"spec.kubelet.maxPods": "80", "spec.kubeDNS.nodeLocalDNS.enabled": "true"}
_NODES = "instanceGroups.nodes-us-east-1a"

Wait = Callable[[timedelta], None]
"""Lets time go by."""


def build(engine: Engine, store: Backend, wait: Wait) -> None:
    """Make all clusters: days pass in it."""
    _create(engine, STAGE, "1.35.0", nodes=3)
    _create(engine, UP_TO_DATE, "1.34.3", nodes=2)
    _create(engine, PROD, "1.33.9", nodes=3)
    _create(engine, LATER, "1.35.0", nodes=1)
    for name in (STAGE, UP_TO_DATE, PROD, LATER):
        for key, data in recorded().items():
            store.create(f"{name}/{key}", data)
        apply(engine, name)
    wait(timedelta(days=2))
    for name in (STAGE, LATER):
        save(engine, name, {f"{_NODES}.spec.rootVolumeSize": "100"})
        apply(engine, name)
    wait(timedelta(hours=5))
    _create(engine, NEW, "1.34.3", nodes=1)
    save(engine, STAGE, {"spec.kubelet.maxPods": "90"})
    save(engine, PROD, {"spec.kubernetesVersion": "1.34.3"})
    wait(timedelta(minutes=20))


def _create(engine: Engine, name: str, version: str, *, nodes: int) -> None:
    words = (name, *_WORDS, "--kubernetes-version", version, "--node-count", str(nodes))
    engine.store_cluster(engine.make_cluster(engine.create_options(words)), ssh_public_key=_SSH_KEY)
    save(engine, name, _FIELDS)


def apply(engine: Engine, name: str) -> None:
    """Apply the stored specs of a cluster."""
    finished = engine.open(name).apply(lambda _: None, CancelToken())
    assert finished.ok, finished.message


def save(engine: Engine, name: str, fields: Mapping[str, str]) -> None:
    """Store a cluster with other values of some fields."""
    workspace = engine.open(name)
    workspace.read_facts()
    for path, value in fields.items():
        workspace.set(parse_path(path), value)
    workspace.save()
