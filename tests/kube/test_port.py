"""The port of the engine over HTTPS and in memory: both say the same of the same cluster, so that what is
tested in memory is true of the client."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from kops_core.cloud.sandbox.kubernetes.https import KubernetesServer, Served
from kops_core.cloud.sandbox.kubernetes.tls import server_context
from kops_core.errors import KubernetesError, KubernetesUnavailable, KubernetesUnreachable
from kops_core.kube.client import KubernetesClient
from kops_core.kube.connection import Connection
from kops_core.kube.ports import KubernetesApi, Pod, Taint
from kops_core.store.certificates import issue_client
from tests.aws.account import FakeClock
from tests.kube.api_server import authority
from tests.kube.cluster import InMemoryApi, MachinePool, in_memory_cluster

TAINT = Taint("kops.k8s.io/scheduled-for-update", "PreferNoSchedule")


@dataclass
class World:
    """A cluster, by a clock that is advanced by hand, and both ways to it."""

    memory: InMemoryApi
    https: KubernetesClient
    clock: FakeClock
    machines: MachinePool


@pytest.fixture
def world() -> Iterator[World]:
    clock = FakeClock()
    machines = MachinePool(clock)
    machines.start("control-plane", role="control-plane")
    machines.start("nodes", 3)
    cluster = in_memory_cluster(clock, machines)
    keyset, now = authority(), datetime.now(UTC)
    context = server_context(keyset, ["127.0.0.1"])
    listener = socket.create_server(("127.0.0.1", 0))
    server = KubernetesServer(listener, lambda name: Served(cluster, context), threading.RLock())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    made = issue_client(keyset.primary, "ops", ["system:masters"], timedelta(hours=1), now, key_size=2048)
    connection = Connection(
        "https://{}:{}".format(*listener.getsockname()),
        authorities=keyset.certificates,
        certificate=made.certificate,
        private_key=made.private_key,
    )
    client = KubernetesClient(lambda: connection, now=lambda: now)
    yield World(InMemoryApi(cluster), client, clock, machines)
    client.close()
    server.stop()
    thread.join()


def expect_equal(world: World) -> None:
    name = world.machines.of("nodes")[0]
    assert world.memory.nodes() == world.https.nodes()
    assert world.memory.pods() == world.https.pods()
    assert world.memory.pods("shop") == world.https.pods("shop")
    assert world.memory.pods(node=name) == world.https.pods(node=name)
    assert world.memory.disruption_budgets() == world.https.disruption_budgets()


def apis(world: World) -> tuple[KubernetesApi, KubernetesApi]:
    return world.memory, world.https


def web(world: World) -> list[Pod]:
    return [each for each in world.memory.pods("shop") if each.labels["k8s-app"] == "web"]


def test_both_read_the_same(world: World) -> None:
    expect_equal(world)
    world.machines.start("nodes")
    world.clock.sleep(45)
    expect_equal(world)
    world.machines.end(world.machines.of("nodes")[0])
    world.memory.nodes()
    world.clock.sleep(6)
    expect_equal(world)


def test_both_change_the_same(world: World) -> None:
    found: list[tuple[bool, str | None, list[str]]] = []
    for api, name in zip(apis(world), world.machines.of("nodes"), strict=False):
        api.cordon(name)
        api.cordon(name)
        api.set_label(name, "a", "b")
        api.add_taint(name, TAINT)
        api.add_taint(name, TAINT)
        api.add_taint(name, Taint(TAINT.key, TAINT.effect, "now"))
        (node,) = (each for each in world.https.nodes() if each.name == name)
        found.append((node.unschedulable, node.labels["a"], sorted(each.key for each in node.taints)))
        api.cordon(name, on=False)
        api.set_label(name, "a", None)
        api.remove_taint(name, TAINT.key)
        (node,) = (each for each in world.https.nodes() if each.name == name)
        found.append((node.unschedulable, node.labels.get("a"), [each.key for each in node.taints]))
        api.cordon("missing")
        api.set_label("missing", "a", "b")
        api.add_taint("missing", TAINT)
        api.remove_taint("missing", TAINT.key)
    assert found[:2] == found[2:]
    assert found[0][2] == [TAINT.key, "node.kubernetes.io/unschedulable"]


def test_both_evict_the_same(world: World) -> None:
    pods = web(world)
    cart = next(each for each in world.memory.pods("shop") if each.name == "cart-0")
    assert [api.evict(pod) for api, pod in zip(apis(world), pods, strict=False)] == ["", ""]
    told = {api.evict(pods[2]) for api in apis(world)}
    assert told == {"the disruption budget web needs 2 healthy pods and has 2"}
    assert world.https.evict(cart) == ""
    world.clock.sleep(10)
    for api in apis(world):
        assert api.evict(pods[0]) == "", "it is gone"
        assert api.evict(cart) == "", "another pod has its name"
        (budget,) = (each for each in api.disruption_budgets() if each.name == "cart")
        assert budget.allowed == 0, "it was permitted before the uid was looked at"
        world.clock.sleep(130)
        (budget,) = (each for each in api.disruption_budgets() if each.name == "cart")
        assert budget.allowed == 1
    expect_equal(world)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"unavailable": 1}, KubernetesUnavailable),
        ({"no_quorum": True}, KubernetesUnavailable),
        ({"away": 1000}, KubernetesUnreachable),
    ],
)
def test_both_fail_the_same(world: World, fault: dict[str, object], error: type[KubernetesError]) -> None:
    for api in apis(world):
        world.memory.cluster.set_faults(fault)
        with pytest.raises(KubernetesError) as raised:
            api.nodes()
        assert type(raised.value) is error
        world.memory.cluster.set_faults({"no_quorum": False, "away": 0})
        assert api.nodes()
