"""What the client sends to change a node or evict a pod, and what it makes of each answer, over HTTPS."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kops_core.cloud.sandbox.kubernetes.kinds import NODES
from kops_core.errors import (
    KubernetesDenied,
    KubernetesError,
    KubernetesTimeout,
    KubernetesUnavailable,
    KubernetesUnreachable,
    LockLost,
)
from kops_core.kube.client import KubernetesClient
from kops_core.kube.connection import Connection
from kops_core.kube.ports import DisruptionBudget, Pod, Taint
from kops_core.store.certificates import issue_client
from kops_core.store.fence import fenced
from tests.kube.api_server import ApiServer, Handler, Json, api_server, authority
from tests.kube.objects import node, pod

pytestmark = pytest.mark.full

TAINT = Taint("kops.k8s.io/scheduled-for-update", "PreferNoSchedule")
POD = Pod("shop", "web-0", uid="u-1")
EVICTION = "/api/v1/namespaces/shop/pods/web-0/eviction"
Open = Callable[..., KubernetesClient]


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
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


@pytest.fixture
def patches(server: ApiServer) -> list[Any]:
    """The patches that the server gets, which has a node n1."""
    found: list[Any] = []
    server.has([node("n1", "i-1")], [])

    def watch(handler: Handler) -> bool:
        if handler.command == "PATCH":
            assert handler.headers["Content-Type"] == "application/merge-patch+json"
            found.append(json.loads(handler.body))
        return False

    server.faults.append(watch)
    return found


def stored(server: ApiServer) -> Any:
    """The node n1."""
    return server.cluster.store.get(NODES, "", "n1")


def test_a_node_is_cordoned_labelled_and_uncordoned(
    server: ApiServer, opened: Open, patches: list[Any]
) -> None:
    api, before = opened(), stored(server)
    api.cordon("n1")
    api.set_label("n1", "node.kubernetes.io/exclude-from-external-load-balancers", "")
    assert stored(server)["spec"] == {**before["spec"], "unschedulable": True}
    excluded = {"node.kubernetes.io/exclude-from-external-load-balancers": ""}
    assert stored(server)["metadata"]["labels"] == before["metadata"]["labels"] | excluded
    api.cordon("n1", on=False)
    api.set_label("n1", "node.kubernetes.io/exclude-from-external-load-balancers", None)
    after = stored(server)
    assert (after["spec"], after["metadata"]["labels"]) == (before["spec"], before["metadata"]["labels"])


def test_a_taint_is_added_once_in_the_place_of_its_like_and_removed_alone(
    server: ApiServer, opened: Open, patches: list[Any]
) -> None:
    other = {"key": "dedicated", "effect": "NoSchedule", "value": "gpu", "timeAdded": "2026-11-30T00:00:00Z"}
    server.cluster.store.update(NODES, "", "n1", lambda new: new["spec"].update(taints=[other]))
    api = opened()
    api.add_taint("n1", TAINT)
    ours = {"key": TAINT.key, "effect": TAINT.effect}
    assert stored(server)["spec"]["taints"] == [other, ours]
    api.add_taint("n1", TAINT)
    assert len(patches) == 1, "what is in force is not sent again"
    api.add_taint("n1", Taint("dedicated", "NoSchedule", "cpu"))
    theirs = {"key": "dedicated", "effect": "NoSchedule", "value": "cpu"}
    assert stored(server)["spec"]["taints"] == [ours, theirs]
    api.remove_taint("n1", TAINT.key)
    api.remove_taint("n1", TAINT.key)
    assert stored(server)["spec"]["taints"] == [theirs]
    assert len(patches) == 3


def interfere(server: ApiServer, change: Callable[[Any], None]) -> None:
    """Somebody else changes the node just before each patch."""

    def fault(handler: Handler) -> bool:
        if handler.command == "PATCH":
            server.cluster.store.update(NODES, "", "n1", change)
        return False

    server.faults.append(fault)


def test_a_taint_that_somebody_else_sets_meanwhile_is_kept(
    server: ApiServer, opened: Open, patches: list[Any]
) -> None:
    theirs = {"key": "node.kubernetes.io/not-ready", "effect": "NoExecute"}

    def taint(new: Any) -> None:
        found = new["spec"].setdefault("taints", [])
        if theirs not in found:
            found.append(theirs)

    interfere(server, taint)
    opened().add_taint("n1", TAINT)
    assert stored(server)["spec"]["taints"] == [theirs, {"key": TAINT.key, "effect": TAINT.effect}]
    assert len(patches) == 2


def test_a_node_that_changes_all_the_time_is_given_up_at_the_deadline(
    server: ApiServer, opened: Open, patches: list[Any]
) -> None:
    interfere(server, lambda new: new["metadata"]["labels"].update(beat=str(len(patches))))
    with pytest.raises(KubernetesTimeout, match="did not taint n1 within"):
        opened(0.5).add_taint("n1", TAINT)
    assert "taints" not in stored(server)["spec"]
    assert len(patches) > 1


def test_a_node_that_is_gone_is_no_error(server: ApiServer, opened: Open) -> None:
    api = opened()
    api.cordon("n2")
    api.set_label("n2", "a", "b")
    api.add_taint("n2", TAINT)
    api.remove_taint("n2", TAINT.key)
    assert len(server.asked) == 4


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
    server.has([], [pod("a", "n1"), pod("b", "n2"), pod("c", "n1", namespace="shop")])
    assert [each.name for each in opened().pods(node="n1")] == ["a", "c"]
    assert [each.name for each in opened().pods("shop", node="n1")] == ["c"]
    assert opened().pods("shop", node="n2") == ()


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
    bare: Json = {"metadata": {"name": "new", "namespace": "shop"}, "spec": {"maxUnavailable": 1}}
    selector = {"matchLabels": {"app": "web"}}
    web: Json = {
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"minAvailable": "50%", "selector": selector},
        "status": status,
    }
    server.has([], [], [web, bare])
    assert opened().disruption_budgets() == (
        DisruptionBudget("shop", "new"),
        DisruptionBudget("shop", "web", {"app": "web"}, 0, 2, 3, "InsufficientPods"),
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


def test_nothing_is_changed_once_the_lock_is_lost(
    server: ApiServer, opened: Open, patches: list[Any]
) -> None:
    """Also between the attempts of one call, when somebody takes the lock over meanwhile."""
    api, held = opened(), [True, True, False]

    def check() -> None:
        if not held.pop(0):
            raise LockLost("somebody else has the lock")

    before = stored(server)
    interfere(server, lambda new: new["metadata"]["labels"].update(beat=str(len(patches))))
    with fenced(check), pytest.raises(LockLost):
        api.add_taint("n1", TAINT)
    assert len(patches) == 2, "the third was not sent"
    assert stored(server)["spec"] == before["spec"]
    server.faults.clear()
    asked = len(server.asked)

    def lost() -> None:
        raise LockLost("somebody else has the lock")

    with fenced(lost):
        for change in (
            lambda: api.cordon("n1"),
            lambda: api.set_label("n1", "a", "b"),
            lambda: api.evict(POD),
        ):
            with pytest.raises(LockLost):
                change()
        assert len(server.asked) == asked
        assert api.nodes(), "reading goes on"
    api.cordon("n1")
    assert stored(server)["spec"]["unschedulable"] is True
