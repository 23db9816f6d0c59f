"""The HTTPS server of the sandbox: who may do what in which cluster, and how it goes away."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.content import WORKLOADS
from kops_core.cloud.sandbox.kubernetes.https import KubernetesServer, Served
from kops_core.cloud.sandbox.kubernetes.machines import Machine
from kops_core.cloud.sandbox.kubernetes.tls import server_context
from kops_core.errors import (
    KubernetesCertificateError,
    KubernetesDenied,
    KubernetesTimeout,
    KubernetesUnavailable,
    KubernetesUnreachable,
)
from kops_core.kube.client import KubernetesClient
from kops_core.kube.connection import Connection
from kops_core.store.certificates import issue_client
from kops_core.store.keysets import Keyset
from kops_core.store.secret import Secret
from tests.kube.api_server import authority

A, B = "api.internal.a.example.com", "api.internal.b.example.com"
NOW = datetime.now(UTC)


class World:
    """Two clusters behind one listener."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.machines = {name: self._machines(name) for name in (A, B)}
        self.clusters = {name: self._cluster(name) for name in (A, B)}
        contexts = {name: server_context(self.keys(name), [name]) for name in (A, B)}

        def find(name: str) -> Served | None:
            return Served(self.clusters[name], contexts[name]) if name in self.clusters else None

        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        self.server = KubernetesServer(listener, find, self.lock)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.opened: list[KubernetesClient] = []

    @staticmethod
    def keys(name: str) -> Keyset:
        return authority() if name == A else authority("another")

    @staticmethod
    def _machines(name: str) -> list[Machine]:
        born = datetime.now(UTC) - timedelta(hours=1)
        return [
            Machine(f"i-{name}-cp", "cp", "control-plane", "us-east-1a", born),
            Machine(f"i-{name}", "nodes", "node", "us-east-1a", born),
        ]

    def _cluster(self, name: str) -> Cluster:
        return Cluster(name, lambda: self.machines[name], lambda: datetime.now(UTC), objects=WORKLOADS)

    def connection(
        self, name: str, *, signer: Keyset | None = None, groups: tuple[str, ...] = ("system:masters",)
    ) -> Connection:
        made = issue_client(
            (signer or self.keys(name)).primary, "ops", groups, timedelta(hours=1), NOW, key_size=2048
        )
        return Connection(
            self.url,
            server_name=name,
            authorities=self.keys(name).certificates,
            certificate=made.certificate,
            private_key=made.private_key,
        )

    def client(self, connection: Connection, *, deadline: float = 20.0) -> KubernetesClient:
        self.opened.append(KubernetesClient(lambda: connection, now=lambda: NOW, deadline=deadline))
        return self.opened[-1]

    def change(self, name: str, change: Callable[[Cluster], None]) -> None:
        with self.lock:
            change(self.clusters[name])


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    for each in made.opened:
        each.close()
    made.server.stop()
    made.thread.join()


def test_the_server_name_says_which_cluster_answers(world: World) -> None:
    for name in (A, B):
        found = {each.name for each in world.client(world.connection(name)).nodes()}
        assert found == {f"i-{name}-cp", f"i-{name}"}


def test_the_administrator_of_another_cluster_is_nobody(world: World) -> None:
    stranger = replace(world.connection(A, signer=world.keys(B)))
    with pytest.raises(KubernetesCertificateError, match="does not accept our certificate"):
        world.client(stranger).nodes()
    with pytest.raises(KubernetesCertificateError, match="certificate is not the cluster's"):
        world.client(replace(world.connection(B), authorities=world.keys(A).certificates)).nodes()
    assert world.client(world.connection(A)).nodes()


def test_only_administrators_may_do_anything(world: World) -> None:
    with pytest.raises(KubernetesDenied, match="does not permit us to list the nodes"):
        world.client(world.connection(A, groups=("developers",))).nodes()
    token = Connection(
        world.url, server_name=A, authorities=world.keys(A).certificates, token=Secret(b"hunter2")
    )
    for nobody in (token, replace(token, token=Secret(b""))):
        with pytest.raises(KubernetesDenied, match="does not accept our credentials"):
            world.client(nobody).nodes()


def test_no_cluster_of_that_name(world: World) -> None:
    with pytest.raises(KubernetesUnreachable):
        world.client(replace(world.connection(A), server_name="api.internal.c.example.com")).nodes()


def test_a_server_that_goes_away_breaks_open_connections_too(world: World) -> None:
    open_, fresh = world.client(world.connection(A)), world.client(world.connection(A))
    assert open_.nodes()
    world.change(A, lambda cluster: cluster.set_faults({"away": 3600}))
    for each in (open_, fresh):
        with pytest.raises(KubernetesUnreachable, match="broke while it was to list the nodes"):
            each.nodes()
    assert world.client(world.connection(B)).nodes(), "the other cluster is there"
    world.change(A, lambda cluster: cluster.set_faults({"away": 0}))
    for each in (open_, fresh):
        assert each.nodes()


def test_a_cluster_whose_machines_are_gone_is_away(world: World) -> None:
    api = world.client(world.connection(A))
    assert api.nodes()
    world.machines[A] = []
    with pytest.raises(KubernetesUnreachable):
        api.nodes()


def test_slow_and_unavailable(world: World) -> None:
    api = world.client(world.connection(A), deadline=0.4)
    assert api.nodes()
    world.change(A, lambda cluster: cluster.set_faults({"slow": 30}))
    with pytest.raises(KubernetesTimeout):
        api.nodes()
    world.change(A, lambda cluster: cluster.set_faults({"slow": 0, "unavailable": 1}))
    patient = world.client(world.connection(A))
    with pytest.raises(KubernetesUnavailable, match="status 503"):
        patient.nodes()
    assert patient.nodes()
    world.change(A, lambda cluster: cluster.set_faults({"no_quorum": True}))
    with pytest.raises(KubernetesUnavailable, match="etcdserver: request timed out"):
        patient.nodes()
