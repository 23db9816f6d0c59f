"""Validation of a running cluster: what fails, what does not, and which rolls it keeps from going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.cloud.ports import GroupState, Instance
from kops_core.kube.ports import Node, Pod
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.validation import (
    CONTROL_PLANE_LABEL,
    STATIC_PODS,
    ClusterState,
    FailureKind,
    Validation,
    validate,
    validate_dns,
)

SINCE = datetime(2026, 11, 30, tzinfo=UTC)
MASTERS = InstanceGroup("masters", Role.CONTROL_PLANE, "masters.a.example.com")
WORKERS = InstanceGroup("workers", Role.NODE, "workers.a.example.com")
SERVERS = InstanceGroup("servers", Role.API_SERVER, "servers.a.example.com")
BASTIONS = InstanceGroup("bastions", Role.BASTION, "bastions.a.example.com")
GROUPS = (MASTERS, WORKERS, SERVERS, BASTIONS)


def instance(id_: str, lifecycle: str = "InService") -> Instance:
    return Instance(id_, lifecycle, True, "lt:1")


def state(group: InstanceGroup, *instances: Instance, desired: int | None = None) -> GroupState:
    wanted = len(instances) if desired is None else desired
    return GroupState(group.cloud_name, "lt:1", wanted, wanted, wanted, instances)


def node(id_: str, ready: str = "True", **more: object) -> Node:
    found = Node(f"node-{id_}", f"aws:///us-east-1a/{id_}", ready=ready, ready_since=SINCE)
    return replace(found, **more)  # type: ignore[arg-type]


def master(id_: str, ready: str = "True") -> Node:
    return node(id_, ready, labels={CONTROL_PLANE_LABEL: ""})


def static_pods(on: Node) -> list[Pod]:
    return [
        Pod("kube-system", f"{app}-{on.name}", on.name, {"k8s-app": app}, phase="Running")
        for app in STATIC_PODS
    ]


def observed(states: Sequence[GroupState], nodes: Sequence[Node], pods: Sequence[Pod] = ()) -> ClusterState:
    return ClusterState({each.name: each for each in states}, nodes, pods)


HEALTHY = observed(
    [
        state(MASTERS, instance("m1")),
        state(WORKERS, instance("w1"), instance("w2")),
        state(SERVERS, instance("s1")),
        state(BASTIONS, instance("b1")),
    ],
    [master("m1"), node("w1"), node("w2"), node("s1")],
    static_pods(master("m1")),
)


def told(found: Validation) -> list[tuple[str, str]]:
    return [(each.kind.value, each.name) for each in found.failures]


def with_group(group: InstanceGroup, *instances: Instance, desired: int | None = None) -> ClusterState:
    changed = {**HEALTHY.groups, group.cloud_name: state(group, *instances, desired=desired)}
    return replace(HEALTHY, groups=changed)


def with_node(changed: Node) -> ClusterState:
    nodes = [changed if each.name == changed.name else each for each in HEALTHY.nodes]
    return replace(HEALTHY, nodes=nodes)


def with_pods(*pods: Pod) -> ClusterState:
    return replace(HEALTHY, pods=[*HEALTHY.pods, *pods])


def test_a_healthy_cluster_has_no_failures_and_its_nodes_are_listed() -> None:
    found = validate(GROUPS, HEALTHY)
    assert found.valid
    assert [(each.name, each.role, each.status) for each in found.nodes] == [
        ("node-m1", Role.CONTROL_PLANE, "True"),
        ("node-w1", Role.NODE, "True"),
        ("node-w2", Role.NODE, "True"),
        ("node-s1", Role.API_SERVER, "True"),
    ]


@pytest.mark.parametrize("address", ["203.0.113.123", "fd00:dead:add::"])
def test_a_placeholder_in_dns_blocks_every_roll(address: str) -> None:
    (failure,) = validate_dns("api.a.example.com", ["198.51.100.1", address]).failures
    assert (failure.kind, failure.name, failure.group) == (FailureKind.DNS, "api.a.example.com", None)
    assert address in failure.message
    assert failure.blocks("workers")
    assert validate_dns("api.a.example.com", ["198.51.100.1"]).valid


def test_a_group_without_an_auto_scaling_group() -> None:
    states = {name: each for name, each in HEALTHY.groups.items() if name != WORKERS.cloud_name}
    found = validate(GROUPS, replace(HEALTHY, groups=states))
    assert told(found) == [("InstanceGroup", "workers")]
    assert WORKERS.cloud_name in found.failures[0].message


@pytest.mark.parametrize("lifecycle", ["Detached", "Terminating:Wait", "Warmed:Stopped"])
def test_an_instance_that_does_not_serve_is_neither_counted_nor_expected_to_join(lifecycle: str) -> None:
    members = (instance("w1"), instance("w2"), instance("x", lifecycle))
    assert validate(GROUPS, with_group(WORKERS, *members, desired=2)).valid
    found = validate(GROUPS, with_group(WORKERS, *members, desired=3))
    assert told(found) == [("InstanceGroup", "workers")]
    assert "2 of 3" in found.failures[0].message


def test_why_the_cloud_could_not_launch_an_instance_is_told() -> None:
    short = with_group(WORKERS, instance("w1"), desired=2)
    failed = replace(short.groups[WORKERS.cloud_name], launch_failure="no capacity in us-east-1a")
    (failure,) = validate(GROUPS, replace(short, groups={**short.groups, failed.name: failed})).failures
    assert "no capacity in us-east-1a" in failure.message


def test_a_machine_that_has_not_joined_and_no_other_group_waits_for_it() -> None:
    (failure,) = validate(GROUPS, with_group(WORKERS, instance("w1"), instance("new"))).failures
    assert (failure.kind, failure.name, failure.group) == (FailureKind.MACHINE, "new", WORKERS)
    assert "new" in failure.next_step
    assert failure.blocks("workers")
    assert not failure.blocks("servers")
    assert not failure.blocks("masters")


def test_bastions_do_not_join() -> None:
    assert validate(GROUPS, with_group(BASTIONS, instance("b1"), instance("b2"))).valid


@pytest.mark.parametrize("ready", ["False", "Unknown"])
@pytest.mark.parametrize(("group", "id_"), [(MASTERS, "m1"), (WORKERS, "w1"), (SERVERS, "s1")])
def test_a_node_that_is_not_ready(group: InstanceGroup, id_: str, ready: str) -> None:
    kind = master if group is MASTERS else node
    changed = replace(kind(id_, ready), ready_message="PLEG is not healthy")
    (failure,) = validate(GROUPS, with_node(changed)).failures
    assert (failure.kind, failure.name, failure.group) == (FailureKind.NODE, changed.name, group)
    assert (failure.since, "PLEG is not healthy" in failure.message) == (SINCE, True)
    assert failure.blocks(group.name)
    assert failure.blocks("another") == (group is MASTERS)


def test_a_ready_node_without_a_network_is_not_ready() -> None:
    (failure,) = validate(GROUPS, with_node(node("w1", network_unavailable=True))).failures
    assert failure.name == "node-w1"
    assert "no network" in failure.message


@pytest.mark.parametrize("app", STATIC_PODS)
def test_a_control_plane_node_needs_each_static_pod_on_itself(app: str) -> None:
    pods = [each for each in HEALTHY.pods if each.labels["k8s-app"] != app]
    elsewhere = Pod("kube-system", "x", "node-w1", {"k8s-app": app}, phase="Running")
    other_namespace = Pod("default", "x", "node-m1", {"k8s-app": app}, phase="Running")
    (failure,) = validate(GROUPS, replace(HEALTHY, pods=[*pods, elsewhere, other_namespace])).failures
    assert (failure.kind, failure.name, failure.group) == (FailureKind.NODE, "node-m1", MASTERS)
    assert app in failure.message


def test_static_pods_of_a_node_that_is_not_ready_are_not_asked_for() -> None:
    found = validate(GROUPS, replace(with_node(master("m1", "False")), pods=[]))
    assert told(found) == [("Node", "node-m1")]


PRIORITIES = ("system-cluster-critical", "system-node-critical")


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize(
    ("pod", "message"),
    [
        (Pod("kube-system", "dns", "node-w1", phase="Pending"), "pending"),
        (Pod("kube-system", "dns", "node-w1", phase="Unknown"), "unknown"),
        (Pod("kube-system", "dns", "node-w1", phase="Running", unready=("a", "b")), r"a, b"),
        (Pod("kube-system", "dns", "node-w1", phase="Failed", unready=("a",)), "not ready"),
    ],
)
def test_a_critical_pod_that_does_not_run(pod: Pod, message: str, priority: str) -> None:
    pod = replace(pod, priority_class=priority, reason="BackOff", since=SINCE)
    (failure,) = validate(GROUPS, with_pods(pod)).failures
    assert (failure.kind, failure.name, failure.since) == (FailureKind.POD, "kube-system/dns", SINCE)
    assert message in failure.message
    assert "BackOff" in failure.message
    # A pod of a node belongs to its group; one of the cluster may run anywhere, so it blocks every roll.
    assert failure.group == (WORKERS if priority == "system-node-critical" else None)
    assert failure.blocks("servers") == (priority == "system-cluster-critical")


@pytest.mark.parametrize(
    "pod",
    [
        Pod("shop", "app", "node-w1", phase="Pending"),
        Pod("shop", "app", "node-w1", phase="Pending", priority_class="high"),
        Pod("kube-system", "job", "node-w1", phase="Succeeded", unready=("a",), priority_class=PRIORITIES[0]),
        Pod("kube-system", "dns", "node-w1", phase="Running", priority_class=PRIORITIES[1]),
    ],
)
def test_pods_that_are_no_failure(pod: Pod) -> None:
    assert validate(GROUPS, with_pods(pod)).valid


def test_a_number_of_unready_workers_is_let_pass_with_their_pods_and_no_more() -> None:
    away = with_group(WORKERS, instance("w1"), instance("w2"), instance("new"))
    nodes = [replace(each, ready="False") if each.name == "node-w1" else each for each in away.nodes]
    broken = Pod("kube-system", "dns", "node-w1", phase="Pending", priority_class=PRIORITIES[1])
    seen = replace(away, nodes=nodes, pods=[*away.pods, broken])
    passed = validate(GROUPS, seen, max_unready=2)
    assert (passed.valid, passed.tolerated) == (True, ("new", "node-w1"))
    assert len(validate(GROUPS, seen, max_unready=1).failures) == 3
    assert validate(GROUPS, seen, max_unready=1).tolerated == ()
    # Only workers: nothing else is let pass.
    assert not validate(GROUPS, with_node(node("s1", "False")), max_unready=9).valid


def test_only_the_chosen_groups_are_looked_at() -> None:
    seen = with_group(WORKERS, instance("w1"), instance("new"), desired=5)
    assert validate(GROUPS, seen, chosen={"masters", "servers"}).valid
    assert [each.name for each in validate(GROUPS, seen, chosen={"masters"}).nodes] == ["node-m1"]
    assert told(validate(GROUPS, seen, chosen={"workers"})) == [
        ("InstanceGroup", "workers"),
        ("Machine", "new"),
    ]


READY = st.sampled_from(["True", "False", "Unknown"])
LIFECYCLES = st.sampled_from(["InService", "Pending", "Detached", "Warmed:Stopped", "Terminating", "Standby"])


@st.composite
def clusters(draw: st.DrawFn) -> ClusterState:
    """Any cluster: instances with and without nodes, nodes of nobody, pods anywhere."""
    states, nodes = [], []
    for group in GROUPS:
        if draw(st.integers(0, 9)) == 0:
            continue
        members = [
            instance(f"{group.name}-{number}", draw(LIFECYCLES)) for number in range(draw(st.integers(0, 4)))
        ]
        states.append(state(group, *members, desired=draw(st.integers(0, 5))))
        for each in members:
            if draw(st.booleans()):
                labels = {CONTROL_PLANE_LABEL: ""} if group is MASTERS else {}
                nodes.append(
                    node(each.id, draw(READY), labels=labels, network_unavailable=draw(st.booleans()))
                )
    nodes.append(node("stranger", draw(READY)))
    nodes.append(Node("unknown", ready=draw(READY)))
    names = ["", *(each.name for each in nodes)]
    pods = [
        Pod(
            draw(st.sampled_from(["kube-system", "shop"])),
            f"pod-{number}",
            draw(st.sampled_from(names)),
            {"k8s-app": draw(st.sampled_from([*STATIC_PODS, "dns"]))},
            draw(st.sampled_from([*PRIORITIES, ""])),
            draw(st.sampled_from(["Pending", "Running", "Succeeded", "Failed", "Unknown"])),
            draw(st.sampled_from([(), ("main",)])),
        )
        for number in range(draw(st.integers(0, 6)))
    ]
    return observed(states, nodes, pods)


@given(seen=clusters())
def test_every_failure_says_what_next_and_is_true(seen: ClusterState) -> None:
    found = validate(GROUPS, seen)
    by_name = {each.name: each for each in seen.nodes}
    instances = {each.id: each for group in seen.groups.values() for each in group.instances}
    for failure in found.failures:
        assert failure.message
        assert failure.next_step
        assert failure.group is None or failure.blocks(failure.group.name)
        if failure.kind is FailureKind.MACHINE:
            assert instances[failure.name].lifecycle in ("InService", "Pending", "Standby")
            assert failure.name not in {each.instance for each in seen.nodes}
            assert failure.group is not BASTIONS
        if failure.kind is FailureKind.NODE:
            about = by_name[failure.name]
            assert not about.is_ready or CONTROL_PLANE_LABEL in about.labels
            assert about.instance in instances, "a node of nobody is not the cluster's"
    assert len(set(found.failures)) == len(found.failures)


@given(seen=clusters(), chosen=st.sets(st.sampled_from([each.name for each in GROUPS])))
def test_looking_at_fewer_groups_finds_nothing_new_about_groups(seen: ClusterState, chosen: set[str]) -> None:
    whole = validate(GROUPS, seen)
    part = validate(GROUPS, seen, chosen=chosen)
    about = [each for each in part.failures if each.group is not None]
    assert all(each.group is not None and each.group.name in chosen for each in about)
    assert set(about) == {
        each for each in whole.failures if each.group is not None and each.group.name in chosen
    }
    assert set(part.nodes) <= set(whole.nodes)


@given(seen=clusters(), more=st.integers(0, 12))
def test_tolerance_only_removes_failures(seen: ClusterState, more: int) -> None:
    strict = validate(GROUPS, seen)
    lenient = validate(GROUPS, seen, max_unready=more)
    assert set(lenient.failures) <= set(strict.failures)
    assert len(lenient.tolerated) <= more


@given(seen=clusters())
def test_the_order_in_which_the_server_lists_does_not_matter(seen: ClusterState) -> None:
    turned = replace(seen, nodes=seen.nodes[::-1], pods=seen.pods[::-1])
    assert set(validate(GROUPS, turned).failures) == set(validate(GROUPS, seen).failures)
