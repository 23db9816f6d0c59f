"""The rules of the API that clients build on: versions, lists in pages, watches, finalizers, budgets."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.cloud.sandbox.kubernetes.api import Request, Response, Watch, handle
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.content import budget, deployment
from kops_core.cloud.sandbox.kubernetes.patches import MERGE, STRATEGIC, patch
from kops_core.cloud.sandbox.kubernetes.refusals import Refusal
from kops_core.cloud.sandbox.kubernetes.selectors import by_fields, by_labels
from kops_core.errors import KubernetesUnavailable
from tests.aws.account import FakeClock
from tests.kube.cluster import InMemoryApi, MachinePool, in_memory_cluster

MAPS = "/api/v1/namespaces/default/configmaps"


def make_cluster() -> tuple[Cluster, FakeClock, MachinePool]:
    clock = FakeClock()
    machines = MachinePool(clock)
    machines.start("control-plane", role="control-plane")
    machines.start("nodes", 3)
    content = (deployment("shop", "web", 4), budget("shop", "web", minAvailable=2))
    return in_memory_cluster(clock, machines, content=content), clock, machines


def ask(
    cluster: Cluster, method: str, path: str, body: object = None, *, kind: str = "", **query: str
) -> tuple[int, Any]:
    encoded = json.dumps(body).encode() if body is not None else b""
    answer = handle(cluster, Request(method, path, query, encoded, kind or "application/json"))
    assert isinstance(answer, Response)
    return answer.status, json.loads(json.dumps(answer.body))


def watch(cluster: Cluster, path: str, **query: str) -> Watch:
    found = handle(cluster, Request("GET", path, {"watch": "true", **query}))
    assert isinstance(found, Watch)
    return found


def config(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels}, "data": {}}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "label", "delete", "look"]),
        st.sampled_from("abc"),
        st.sampled_from(["red", "blue"]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_a_watch_tells_of_exactly_what_its_selector_sees(steps: list[tuple[str, str, str]]) -> None:
    """Who lists and then watches from there knows what another list says, whenever they look."""
    cluster, _, _ = make_cluster()
    _, listed = ask(cluster, "GET", MAPS, labelSelector="colour=red")
    known: dict[str, Any] = {}
    follower = watch(
        cluster, MAPS, labelSelector="colour=red", resourceVersion=listed["metadata"]["resourceVersion"]
    )
    for step, name, colour in [*steps, ("look", "", "")]:
        if step == "create":
            assert ask(cluster, "POST", MAPS, config(name, colour=colour))[0] in (201, 409)
        elif step == "label":
            ask(
                cluster,
                "PATCH",
                f"{MAPS}/{name}",
                {"metadata": {"labels": {"colour": colour}}},
                kind=MERGE,
            )
        elif step == "delete":
            assert ask(cluster, "DELETE", f"{MAPS}/{name}")[0] in (200, 404)
        else:
            for event in follower.events(cluster):
                seen = event["object"]["metadata"]["name"]
                assert (seen in known) is (event["type"] != "ADDED")
                if event["type"] == "DELETED":
                    del known[seen]
                else:
                    known[seen] = event["object"]
            _, now = ask(cluster, "GET", MAPS, labelSelector="colour=red")
            assert known == {each["metadata"]["name"]: each for each in now["items"]}


def test_a_watch_of_a_version_that_is_forgotten_is_refused() -> None:
    cluster, _, _ = make_cluster()
    version = str(cluster.store.version)
    follower = watch(cluster, MAPS, resourceVersion=version)
    ask(cluster, "POST", MAPS, config("a"))
    cluster.store.forget()
    (error,) = follower.events(cluster)
    assert (error["type"], error["object"]["code"]) == ("ERROR", 410)
    status, body = ask(cluster, "GET", MAPS, watch="true", resourceVersion=version)
    assert (status, body["reason"]) == (410, "Expired")
    now = str(cluster.store.version)
    follower = watch(cluster, MAPS, resourceVersion=now)
    ask(cluster, "POST", MAPS, config("b"))
    assert [each["object"]["metadata"]["name"] for each in follower.events(cluster)] == ["b"]


def test_a_watch_without_a_version_begins_with_what_there_is() -> None:
    cluster, _, _ = make_cluster()
    ask(cluster, "POST", MAPS, config("a"))
    follower = watch(cluster, MAPS)
    assert [(each["type"], each["object"]["metadata"]["name"]) for each in follower.events(cluster)] == [
        ("ADDED", "a")
    ]
    assert list(follower.events(cluster)) == []


def test_pages_are_those_of_the_moment_of_the_first() -> None:
    cluster, _, _ = make_cluster()
    for name in "abcdefg":
        ask(cluster, "POST", MAPS, config(name, n=name))
    _, page = ask(cluster, "GET", MAPS, limit="3")
    names, pages = [each["metadata"]["name"] for each in page["items"]], 1
    ask(cluster, "DELETE", f"{MAPS}/f")
    ask(cluster, "POST", MAPS, config("h"))
    ask(cluster, "PATCH", f"{MAPS}/g", {"data": {"new": "yes"}}, kind=MERGE)
    while token := page["metadata"].get("continue"):
        _, page = ask(cluster, "GET", MAPS, **{"limit": "3", "continue": token})
        names += [each["metadata"]["name"] for each in page["items"]]
        pages += 1
    assert (names, pages) == (list("abcdefg"), 3)
    assert "data" not in page["items"][-1] or page["items"][-1]["data"] == {}
    _, first = ask(cluster, "GET", MAPS, limit="1")
    cluster.store.forget()
    token = first["metadata"]["continue"]
    assert ask(cluster, "GET", MAPS, **{"limit": "1", "continue": token})[0] == 410


def test_a_write_of_an_old_version_is_refused() -> None:
    cluster, _, _ = make_cluster()
    _, made = ask(cluster, "POST", MAPS, config("a"))
    status, newer = ask(cluster, "PUT", f"{MAPS}/a", {**made, "data": {"x": "1"}})
    assert (status, newer["data"]) == (200, {"x": "1"})
    assert ask(cluster, "PUT", f"{MAPS}/a", {**made, "data": {"x": "2"}})[0] == 409
    newer["metadata"]["uid"] = "another"
    assert ask(cluster, "PUT", f"{MAPS}/a", newer)[0] == 409
    assert ask(cluster, "GET", f"{MAPS}/a")[1]["data"] == {"x": "1"}


def test_an_object_with_a_finalizer_goes_when_it_is_taken_away() -> None:
    cluster, _, _ = make_cluster()
    made = config("a")
    made["metadata"]["finalizers"] = ["example.com/hold"]
    ask(cluster, "POST", MAPS, made)
    ask(cluster, "DELETE", f"{MAPS}/a")
    status, held = ask(cluster, "GET", f"{MAPS}/a")
    assert status == 200
    assert held["metadata"]["deletionTimestamp"]
    ask(cluster, "PATCH", f"{MAPS}/a", {"metadata": {"finalizers": None}}, kind=MERGE)
    assert ask(cluster, "GET", f"{MAPS}/a")[0] == 404


def test_a_status_is_written_apart_from_its_object() -> None:
    cluster, _, _ = make_cluster()
    node = "/api/v1/nodes/" + ask(cluster, "GET", "/api/v1/nodes")[1]["items"][0]["metadata"]["name"]
    before = ask(cluster, "GET", node)[1]
    ask(cluster, "PATCH", node, {"status": {"phase": "x"}, "spec": {"podCIDR": "10.0.0.0/24"}}, kind=MERGE)
    after = ask(cluster, "GET", node)[1]
    assert (after["status"], after["spec"]["podCIDR"]) == (before["status"], "10.0.0.0/24")
    ask(cluster, "PATCH", f"{node}/status", {"status": {"phase": "y"}, "spec": {"podCIDR": "z"}}, kind=MERGE)
    after = ask(cluster, "GET", node)[1]
    assert (after["status"]["phase"], after["spec"]["podCIDR"]) == ("y", "10.0.0.0/24")


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["evict", "wait", "cordon", "uncordon"]), st.integers(0, 5)), max_size=30
)


@settings(max_examples=60, deadline=None)
@given(ACTIONS)
def test_evictions_never_take_what_a_budget_needs(actions: list[tuple[str, int]]) -> None:
    cluster, clock, machines = make_cluster()
    api = InMemoryApi(cluster)
    for action, number in actions:
        pods = [each for each in api.pods("shop") if not each.deleting]
        if action == "evict" and number < len(pods):
            ready = [each for each in pods if each.phase == "Running" and not each.unready]
            told = api.evict(pods[number])
            if len(ready) <= 2 and pods[number] in ready:
                assert "web needs 2 healthy pods" in told
        elif action == "wait":
            clock.sleep(number)
        elif action.endswith("cordon"):
            api.cordon(machines.of("nodes")[number % 3], on=action == "cordon")
        alive = [each for each in api.pods("shop") if each.phase == "Running" and not each.deleting]
        assert len(alive) >= 2
    for name in machines.of("nodes"):
        api.cordon(name, on=False)
    clock.sleep(60)
    alive = [each for each in api.pods("shop") if each.phase == "Running" and not each.unready]
    assert len(alive) == 4
    assert [each.allowed for each in api.disruption_budgets()] == [2]


def budgets_of(*spec: dict[str, int | str]) -> tuple[Cluster, InMemoryApi]:
    """A cluster with three pods of an app, and budgets for it."""
    clock = FakeClock()
    machines = MachinePool(clock)
    machines.start("control-plane", role="control-plane")
    machines.start("nodes", 2)
    made = [budget("shop", "web", **each) for each in spec]
    for number, (_, each) in enumerate(made):
        each["metadata"]["name"] = f"budget-{number}"
    cluster = in_memory_cluster(clock, machines, content=(deployment("shop", "web", 3), *made))
    return cluster, InMemoryApi(cluster)


@pytest.mark.parametrize(
    ("spec", "required", "allowed"),
    [
        ({"minAvailable": 1}, 1, 2),
        ({"minAvailable": "50%"}, 2, 1),
        ({"minAvailable": "34%"}, 2, 1),
        ({"minAvailable": "100%"}, 3, 0),
        ({"maxUnavailable": 1}, 2, 1),
        ({"maxUnavailable": "50%"}, 1, 2),
        ({"maxUnavailable": 0}, 3, 0),
        ({"maxUnavailable": 9}, 0, 3),
        ({"minAvailable": 9}, 9, 0),
    ],
)
def test_what_a_budget_permits(spec: dict[str, int | str], required: int, allowed: int) -> None:
    """Percentages are rounded up, of what the Deployment wants (policy/v1)."""
    _, api = budgets_of(spec)
    (found,) = api.disruption_budgets()
    assert (found.healthy, found.required, found.allowed) == (3, required, allowed)
    told = [api.evict(each) for each in api.pods("shop")]
    assert told.count("") == allowed


def test_a_pod_with_two_budgets_is_not_evicted() -> None:
    _, api = budgets_of({"minAvailable": 1}, {"minAvailable": 1})
    with pytest.raises(KubernetesUnavailable, match="several disruption budgets"):
        api.evict(api.pods("shop")[0])


@pytest.mark.parametrize("policy", ["", "IfHealthyBudget", "AlwaysAllow"])
def test_pods_that_are_not_ready_may_go_if_the_others_suffice(policy: str) -> None:
    """With AlwaysAllow also if they do not (unhealthyPodEvictionPolicy)."""
    cluster, api = budgets_of(
        {"minAvailable": 2, **({"unhealthyPodEvictionPolicy": policy} if policy else {})}
    )

    def break_down(count: int) -> None:
        for each in api.pods("shop")[:count]:
            conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
            path = f"/api/v1/namespaces/shop/pods/{each.name}/status"
            ask(cluster, "PATCH", path, {"status": {"conditions": conditions}}, kind=MERGE)

    break_down(1)
    (found,) = api.disruption_budgets()
    assert (found.healthy, found.allowed) == (2, 0)
    break_down(2)
    broken, _, ready = api.pods("shop")
    assert ("needs 2" in api.evict(broken)) is (policy != "AlwaysAllow")
    assert "needs 2" in api.evict(ready)


def test_a_broken_pod_may_go_while_enough_are_healthy() -> None:
    cluster, api = budgets_of({"minAvailable": 2})
    broken = api.pods("shop")[0]
    conditions = [{"type": "Ready", "status": "False", "lastTransitionTime": "2026-01-01T00:00:00Z"}]
    path = f"/api/v1/namespaces/shop/pods/{broken.name}/status"
    ask(cluster, "PATCH", path, {"status": {"conditions": conditions}}, kind=MERGE)
    assert "needs 2" in api.evict(api.pods("shop")[1])
    assert api.evict(broken) == ""


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("", "abc"),
        ("app=web", "a"),
        ("app==web", "a"),
        ("app!=web", "bc"),
        ("app", "ab"),
        ("!app", "c"),
        ("app in (web, db)", "ab"),
        ("app notin (web),tier", "b"),
        ("app=web,tier=x", ""),
        ("example.com/x-y=1.2_3", "c"),
    ],
)
def test_label_selectors(selector: str, names: str) -> None:
    objects: list[Any] = [
        {"metadata": {"name": "a", "labels": {"app": "web"}}},
        {"metadata": {"name": "b", "labels": {"app": "db", "tier": "x"}}},
        {"metadata": {"name": "c", "labels": {"example.com/x-y": "1.2_3"}}},
    ]
    matches = by_labels(selector)
    assert "".join(each["metadata"]["name"] for each in objects if matches(each)) == names


def test_field_selectors_and_wrong_ones() -> None:
    pod = {"metadata": {"name": "a"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}
    assert by_fields("spec.nodeName=n1,status.phase!=Pending")(pod)
    assert not by_fields("spec.nodeName=n2")(pod)
    assert by_fields("spec.unschedulable=")(pod)
    for wrong in ("a in b", "=x", "a=b c"):
        with pytest.raises(Refusal):
            by_labels(wrong)
    with pytest.raises(Refusal):
        by_fields("spec.nodeName")


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(
            {"containers": [{"name": "a", "image": "1"}, {"name": "b"}]},
            {"containers": [{"name": "a", "image": "2"}]},
            {"containers": [{"name": "a", "image": "2"}, {"name": "b"}]},
            id="by-key",
        ),
        pytest.param(
            {"containers": [{"name": "a"}, {"name": "b"}]},
            {"containers": [{"name": "a", "$patch": "delete"}]},
            {"containers": [{"name": "b"}]},
            id="delete",
        ),
        pytest.param(
            {"containers": [{"name": "a"}, {"name": "b"}]},
            {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}], "containers": [{"name": "c"}]},
            {"containers": [{"name": "b"}, {"name": "a"}, {"name": "c"}]},
            id="order",
        ),
        pytest.param(
            {"taints": [{"key": "a"}]}, {"taints": [{"key": "b"}]}, {"taints": [{"key": "b"}]}, id="atomic"
        ),
        pytest.param({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}, id="null"),
        pytest.param({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}, id="replace"),
        pytest.param(
            {"strategy": {"type": "A", "rolling": {}}},
            {"strategy": {"$retainKeys": ["type"], "type": "B"}},
            {"strategy": {"type": "B"}},
            id="retain-keys",
        ),
        pytest.param(
            {"finalizers": ["a", "b"]},
            {"$deleteFromPrimitiveList/finalizers": ["a"]},
            {"finalizers": ["b"]},
            id="primitive",
        ),
        pytest.param(
            {"selector": {"matchLabels": {"a": "1"}}},
            {"selector": {"matchLabels": {"b": "2"}}},
            {"selector": {"matchLabels": {"b": "2"}}},
            id="selector",
        ),
    ],
)
def test_strategic_merge_patches(before: Any, change: Any, after: Any) -> None:
    kept, sent = json.dumps(before), json.dumps(change)
    assert patch(STRATEGIC, before, change) == after
    assert (json.dumps(before), json.dumps(change)) == (kept, sent), "neither is changed"
