"""The machines of clusters, as the emulator's account in this process has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from kops_core.api import yaml_reader
from kops_core.api.path import get
from kops_core.api.values import Tree
from kops_core.cloud.sandbox.kubernetes.machines import CONTROL_PLANE, Machine
from kops_core.errors import InvalidSpec

_CLUSTER, _GROUP = "KubernetesCluster", "kops.k8s.io/instancegroup"
_ROLE: Final = "k8s.io/role/"
_ROLES: Final = {"master": CONTROL_PLANE, "api-server": "apiserver"}
"""Roles by kOps' tags, where they differ."""
_LABEL: Final = "k8s.io/cluster-autoscaler/node-template/label/"
_UP: Final = ("pending", "running")
ReadObject = Callable[[str], bytes | None]
"""From a key of the state store, such as ``a.example.com/config``, to its content; None if there is none."""


@dataclass
class AccountMachines:
    """The machines of all clusters in the account, with the version that they were started with."""

    now: Callable[[], datetime]
    read: ReadObject
    seen: dict[str, Machine] = field(default_factory=dict)
    """By id, as they were when they were first seen running."""

    def observe(self) -> None:
        """Remembers machines that have started since, and forgets those that have ended.

        To be called after each change of the account, so that the times are right.
        """
        up = {each.id: (each, tags) for each, tags in _instances() if each.state in _UP and _CLUSTER in tags}
        for gone in self.seen.keys() - up.keys():
            del self.seen[gone]
        for id_ in up.keys() - self.seen.keys():
            self.seen[id_] = self._machine(*up[id_])

    def of(self, cluster: str) -> list[Machine]:
        """The machines of a cluster that run or start."""
        self.observe()
        return [
            self.seen[each.id]
            for each, tags in _instances()
            if tags.get(_CLUSTER) == cluster and each.id in self.seen
        ]

    def _machine(self, instance: Any, tags: Mapping[str, str]) -> Machine:
        role = next((key.removeprefix(_ROLE) for key in sorted(tags) if key.startswith(_ROLE)), "node")
        role, group, cluster = _ROLES.get(role, role), tags.get(_GROUP, ""), tags[_CLUSTER]
        booted = self._read(f"{cluster}/igconfig/{role}/{group}/nodeupconfig.yaml")
        version = get(booted, ("KubernetesVersion",)) or get(
            self._read(f"{cluster}/config"), ("spec", "kubernetesVersion")
        )
        taints = get(booted, ("KubeletConfig", "taints"))
        return Machine(
            instance.id,
            group,
            role,
            instance.placement.zone,
            self.now(),
            str(version or "0.0.0").removeprefix("v"),
            instance.private_ip or "",
            instance.instance_type,
            {key.removeprefix(_LABEL): value for key, value in tags.items() if key.startswith(_LABEL)},
            tuple(str(each) for each in taints) if isinstance(taints, list) else (),
        )

    def _read(self, key: str) -> Tree:
        """A document of the state store; empty if there is none, or none that can be read."""
        text = self.read(key)
        try:
            documents = yaml_reader.read(text, key) if text else []
        except InvalidSpec:
            return {}
        return documents[0].value if documents and isinstance(documents[0].value, dict) else {}


def _instances() -> Iterator[tuple[Any, Mapping[str, str]]]:
    """All instances of the emulator, which has no types, with their tags."""
    from moto.ec2.models import ec2_backends

    for regions in ec2_backends.values():
        for backend in regions.values():
            for reservation in backend.reservations.values():
                for instance in reservation.instances:
                    yield instance, backend.tags.get(instance.id, {})
