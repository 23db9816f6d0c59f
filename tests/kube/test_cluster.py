"""The cluster of the sandbox and of tests: nodes follow their machines, pods their nodes, evictions their
budgets, all by a clock that is advanced by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kops_core.cloud.aws.instances import AwsInstanceGroups
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.kinds import BUILT_IN
from kops_core.cloud.sandbox.kubernetes.validation import check
from kops_core.errors import KubernetesUnavailable, KubernetesUnreachable
from kops_core.kube.ports import KubernetesApi, Node, Pod, Taint
from tests.aws.account import Account, FakeClock
from tests.aws.clusters import desired
from tests.kube.cluster import InMemoryApi, MachinePool, cluster_in_account, in_memory_cluster


class World:
    """A cluster of three nodes and some control-plane machines."""

    def __init__(self, control_plane: int = 1) -> None:
        self.clock = FakeClock()
        self.machines = MachinePool(self.clock)
        for number in range(control_plane):
            self.machines.start(f"control-plane-{number}", role="control-plane")
        self.machines.start("nodes", 3)
        self.cluster: Cluster = in_memory_cluster(self.clock, self.machines)
        self.api: KubernetesApi = InMemoryApi(self.cluster)

    def node(self, name: str) -> Node | None:
        return next((each for each in self.api.nodes() if each.name == name), None)

    def pods(self, app: str, *, ready: bool = True) -> list[Pod]:
        found = [each for each in self.api.pods() if each.labels.get("k8s-app") == app and not each.deleting]
        return [each for each in found if not ready or (each.phase == "Running" and not each.unready)]


@pytest.fixture
def world() -> World:
    return World()


def test_a_new_cluster_settles(world: World) -> None:
    nodes = world.api.nodes()
    assert len(nodes) == 4
    assert all(each.is_ready and not each.unschedulable for each in nodes)
    control_plane = next(each for each in nodes if "node-role.kubernetes.io/control-plane" in each.labels)
    assert [each.key for each in control_plane.taints] == ["node-role.kubernetes.io/control-plane"]
    assert all(not each.taints for each in nodes if each is not control_plane)
    pods = world.api.pods()
    assert {each.phase for each in pods} == {"Running"}
    static = {each.labels["k8s-app"] for each in pods if each.mirror and each.node == control_plane.name}
    assert static >= {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}
    assert len(world.pods("cilium")) == 4
    assert len(world.pods("web")) == 4
    assert control_plane.name not in {each.node for each in world.pods("web")}
    assert {each.name: each.allowed for each in world.api.disruption_budgets()} == {
        "kube-dns": 1,
        "web": 2,
        "cart": 1,
    }


def test_a_node_joins_some_seconds_after_its_machine_and_goes_after_it(world: World) -> None:
    (new,) = world.machines.start("nodes")
    assert world.node(new) is None
    world.clock.sleep(45)
    found = world.node(new)
    assert found is not None
    assert not found.is_ready
    assert "node.kubernetes.io/not-ready" in {each.key for each in found.taints}
    world.clock.sleep(10)
    found = world.node(new)
    assert found is not None
    assert (found.is_ready, found.instance, found.kubelet_version) == (True, new, "v1.35.0")
    assert found.labels["kops.k8s.io/instancegroup"] == "nodes"
    world.clock.sleep(10)
    assert {"cilium", "kube-proxy"} <= {each.labels["k8s-app"] for each in world.api.pods(node=new)}

    world.machines.end(new)
    world.api.nodes()
    world.clock.sleep(6)
    found = world.node(new)
    assert found is not None
    assert found.ready == "Unknown"
    world.clock.sleep(6)
    assert world.node(new) is None
    assert world.api.pods(node=new) == ()


def test_what_the_cluster_makes_itself_would_be_accepted(world: World) -> None:
    """Else nobody could change it afterwards."""
    for group, role, taints in (
        ("more", "control-plane", ("node-role.kubernetes.io/control-plane=:NoSchedule",)),
        ("gpu", "node", ("dedicated=gpu:NoSchedule", "dedicated=gpu:NoExecute")),
        ("api", "apiserver", ("node-role.kubernetes.io/api-server=:NoSchedule",)),
    ):
        (name,) = world.machines.start(group, role=role)
        world.machines.running[name] = replace(world.machines.running[name], taints=taints)
    world.clock.sleep(600)
    world.api.cordon(world.machines.of("nodes")[0])
    for kind in BUILT_IN:
        for each in world.cluster.store.all(kind):
            check(kind, each)
    found = {each.name: [(one.key, one.value) for one in each.taints] for each in world.api.nodes()}
    assert found[world.machines.of("more")[0]] == [("node-role.kubernetes.io/control-plane", "")]
    assert found[world.machines.of("gpu")[0]] == [("dedicated", "gpu"), ("dedicated", "gpu")]


def test_a_machine_that_ends_before_it_joins_is_never_a_node(world: World) -> None:
    (new,) = world.machines.start("nodes")
    world.api.nodes()
    world.clock.sleep(20)
    world.machines.end(new)
    world.api.nodes()
    world.clock.sleep(60)
    assert world.node(new) is None


def test_pods_of_a_machine_that_ended_come_up_elsewhere(world: World) -> None:
    lost = world.pods("mail")[0]
    world.machines.end(lost.node)
    world.api.nodes()
    world.clock.sleep(30)
    (again,) = world.pods("mail")
    assert again.node != lost.node
    assert again.uid != lost.uid


def test_evictions_obey_a_budget_and_go_on_when_pods_are_ready_elsewhere(world: World) -> None:
    first, second, third, _ = world.pods("web")
    assert world.api.evict(first) == ""
    assert world.api.evict(second) == ""
    assert world.api.evict(third) == "the disruption budget web needs 2 healthy pods and has 2"
    world.clock.sleep(1)
    assert len(world.pods("web")) == 2
    world.clock.sleep(10)
    assert len(world.pods("web")) == 4
    assert world.api.evict(third) == ""
    assert world.api.evict(first) == "", "it is gone"


def test_a_stateful_pod_comes_back_by_its_name_and_is_not_evicted_for_the_old_one(world: World) -> None:
    old = next(each for each in world.pods("cart") if each.name == "cart-0")
    assert world.api.evict(old) == ""
    world.clock.sleep(10)
    new = next(each for each in world.pods("cart") if each.name == "cart-0")
    assert new.uid != old.uid
    assert world.api.evict(old) == ""
    world.clock.sleep(1)
    assert next(each for each in world.pods("cart") if each.name == "cart-0").uid == new.uid


def test_cordoned_and_tainted_nodes_get_no_pods(world: World) -> None:
    names = world.machines.of("nodes")
    world.api.cordon(names[0])
    world.api.add_taint(names[1], Taint("dedicated", "NoSchedule", "x"))
    for each in world.pods("web"):
        if each.node != names[2]:
            world.api.evict(each)
            world.clock.sleep(10)
    assert {each.node for each in world.pods("web")} == {names[2]}
    node = world.node(names[0])
    assert node is not None
    assert [each.key for each in node.taints] == ["node.kubernetes.io/unschedulable"]
    world.api.cordon(names[0], on=False)
    node = world.node(names[0])
    assert node is not None
    assert (node.unschedulable, node.taints) == (False, ())


def test_nodes_to_be_avoided_are_the_last_choice(world: World) -> None:
    avoided, *others = world.machines.of("nodes")
    world.api.add_taint(avoided, Taint("kops.k8s.io/scheduled-for-update", "PreferNoSchedule"))
    for each in world.pods("web"):
        world.api.evict(each)
        world.clock.sleep(10)
    assert {each.node for each in world.pods("web")} == set(others)


def test_the_api_is_away_while_the_only_control_plane_machine_is_replaced(world: World) -> None:
    (old,) = world.machines.of("control-plane-0")
    world.machines.end(old)
    (new,) = world.machines.start("control-plane-0", role="control-plane")
    with pytest.raises(KubernetesUnreachable):
        world.api.nodes()
    world.clock.sleep(59)
    with pytest.raises(KubernetesUnreachable):
        world.api.nodes()
    world.clock.sleep(2)
    assert len(world.pods("web")) == 4, "what etcd holds is there"
    world.clock.sleep(30)
    assert world.node(old) is None
    found = world.node(new)
    assert found is not None
    assert found.is_ready


def test_etcd_needs_more_than_half_of_its_members() -> None:
    world = World(control_plane=3)
    world.machines.end(world.machines.of("control-plane-0")[0])
    assert world.api.nodes()
    world.machines.end(world.machines.of("control-plane-1")[0])
    with pytest.raises(KubernetesUnavailable, match="etcdserver: request timed out"):
        world.api.nodes()
    world.machines.start("control-plane-1", role="control-plane")
    world.clock.sleep(61)
    assert world.api.nodes()


def test_faults(world: World) -> None:
    change = world.cluster.set_faults
    change({"away": 30})
    with pytest.raises(KubernetesUnreachable):
        world.api.nodes()
    world.clock.sleep(31)
    change({"unavailable": 2})
    for _ in range(2):
        with pytest.raises(KubernetesUnavailable, match="503"):
            world.api.nodes()
    assert world.api.nodes()

    flapping = world.machines.of("nodes")[0]
    change({"not_ready": [flapping]})
    node = world.node(flapping)
    assert node is not None
    assert not node.is_ready
    change({"not_ready": []})
    node = world.node(flapping)
    assert node is not None
    assert node.is_ready

    change({"frozen_budgets": ["shop/web"]})
    (web,) = (each for each in world.api.disruption_budgets() if each.name == "web")
    assert (web.allowed, web.reason) == (0, "SyncFailed")
    assert world.api.evict(world.pods("web")[0]) != ""

    change({"stuck_pods": ["shop/mail"]})
    (mail,) = world.pods("mail")
    assert world.api.evict(mail) == ""
    world.clock.sleep(600)
    assert any(each.uid == mail.uid and each.deleting for each in world.api.pods("shop"))
    change({"stuck_pods": []})
    world.clock.sleep(10)
    assert all(each.uid != mail.uid for each in world.api.pods("shop"))

    change({"never_join": ["nodes"]})
    (new,) = world.machines.start("nodes")
    world.clock.sleep(600)
    assert world.node(new) is None
    with pytest.raises(ValueError, match="no such fault"):
        change({"nonsense": 1})


@pytest.mark.full
def test_nodes_are_the_instances_of_an_account(account: Account, tmp_path: Path) -> None:
    """Of what apply made; a terminated instance's node goes, and that of its group's new instance comes."""
    applied = desired("minimal-aws", account.zone)
    assert account.apply(applied, tmp_path).ok
    clock = FakeClock()
    with cluster_in_account(account, applied.cluster, clock=clock) as cluster:
        api = InMemoryApi(cluster)
        before = {each.instance: each for each in api.nodes()}
        assert len(before) == 3
        assert {each.labels["topology.kubernetes.io/zone"] for each in before.values()} == {"us-east-1a"}
        groups = {each.labels["kops.k8s.io/instancegroup"] for each in before.values()}
        assert groups == {"nodes", "master-us-east-1a"}
        assert all(each.is_ready and each.kubelet_version.startswith("v1.") for each in before.values())
        lost = next(name for name, each in before.items() if "node-role.kubernetes.io/node" in each.labels)
        AwsInstanceGroups(account.aws, applied.cluster).terminate(lost)
        clock.sleep(30)
        assert {each.instance for each in api.nodes()} == before.keys() - {lost}
        clock.sleep(30)
        after = {each.instance: each for each in api.nodes()}
    assert len(after) == 3
    (new,) = after.keys() - before.keys()
    assert after[new].is_ready


def test_a_node_flaps_until_it_is_left_alone(world: World) -> None:
    name = world.machines.of("nodes")[0]

    def is_ready() -> bool:
        node = world.node(name)
        assert node is not None
        return node.is_ready

    world.cluster.set_faults({"flapping": [name]})
    seen = []
    for _ in range(6):
        seen.append(is_ready())
        world.clock.sleep(30)
    assert seen in ([False, True] * 3, [True, False] * 3)
    world.cluster.set_faults({"flapping": []})
    world.clock.sleep(60)
    assert is_ready()
    world.clock.sleep(60)
    assert is_ready()
    assert all(not each.unready for each in world.api.pods(node=name))
