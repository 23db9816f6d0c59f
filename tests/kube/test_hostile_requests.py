"""Whatever is sent, the API answers it, and goes on to work."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.cloud.sandbox.kubernetes.api import Request, Response, handle
from kops_core.cloud.sandbox.kubernetes.content import budget, daemon_set, deployment
from kops_core.cloud.sandbox.kubernetes.kinds import STATEFUL_SETS, clone
from kops_core.cloud.sandbox.kubernetes.patches import JSON, MERGE, STRATEGIC
from tests.kube.cluster import InMemoryApi
from tests.kube.test_api import make_cluster

NODE: Any = {
    "metadata": {"name": "by-hand", "labels": {"a": "b"}},
    "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}], "unschedulable": True},
    "status": {"conditions": [{"type": "Ready", "status": "True"}], "addresses": []},
}
POD: Any = {
    "metadata": {
        "name": "p",
        "namespace": "shop",
        "finalizers": ["a/b"],
        "annotations": {"kubernetes.io/config.mirror": "x"},
    },
    "spec": {
        "containers": [{"name": "a"}],
        "tolerations": [{"operator": "Exists"}],
        "nodeSelector": {"a": "b"},
    },
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
}
DEFINITION: Any = {
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["w"]},
        "scope": "Namespaced",
        "versions": [{"name": "v1", "served": True, "subresources": {"status": {}}}],
    },
}
APPS = "/apis/apps/v1/namespaces/shop"
TARGETS: tuple[tuple[str, Any], ...] = (
    (f"{APPS}/deployments", deployment("shop", "d", 2)[1]),
    (f"{APPS}/statefulsets", deployment("shop", "s", 2, kind=STATEFUL_SETS)[1]),
    (f"{APPS}/daemonsets", {**daemon_set("x")[1], "metadata": {"name": "x", "namespace": "shop"}}),
    ("/apis/policy/v1/namespaces/shop/poddisruptionbudgets", budget("shop", "b", minAvailable="50%")[1]),
    ("/api/v1/namespaces/shop/pods", POD),
    ("/api/v1/nodes", NODE),
    ("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION),
)
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", "UPPER case", 0, -1, 7, True, [], {}, [None], [{}], ["x"], {"x": None}, {"a": {}}]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        found += places(item, (*path, name))
    return found


def spoil(document: Any, place: tuple[Any, ...], odd: Any) -> Any:
    """The document with something else at a place."""
    made = clone(document)
    here = made
    for step in place[:-1]:
        here = here[step]
    here[place[-1]] = odd
    return made


@st.composite
def requests(draw: st.DrawFn) -> list[Request]:
    """An object of some kind is made, and made wrong: at once, or later by a write of each kind."""
    path, document = draw(st.sampled_from(TARGETS))
    wrong = document
    for _ in range(draw(st.integers(1, 2))):
        wrong = spoil(wrong, draw(st.sampled_from(places(wrong))), draw(ODD))
    sent = json.dumps(wrong).encode()
    name = f"{path}/{document['metadata']['name']}"
    good = Request("POST", path, body=json.dumps(document).encode())
    return draw(
        st.sampled_from(
            [
                [Request("POST", path, body=sent)],
                [good, Request("PUT", name, body=sent)],
                [good, Request("PATCH", name, body=sent, content_type=MERGE)],
                [good, Request("PATCH", name, body=sent, content_type=STRATEGIC)],
                [good, Request("PATCH", f"{name}/status", body=sent, content_type=MERGE)],
                [good, Request("PUT", f"{name}/scale", body=sent)],
                [good, Request("POST", f"{name}/eviction", body=sent)],
                [good, Request("DELETE", name, body=sent)],
            ]
        )
    )


@settings(max_examples=150, deadline=None)
@given(requests())
def test_an_object_that_is_wrong_is_refused_or_harmless(sent: list[Request]) -> None:
    cluster, clock, machines = make_cluster()
    for each in sent:
        assert isinstance(handle(cluster, each), Response)
    api = InMemoryApi(cluster)
    machines.start("nodes")
    for _ in range(4):
        clock.sleep(30)
        assert len(api.nodes()) >= 4
        assert api.pods()
        api.disruption_budgets()
    for path in ("/api/v1/nodes", "/api/v1/pods", "/apis/apps/v1/deployments", "/apis", "/openapi/v3"):
        shown = handle(cluster, Request("GET", path, accept="application/json;as=Table;g=meta.k8s.io;v=v1"))
        assert isinstance(shown, Response)
        assert shown.status == 200
    assert len([each for each in api.pods("shop") if each.labels.get("k8s-app") == "web"]) >= 4


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (Request("GET", "/"), 404),
        (Request("GET", "/api/v1/nothing"), 404),
        (Request("GET", "/api/v1/namespaces/shop/pods/x/log"), 404),
        (Request("GET", "/api/v1/pods/x"), 404),
        (Request("TRACE", "/api/v1/nodes"), 405),
        (Request("POST", "/api/v1/nodes", body=b"{"), 400),
        (Request("POST", "/api/v1/nodes", body=b"[]"), 400),
        (Request("POST", "/api/v1/nodes", body=b"\xff"), 400),
        (
            Request(
                "POST",
                "/api/v1/namespaces/none/pods",
                body=json.dumps({**POD, "metadata": {"name": "p"}}).encode(),
            ),
            404,
        ),
        (Request("GET", "/api/v1/nodes", {"limit": "-1"}), 400),
        (Request("GET", "/api/v1/nodes", {"watch": "1", "resourceVersion": "x"}), 400),
        (Request("GET", "/api/v1/nodes", {"continue": "%%%"}), 400),
        (Request("GET", "/api/v1/nodes", {"continue": "W10="}), 400),
        (Request("GET", "/api/v1/nodes", {"labelSelector": "a in"}), 400),
        (Request("PATCH", "/api/v1/namespaces/default", body=b"{}", content_type="text/plain"), 415),
        (Request("PATCH", "/api/v1/namespaces/default", body=b"{}", content_type=JSON), 422),
        (
            Request(
                "PATCH",
                "/api/v1/namespaces/default",
                body=b"a: [",
                content_type="application/apply-patch+yaml",
            ),
            400,
        ),
    ],
)
def test_requests_that_make_no_sense(request_: Request, status: int) -> None:
    cluster, _, _ = make_cluster()
    answer = handle(cluster, request_)
    assert isinstance(answer, Response)
    assert isinstance(answer.body, dict)
    assert (answer.status, answer.body["status"]) == (status, "Failure")
