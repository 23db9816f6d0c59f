"""The Kubernetes client against a real HTTPS server that lists, refuses, is slow, and dies."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kops_core.errors import (
    KubernetesCertificateError,
    KubernetesDenied,
    KubernetesError,
    KubernetesTimeout,
    KubernetesUnreachable,
    StoreError,
    UsageError,
)
from kops_core.kube.client import KubernetesClient
from kops_core.kube.connection import Connect, Connection, find_proxy
from kops_core.kube.ports import Node, Pod
from kops_core.kube.session import RENEW_BEFORE
from kops_core.store.certificates import issue_client
from kops_core.store.secret import Secret
from tests.kube.api_server import ApiServer, Handler, api_server, authority
from tests.kube.connect_proxy import connect_proxy
from tests.kube.objects import SINCE, node, pod

NOW = datetime.now(UTC)
MOMENT = datetime.fromisoformat(SINCE)


@pytest.fixture(scope="module")
def _pki() -> Connection:
    made = issue_client(
        authority().primary, "kubecfg-ops", ["system:masters"], timedelta(hours=1), NOW, key_size=2048
    )
    return Connection(
        "",
        authorities=authority().certificates,
        certificate=made.certificate,
        private_key=made.private_key,
        expires_at=made.expires_at,
    )


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with api_server() as running:
        yield running


@pytest.fixture
def admin(server: ApiServer, _pki: Connection) -> Connection:
    return replace(_pki, server=server.url)


class Clients:
    """Opens clients, and closes them at the end of a test."""

    def __init__(self) -> None:
        self.opened: list[KubernetesClient] = []

    def __call__(self, connection: Connection, deadline: float = 20.0) -> KubernetesClient:
        return self.by(lambda: connection, deadline=deadline)

    def by(
        self, connect: Connect, now: Callable[[], datetime] = lambda: NOW, deadline: float = 20.0
    ) -> KubernetesClient:
        self.opened.append(KubernetesClient(connect, now=now, deadline=deadline))
        return self.opened[-1]


@pytest.fixture
def client() -> Iterator[Clients]:
    clients = Clients()
    yield clients
    for each in clients.opened:
        each.close()


def test_nodes_and_pods_are_read_as_the_caller_with_what_validation_needs(
    client: Clients, server: ApiServer, admin: Connection
) -> None:
    server.has(
        [
            node("a", "i-1", role="control-plane"),
            node("b", "i-2", ready="False", network_unavailable="True"),
            {"metadata": {"name": "bare"}},
        ],
        [
            pod("dns", "a", ready=False, waiting="CrashLoopBackOff"),
            pod("app", "b", namespace="shop", priority=""),
            {"metadata": {"namespace": "shop", "name": "bare"}},
        ],
    )
    api = client(admin)
    first, second, bare = api.nodes()
    assert (first.name, first.instance, first.is_ready, first.ready_since) == ("a", "i-1", True, MOMENT)
    assert "node-role.kubernetes.io/control-plane" in first.labels
    assert (second.ready, second.is_ready, second.network_unavailable) == ("False", False, True)
    assert second.ready_message == "container runtime network not ready"
    assert (bare, bare.is_ready) == (Node("bare"), False)
    dns, app, nothing = api.pods()
    assert replace(dns, uid="") == Pod(
        namespace="kube-system",
        name="dns",
        node="a",
        priority_class="system-node-critical",
        phase="Running",
        unready=("main",),
        reason="CrashLoopBackOff",
        since=MOMENT,
    )
    assert (app.unready, app.reason) == ((), "")
    assert replace(nothing, uid="", since=None) == Pod("shop", "bare")
    assert len({each.uid for each in (dns, app, nothing)} - {""}) == 3
    assert [each.name for each in api.pods("shop")] == ["app", "bare"]
    assert {line.split()[0] for line in server.asked} == {"kubecfg-ops"}


def test_a_list_is_read_to_its_last_page(client: Clients, server: ApiServer, admin: Connection) -> None:
    server.has([node(f"n{number}", f"i-{number}") for number in range(1201)], [])
    assert len({each.name for each in client(admin).nodes()}) == 1201
    assert len(server.asked) == 3


def test_the_certificate_may_be_for_another_name_than_the_one_that_is_called(
    client: Clients, _pki: Connection
) -> None:
    with api_server(names=["api.internal.a.example.com"]) as server:
        server.has([node("a", "i-1")], [])
        called = replace(_pki, server=server.url)
        assert client(replace(called, server_name="api.internal.a.example.com")).nodes()
        for wrong in ("", "api.internal.b.example.com"):
            with pytest.raises(KubernetesCertificateError, match=r"mismatch|not valid") as raised:
                client(replace(called, server_name=wrong)).nodes()
            assert raised.value.where == server.url


def test_another_authority_is_not_believed(client: Clients, _pki: Connection) -> None:
    other = authority("another")
    with api_server(keyset=other, clients=authority()) as server:
        server.has([], [])
        called = replace(_pki, server=server.url)
        with pytest.raises(KubernetesCertificateError, match="certificate is not the cluster's"):
            client(called).nodes()
        assert client(replace(called, insecure=True)).nodes() == ()


def test_a_server_that_does_not_take_our_certificate(client: Clients, _pki: Connection) -> None:
    with (
        api_server(clients=authority("another")) as server,
        pytest.raises(KubernetesCertificateError, match="does not accept our certificate"),
    ):
        client(replace(_pki, server=server.url)).nodes()


def test_tokens_and_what_is_not_permitted(client: Clients, _pki: Connection) -> None:
    with api_server() as server:
        server.has([node("a", "i-1")], [])
        server.tokens = {"hunter2": "ci"}
        by_token = Connection(server.url, authorities=_pki.authorities, token=Secret(b"hunter2"))
        assert client(by_token).nodes()
        with pytest.raises(KubernetesDenied, match="does not accept our credentials") as denied:
            client(replace(by_token, token=Secret(b"hunter3"))).nodes()
        server.faults.append(lambda handler: handler.refuse(403, "nodes is forbidden"))
        with pytest.raises(KubernetesDenied, match="does not permit us to list the pods") as forbidden:
            client(by_token).pods()
    for error in (denied.value, forbidden.value):
        assert error.where == server.url
        assert error.remedy
        assert "hunter" not in str(error) + repr(by_token)


def _silent(handler: Handler) -> bool:
    handler.api.release.wait()
    return True


def _trickling(handler: Handler) -> bool:
    """A byte now and then: each read succeeds, so that a timeout for reads alone is never reached."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999\r\n\r\n")
    try:
        while not handler.api.release.wait(0.05):
            handler.wfile.write(b" ")
    except OSError:
        pass
    return True


def _endless(handler: Handler) -> bool:
    """Always one more page."""
    return handler.answer(200, {"metadata": {"continue": "0"}, "items": []})


@pytest.mark.parametrize("fault", [_silent, _trickling, _endless])
def test_a_call_ends_at_its_deadline_whatever_the_server_does(
    client: Clients, server: ApiServer, admin: Connection, fault: Callable[[Handler], bool]
) -> None:
    server.has([], [])
    server.faults.append(fault)
    api = client(admin, deadline=0.5)
    with pytest.raises(KubernetesTimeout, match=r"did not list the nodes within 0\.5 s") as raised:
        api.nodes()
    assert raised.value.remedy
    server.faults.clear()
    for _ in range(5):
        assert client(admin).nodes() == ()
    api.close()
    for thread in threading.enumerate():
        if thread.name == "kubernetes":  # the call that was given up ends by itself
            thread.join(timeout=60)
            assert not thread.is_alive()


def test_a_server_that_takes_connections_and_says_nothing(client: Clients, admin: Connection) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(KubernetesTimeout):
            client(replace(admin, server=url), deadline=0.3).nodes()


def test_a_server_that_is_not_there(client: Clients, admin: Connection) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        url = f"https://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(KubernetesUnreachable, match="refuses the connection") as raised:
        client(replace(admin, server=url)).nodes()
    assert raised.value.where == url
    with pytest.raises(KubernetesUnreachable, match="does not resolve"):
        client(replace(admin, server="https://api.cluster.invalid")).nodes()
    for wrong in ("api.example.com", "ftp://api.example.com", "https://", "https://a:b"):
        with pytest.raises(UsageError, match="not the URL"):
            client(replace(admin, server=wrong)).nodes()


def _dying(handler: Handler) -> bool:
    """Dies in the middle of its answer."""
    handler.wfile.write(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"items":['
    )
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    return True


def test_a_server_that_dies_in_its_answer_and_comes_back(
    client: Clients, server: ApiServer, admin: Connection
) -> None:
    server.has([node("a", "i-1")], [])
    api = client(admin)
    assert api.nodes()
    server.faults.append(_dying)
    with pytest.raises(KubernetesUnreachable, match="broke while it was to list the nodes"):
        api.nodes()
    server.faults.clear()
    assert api.nodes()


@pytest.mark.parametrize(
    "sent",
    [
        (200, b"<html>welcome</html>", "text/html"),
        (200, b'{"items": 7}', "application/json"),
        (200, b'{"items": [{"status": {"conditions": "x"}}]}', "application/json"),
        (200, b"", "application/json"),
        (503, b"no endpoints", "text/plain"),
        (500, b"{}", "application/json"),
        (500, b"not json", "application/json"),
        (502, b"bad gateway", ""),
        (302, b"", "text/html"),
    ],
)
def test_any_other_answer_is_an_error_of_the_server(
    client: Clients, server: ApiServer, admin: Connection, sent: tuple[int, bytes, str]
) -> None:
    status, body, kind = sent
    server.faults.append(lambda handler: handler.send(status, body, kind=kind))
    with pytest.raises(KubernetesError) as raised:
        client(admin).nodes()
    assert raised.value.where == server.url
    assert raised.value.remedy


def test_credentials_are_renewed_before_they_end(
    client: Clients, server: ApiServer, admin: Connection
) -> None:
    server.has([], [])
    now = [NOW]
    issued: list[Connection] = []

    def connect() -> Connection:
        issued.append(replace(admin, expires_at=now[0] + timedelta(hours=1)))
        return issued[-1]

    api = client.by(connect, lambda: now[0])
    api.nodes()
    now[0] += timedelta(hours=1) - RENEW_BEFORE - timedelta(seconds=1)
    api.nodes()
    assert len(issued) == 1
    now[0] += timedelta(seconds=1)
    api.nodes()
    assert len(issued) == 2


def test_the_deadline_holds_while_credentials_are_fetched(
    client: Clients, server: ApiServer, admin: Connection
) -> None:
    """The state store may be slow, too; another call, and the end of the client, do not wait for it."""
    server.has([node("a", "i-1")], [])
    answered = threading.Event()

    def slow() -> Connection:
        answered.wait(60)
        return admin

    api = client.by(slow, deadline=0.4)
    for _ in range(2):
        with pytest.raises(KubernetesTimeout, match="did not list the nodes"):
            api.nodes()
    api.close()
    answered.set()
    patient = client.by(slow)
    assert patient.nodes()
    patient.close()

    def refused() -> Connection:
        raise StoreError("the store answers 503")

    with pytest.raises(StoreError, match="503"):
        client.by(refused).nodes()


def test_threads_that_begin_together_sign_in_once(
    client: Clients, server: ApiServer, admin: Connection
) -> None:
    server.has([node("a", "i-1")], [])
    issued: list[int] = []
    together = threading.Barrier(6)

    def connect() -> Connection:
        issued.append(1)
        return admin

    api = client.by(connect)
    found: list[int] = []

    def ask() -> None:
        together.wait(60)
        found.append(len(api.nodes()))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert (found, issued) == ([1] * 6, [1])


def test_no_file_of_the_key_is_left(
    client: Clients, server: ApiServer, admin: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    modes: list[int] = []
    opened = os.open

    def watched(path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith("client.pem"):
            modes.extend((Path(path).parent.stat().st_mode & 0o777, mode))
        return opened(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", watched)
    server.has([], [])
    client(admin).nodes()
    assert modes == [0o700, 0o600]
    with pytest.raises(KubernetesCertificateError, match="can't be read"):
        client(replace(admin, private_key=Secret(b"no key"))).nodes()
    assert list((tmp_path / "private").iterdir()) == []


def test_closing_leaves_a_call_under_way_alone(client: Clients, server: ApiServer, admin: Connection) -> None:
    server.has([node("a", "i-1")], [])
    asked, found = threading.Event(), []

    def held(handler: Handler) -> bool:
        asked.set()
        handler.api.release.wait(60)
        return False

    server.faults.append(held)
    api = client(admin, deadline=60)
    thread = threading.Thread(target=lambda: found.append(len(api.nodes())))
    thread.start()
    assert asked.wait(60)
    api.close()
    server.release.set()
    thread.join(60)
    assert found == [1]


def test_through_a_proxy(client: Clients, server: ApiServer, admin: Connection) -> None:
    server.has([node("a", "i-1")], [])
    with connect_proxy() as proxy:
        for url in (proxy.url, proxy.url.removeprefix("http://")):
            assert client(replace(admin, proxy=url)).nodes()
        assert proxy.asked == [f"CONNECT {server.url.removeprefix('https://')} HTTP/1.1"] * 2
        proxy.refuses = True
        with pytest.raises(KubernetesUnreachable, match="proxy for the API server"):
            client(replace(admin, proxy=proxy.url)).nodes()
    for gone in (proxy.url, "http://proxy.invalid:1"):
        with pytest.raises(KubernetesUnreachable, match="proxy for the API server"):
            client(replace(admin, proxy=gone)).nodes()
    for wrong in ("socks5://u:hunter2@127.0.0.1:1", "ftp://hunter2", "http://"):
        with pytest.raises(UsageError, match="not an HTTP proxy") as raised:
            client(replace(admin, proxy=wrong)).nodes()
        assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("environment", "host", "proxy"),
    [
        ({}, "api.a.example.com", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "api.a.example.com", "http://p:1"),
        ({"https_proxy": "http://p:1"}, "api.a.example.com", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "api.a.example.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example.com"}, "api.a.example.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "api.a.example.com", ""),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b.example.com"}, "api.a.example.com", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "127.0.0.1", ""),
        ({"HTTPS_PROXY": "http://p:1"}, "localhost", ""),
    ],
)
def test_the_proxy_of_the_environment(environment: dict[str, str], host: str, proxy: str) -> None:
    assert find_proxy(environment, host) == proxy


def test_several_threads_share_a_client(client: Clients, server: ApiServer, admin: Connection) -> None:
    server.has([node("a", "i-1")], [])
    api, found = client(admin), []
    threads = [threading.Thread(target=lambda: found.append(len(api.nodes()))) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found == [1] * 8
