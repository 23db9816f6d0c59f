"""The clusters and machines of the emulator's account in this process."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from kops_core.api import yaml_reader
from kops_core.api.path import get, parse
from kops_core.api.values import Tree
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.content import ADDONS, WORKLOADS
from kops_core.cloud.sandbox.kubernetes.https import Served
from kops_core.cloud.sandbox.kubernetes.machines import Machine
from kops_core.cloud.sandbox.kubernetes.sightings import CLUSTER, GROUP, ReadObject, Sighting, Sightings
from kops_core.cloud.sandbox.kubernetes.timers import Timing
from kops_core.cloud.sandbox.kubernetes.tls import server_context
from kops_core.errors import InvalidSpec
from kops_core.store.keysets import read_keyset

SPEED: Final = 10.0
"""The factor by which machines, nodes and pods of the sandbox are faster than real ones."""
_LABEL: Final = "k8s.io/cluster-autoscaler/node-template/label/"
_VERSIONS: Final = (("KubernetesVersion",), ("spec", "kubernetesVersion"))
"""Where nodeup's configuration, and a cluster's spec, have the version."""
_NAMES: Final = ("api.internal.", "api.")
"""What a server's name begins with, before the cluster's."""


class AccountMachines:
    """The machines of all clusters in the account."""

    def __init__(self, sightings: Sightings) -> None:
        self._sightings = sightings
        self._made: dict[str, Machine] = {}
        """By id; what a machine is does not change after it was first seen."""

    def of(self, cluster: str) -> list[Machine]:
        """The machines of a cluster that run or start."""
        self._sightings.look()
        seen = self._sightings.seen
        self._made = {
            id_: self._made[id_] if id_ in self._made else _machine(each) for id_, each in seen.items()
        }
        return [self._made[id_] for id_, each in seen.items() if each.tags[CLUSTER] == cluster]


class AccountClusters:
    """The clusters whose state store is in the account; each is made when it is first asked for."""

    def __init__(self, sightings: Sightings, now: Callable[[], datetime], read: ReadObject) -> None:
        self._machines = AccountMachines(sightings)
        self._now = now
        self._read = read
        self._clusters: dict[str, tuple[str, Cluster]] = {}
        """Name -> the incarnation of the cluster, and it."""
        self._contexts: dict[str, tuple[bytes, ssl.SSLContext]] = {}
        """Name -> the keyset, and the TLS settings with its certificate."""

    def serve(self, server_name: str) -> Served | None:
        """The cluster of a TLS server name; None without machines or keys."""
        name = next((server_name.removeprefix(each) for each in _NAMES if server_name.startswith(each)), "")
        cluster, keys = self.find(name), f"{name}/pki/private/kubernetes-ca/keyset.yaml"
        text = self._read(keys)
        if cluster is None or text is None:
            return None
        known = self._contexts.get(name)
        if known is None or known[0] != text:
            keyset = read_keyset(text, "kubernetes-ca", keys)
            names = [*(f"{each}{name}" for each in _NAMES), "kubernetes", "127.0.0.1"]
            known = self._contexts[name] = (text, server_context(keyset, names))
        return Served(cluster, known[1])

    def find(self, name: str) -> Cluster | None:
        """The cluster of a name; None if the state store has none, or it has no machines."""
        text = self._read(f"{name}/config") if name else None
        if text is None:
            return None
        spec = _document(text, name)
        born = str(get(spec, parse("metadata.creationTimestamp")))
        known = self._clusters.get(name)
        if known is not None and known[0] == born:
            return known[1]
        if not self._machines.of(name):
            return None
        members = get(spec, parse("spec.etcdClusters[0].etcdMembers"))
        cluster = Cluster(
            name,
            lambda: self._machines.of(name),
            self._now,
            timing=Timing().faster(SPEED),
            members=len(members) if isinstance(members, list) else 1,
            objects=(*ADDONS, *WORKLOADS),
        )
        self._clusters[name] = (born, cluster)
        return cluster


def _machine(seen: Sighting) -> Machine:
    boot, instance = _document(seen.boot, seen.tags[CLUSTER]), seen.instance
    version = next((found for path in _VERSIONS if isinstance(found := get(boot, path), str)), "0.0.0")
    taints = get(boot, ("KubeletConfig", "taints"))
    return Machine(
        instance.id,
        seen.tags.get(GROUP, ""),
        seen.role,
        instance.placement.zone,
        seen.since,
        version.removeprefix("v"),
        instance.private_ip or "",
        instance.instance_type,
        {key.removeprefix(_LABEL): value for key, value in seen.tags.items() if key.startswith(_LABEL)},
        tuple(str(each) for each in taints) if isinstance(taints, list) else (),
    )


def _document(text: bytes, source: str) -> Tree:
    """A document of the state store; empty for none, or one that can't be read."""
    try:
        documents = yaml_reader.read(text, source) if text else []
    except InvalidSpec:
        return {}
    found: Any = documents[0].value if documents else {}
    return found if isinstance(found, dict) else {}
