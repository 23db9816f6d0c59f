"""What the client sends to change a node or evict a pod, and what it makes of each answer, over HTTPS."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kops_core.errors import (
    KubernetesDenied,
    KubernetesError,
    KubernetesTimeout,
    KubernetesUnavailable,
    KubernetesUnreachable,
)
from kops_core.kube.client import KubernetesClient
from kops_core.kube.connection import Connection
from kops_core.kube.ports import DisruptionBudget, Pod, Taint
from kops_core.store.certificates import issue_client
from tests.kube.api_server import ApiServer, Handler, Json, api_server, authority

TAINT = Taint("kops.k8s.io/scheduled-for-update", "PreferNoSchedule")
POD = Pod("shop", "web-0", uid="u-1")
EVICTION = "/api/v1/namespaces/shop/pods/web-0/eviction"
Open = Callable[..., KubernetesClient]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ApiServer]:
    with api_server(tmp_path) as running:
        yield running


@pytest.fixture
def opened(server: ApiServer) -> Iterator[Open]:
    now = datetime.now(UTC)
    keyset = authority()
    made = issue_client(keyset.primary, "ops", ["system:masters"], timedelta(hours=1), now, key_size=2048)
    connection = Connection(
        server.url,
        authorities=keyset.certificates,
        certificate=made.certificate,
        private_key=made.private_key,
        expires_at=made.expires_at,
    )
    clients = []

    def make(deadline: float = 20.0) -> KubernetesClient:
        clients.append(KubernetesClient(lambda: connection, now=lambda: now, deadline=deadline))
        return clients[-1]

    yield make
    for each in clients:
        each.close()


def refusal(status: int, message: str, *, cause: str = "", told: str = "", reason: str = "") -> Json:
    """A Status object, as the API server refuses."""
    causes = [{"reason": cause, "message": told}] if cause else []
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "details": {"causes": causes},
        "code": status,
    }


class Node:
    """A node that the server has: patches are merged, and refused if they are for another version of it."""

    def __init__(self, server: ApiServer, **spec: object) -> None:
        self.spec: dict[str, Any] = dict(spec)
        self.labels: dict[str, str] = {"kept": "yes"}
        self.version = 1
        self.patches: list[Any] = []
        self.before_patch: Callable[[], None] = lambda: None
        server.faults.append(self)

    def __call__(self, handler: Handler) -> bool:
        if handler.path != "/api/v1/nodes/n1":
            return handler.refuse(404, "no such node")
        if handler.command == "PATCH":
            assert handler.headers["Content-Type"] == "application/merge-patch+json"
            self.before_patch()
            patch = json.loads(handler.body)
            self.patches.append(patch)
            asked = patch.get("metadata", {})
            if asked.get("resourceVersion", str(self.version)) != str(self.version):
                return handler.answer(409, refusal(409, "the object has been modified", reason="Conflict"))
            self.version += 1
            for kept, changes in ((self.spec, patch.get("spec", {})), (self.labels, asked.get("labels", {}))):
                for name, value in changes.items():
                    kept.pop(name, None)
                    if value is not None:
                        kept[name] = value
        metadata = {"name": "n1", "labels": self.labels, "resourceVersion": str(self.version)}
        return handler.answer(
            200, {"kind": "Node", "apiVersion": "v1", "metadata": metadata, "spec": self.spec}
        )


def test_a_node_is_cordoned_labelled_and_uncordoned(server: ApiServer, opened: Open) -> None:
    node, api = Node(server, providerID="aws:///a/i-1"), opened()
    api.cordon("n1")
    api.set_label("n1", "node.kubernetes.io/exclude-from-external-load-balancers", "")
    assert node.spec == {"providerID": "aws:///a/i-1", "unschedulable": True}
    assert node.labels == {"kept": "yes", "node.kubernetes.io/exclude-from-external-load-balancers": ""}
    api.cordon("n1", on=False)
    api.set_label("n1", "node.kubernetes.io/exclude-from-external-load-balancers", None)
    assert (node.spec, node.labels) == ({"providerID": "aws:///a/i-1"}, {"kept": "yes"})


def test_a_taint_is_added_once_in_the_place_of_its_like_and_removed_alone(
    server: ApiServer, opened: Open
) -> None:
    other = {"key": "dedicated", "effect": "NoSchedule", "value": "gpu", "timeAdded": "2026-11-30T00:00:00Z"}
    node, api = Node(server, taints=[other]), opened()
    api.add_taint("n1", TAINT)
    ours = {"key": TAINT.key, "effect": TAINT.effect}
    assert node.spec["taints"] == [other, ours]
    api.add_taint("n1", TAINT)
    assert len(node.patches) == 1, "what is in force is not sent again"
    api.add_taint("n1", Taint("dedicated", "NoSchedule", "cpu"))
    assert node.spec["taints"] == [ours, {"key": "dedicated", "effect": "NoSchedule", "value": "cpu"}]
    api.remove_taint("n1", TAINT.key)
    api.remove_taint("n1", TAINT.key)
    assert node.spec["taints"] == [{"key": "dedicated", "effect": "NoSchedule", "value": "cpu"}]
    assert len(node.patches) == 3


def test_a_taint_that_somebody_else_sets_meanwhile_is_kept(server: ApiServer, opened: Open) -> None:
    node, api = Node(server), opened()
    theirs = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}

    def interfere() -> None:
        if node.version == 1:
            node.version, node.spec["taints"] = 2, [theirs]

    node.before_patch = interfere
    api.add_taint("n1", TAINT)
    assert node.spec["taints"] == [theirs, {"key": TAINT.key, "effect": TAINT.effect}]
    assert len(node.patches) == 2


def test_a_node_that_changes_all_the_time_is_given_up_at_the_deadline(
    server: ApiServer, opened: Open
) -> None:
    node = Node(server)

    def interfere() -> None:
        node.version += 1

    node.before_patch = interfere
    with pytest.raises(KubernetesTimeout, match="did not taint n1 within"):
        opened(0.5).add_taint("n1", TAINT)
    assert "taints" not in node.spec


def test_a_node_that_is_gone_is_no_error(server: ApiServer, opened: Open) -> None:
    Node(server)
    api = opened()
    api.cordon("n2")
    api.set_label("n2", "a", "b")
    api.add_taint("n2", TAINT)
    api.remove_taint("n2", TAINT.key)


def answering(server: ApiServer, *answers: tuple[int, Json | bytes]) -> None:
    """The server gives these answers, one after the other."""
    left = list(answers)

    def fault(handler: Handler) -> bool:
        status, body = left.pop(0)
        if isinstance(body, bytes):
            return handler.send(status, body, kind="text/plain")
        return handler.answer(status, body)

    server.faults.append(fault)


def test_an_eviction_names_the_pod_that_was_meant(server: ApiServer, opened: Open) -> None:
    sent = []

    def accept(handler: Handler) -> bool:
        sent.append((handler.path, json.loads(handler.body)))
        return handler.answer(201, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    server.faults.append(accept)
    assert opened().evict(POD) == ""
    path, body = sent[0]
    assert path.split("?")[0] == EVICTION
    assert (body["apiVersion"], body["kind"]) == ("policy/v1", "Eviction")
    assert body["metadata"] == {"name": "web-0", "namespace": "shop"}
    assert body["deleteOptions"]["preconditions"] == {"uid": "u-1"}


BLOCKED = "The disruption budget web needs 2 healthy pods and has 2 currently"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param([(404, refusal(404, "pods not found"))], "", id="gone"),
        pytest.param(
            [(429, refusal(429, "Cannot evict pod", cause="DisruptionBudget", told=BLOCKED))],
            BLOCKED,
            id="budget",
        ),
        pytest.param(
            [(429, refusal(429, "Cannot evict pod", cause="DisruptionBudget"))],
            "Cannot evict pod",
            id="budget-without-message",
        ),
        pytest.param(
            [(403, refusal(403, "forbidden", cause="NamespaceTerminating", told="shop is being terminated"))],
            "shop is being terminated",
            id="namespace-ends",
        ),
        pytest.param(
            [
                (409, refusal(409, "the UID in the precondition", reason="Conflict")),
                (200, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0", "uid": "u-2"}}),
            ],
            "",
            id="another-pod-of-the-name",
        ),
        pytest.param(
            [(409, refusal(409, "conflict", reason="Conflict")), (404, refusal(404, "not found"))],
            "",
            id="gone-meanwhile",
        ),
    ],
)
def test_what_an_answer_says_of_an_eviction(
    server: ApiServer, opened: Open, answers: list[tuple[int, Json | bytes]], reason: str
) -> None:
    answering(server, *answers)
    assert opened().evict(POD) == reason


@pytest.mark.parametrize(
    ("answers", "error", "told"),
    [
        pytest.param(
            [(429, b"Too many requests, please try again later.")],
            KubernetesUnavailable,
            "status 429",
            id="overloaded",
        ),
        pytest.param(
            [(429, refusal(429, "the server is busy"))], KubernetesUnavailable, "is busy", id="busy"
        ),
        pytest.param(
            [(500, refusal(500, "etcdserver: request timed out"))],
            KubernetesUnavailable,
            "etcdserver: request timed out",
            id="no-quorum",
        ),
        pytest.param(
            [(500, refusal(500, "This pod has more than one PodDisruptionBudget"))],
            KubernetesUnavailable,
            "more than one PodDisruptionBudget",
            id="two-budgets",
        ),
        pytest.param(
            [(403, refusal(403, "pods is forbidden"))], KubernetesDenied, "does not permit us", id="denied"
        ),
        pytest.param(
            [
                (409, refusal(409, "conflict", reason="Conflict")),
                (200, {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-0", "uid": "u-1"}}),
            ],
            KubernetesError,
            "status 409: conflict",
            id="a-conflict-over-the-pod-that-was-meant",
        ),
        pytest.param([(422, refusal(422, "invalid"))], KubernetesError, "422: invalid", id="invalid"),
    ],
)
def test_an_eviction_that_failed_is_not_told_as_blocked(
    server: ApiServer,
    opened: Open,
    answers: list[tuple[int, Json | bytes]],
    error: type[KubernetesError],
    told: str,
) -> None:
    answering(server, *answers)
    with pytest.raises(KubernetesError, match=told) as raised:
        opened().evict(POD)
    assert type(raised.value) is error
    assert (raised.value.where, bool(raised.value.remedy)) == (server.url, True)


def test_a_server_that_dies_on_an_eviction(server: ApiServer, opened: Open) -> None:
    def die(handler: Handler) -> bool:
        handler.connection.shutdown(socket.SHUT_RDWR)
        return True

    server.faults.append(die)
    with pytest.raises(KubernetesUnreachable, match=r"broke while it was to evict shop/web-0"):
        opened().evict(POD)
    server.faults.clear()
    answering(server, (404, refusal(404, "it was evicted before the connection broke")))
    assert opened().evict(POD) == ""


def test_pods_of_a_node(server: ApiServer, opened: Open) -> None:
    server.has([], [])
    server.lists["/api/v1/namespaces/shop/pods"] = []
    opened().pods(node="n1")
    opened().pods("shop")
    assert ["spec.nodeName%3Dn1" in line or "spec.nodeName=n1" in line for line in server.asked] == [
        True,
        False,
    ]


def test_disruption_budgets_with_what_they_permit(server: ApiServer, opened: Open) -> None:
    condition = {
        "type": "DisruptionAllowed",
        "status": "False",
        "reason": "InsufficientPods",
        "message": "",
        "lastTransitionTime": "2026-11-30T00:00:00Z",
        "observedGeneration": 1,
    }
    status = {
        "conditions": [condition],
        "currentHealthy": 2,
        "desiredHealthy": 3,
        "disruptionsAllowed": 0,
        "expectedPods": 3,
    }
    bare = {"metadata": {"name": "new", "namespace": "shop"}, "spec": {"maxUnavailable": 1}}
    selector = {"matchLabels": {"app": "web"}}
    server.lists["/apis/policy/v1/poddisruptionbudgets"] = [
        {
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"minAvailable": "50%", "selector": selector},
            "status": status,
        },
        bare,
    ]
    assert opened().disruption_budgets() == (
        DisruptionBudget("shop", "web", {"app": "web"}, 0, 2, 3, "InsufficientPods"),
        DisruptionBudget("shop", "new"),
    )


def test_changes_of_a_server_that_is_away(server: ApiServer, opened: Open) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        url = f"https://127.0.0.1:{gone.getsockname()[1]}"
    away = KubernetesClient(lambda: Connection(url), now=lambda: datetime.now(UTC))
    for call in (
        lambda: away.cordon("n1"),
        lambda: away.add_taint("n1", TAINT),
        lambda: away.evict(POD),
        away.disruption_budgets,
    ):
        with pytest.raises(KubernetesUnreachable, match="refuses the connection"):
            call()
