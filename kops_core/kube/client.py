"""The Kubernetes API over lightkube: the only module that imports the library, loaded when it is first used.

Connections are kept open; credentials are renewed before they end.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock, local
from typing import Final, TypeVar, cast

import httpx2
import msgspec
from lightkube import Client, KubeConfig
from lightkube.config.models import Cluster, User
from lightkube.core.exceptions import ApiError
from lightkube.models import core_v1, meta_v1
from lightkube.operators import BinaryOperator, SequenceOperator
from lightkube.resources import core_v1 as resources
from lightkube.resources import policy_v1
from lightkube.types import PatchType

from kops_core.errors import (
    KubernetesCertificateError,
    KubernetesDenied,
    KubernetesError,
    KubernetesTimeout,
    KubernetesUnreachable,
    UsageError,
)
from kops_core.kube.connection import Connect, Connection, tls_context
from kops_core.kube.deadline import within
from kops_core.kube.objects import to_budget, to_node, to_pod, to_taint
from kops_core.kube.ports import DisruptionBudget, Node, Pod, Taint

DEADLINE: Final = 30.0
"""Seconds that a call may take."""
RENEW_BEFORE: Final = timedelta(minutes=5)
"""Credentials that end sooner than this are renewed before the next call."""
_AT_ONCE: Final = 500
"""Objects in one answer, as kubectl asks for them."""

T = TypeVar("T")


class KubernetesClient:
    """The Kubernetes API of one cluster, as KubernetesApi says. Safe to use from several threads."""

    def __init__(self, connect: Connect, *, now: Callable[[], datetime], deadline: float = DEADLINE) -> None:
        self._connect = connect
        self._now = now
        self._deadline = deadline
        self._lock = RLock()
        self._session: _Session | None = None

    @property
    def host(self) -> str:
        """As KubernetesApi says."""
        session = self._borrow()
        self._give_back(session)
        return session.connection.host

    def nodes(self) -> tuple[Node, ...]:
        """As KubernetesApi says."""
        return self._call(
            "list the nodes",
            lambda client: tuple(to_node(each) for each in client.list(resources.Node, chunk_size=_AT_ONCE)),
        )

    def pods(self, namespace: str = "", node: str = "") -> tuple[Pod, ...]:
        """As KubernetesApi says."""
        fields: dict[str, str | BinaryOperator | SequenceOperator] = {"spec.nodeName": node} if node else {}
        return self._call(
            "list the pods",
            lambda client: tuple(
                to_pod(each)
                for each in client.list(
                    resources.Pod, namespace=namespace or "*", chunk_size=_AT_ONCE, fields=fields
                )
            ),
        )

    def disruption_budgets(self) -> tuple[DisruptionBudget, ...]:
        """As KubernetesApi says."""
        return self._call(
            "list the disruption budgets",
            lambda client: tuple(
                to_budget(each)
                for each in client.list(policy_v1.PodDisruptionBudget, namespace="*", chunk_size=_AT_ONCE)
            ),
        )

    def cordon(self, node: str, *, on: bool = True) -> None:
        """As KubernetesApi says."""
        self._patch_node(
            f"{'cordon' if on else 'uncordon'} {node}", node, {"spec": {"unschedulable": on or None}}
        )

    def set_label(self, node: str, key: str, value: str | None) -> None:
        """As KubernetesApi says."""
        self._patch_node(f"label {node}", node, {"metadata": {"labels": {key: value}}})

    def add_taint(self, node: str, taint: Taint) -> None:
        """As KubernetesApi says."""

        def add(taints: list[core_v1.Taint]) -> list[core_v1.Taint]:
            kept = [each for each in taints if (each.key, each.effect) != (taint.key, taint.effect)]
            wanted = core_v1.Taint(key=taint.key, effect=taint.effect, value=taint.value or None)
            return taints if any(to_taint(each) == taint for each in taints) else [*kept, wanted]

        self._change_taints(f"taint {node}", node, add)

    def remove_taint(self, node: str, key: str) -> None:
        """As KubernetesApi says."""
        self._change_taints(
            f"remove a taint of {node}", node, lambda taints: [each for each in taints if each.key != key]
        )

    def evict(self, pod: Pod) -> str:
        """As KubernetesApi says."""
        about = meta_v1.ObjectMeta(name=pod.name, namespace=pod.namespace)
        # Another pod of the same name, as a stateful set makes, is not the one that was meant.
        meant = meta_v1.DeleteOptions(preconditions=meta_v1.Preconditions(uid=pod.uid)) if pod.uid else None
        eviction = resources.PodEviction(metadata=about, deleteOptions=meant)

        def ask(client: Client) -> str:
            try:
                client.create(eviction, pod.name, namespace=pod.namespace)
            except ApiError as error:
                if error.status.code in (404, 409):
                    return ""
                if error.status.code == 429:
                    return error.status.message or "a disruption budget does not permit it now"
                raise
            return ""

        return self._call(f"evict {pod.namespace}/{pod.name}", ask)

    def _patch_node(self, what: str, node: str, patch: dict[str, object]) -> None:
        def send(client: Client) -> None:
            try:
                client.patch(resources.Node, node, patch, patch_type=PatchType.MERGE)
            except ApiError as error:
                if error.status.code != 404:
                    raise

        self._call(what, send)

    def _change_taints(
        self, what: str, node: str, change: Callable[[list[core_v1.Taint]], list[core_v1.Taint]]
    ) -> None:
        """The server can't merge lists of taints: they are read, and replaced if the node is unchanged."""

        def send(client: Client) -> None:
            while True:
                try:
                    found = client.get(resources.Node, node)
                    before = list((found.spec.taints if found.spec else None) or ())
                    after = change(before)
                    if after == before:
                        return
                    version = found.metadata.resourceVersion if found.metadata else None
                    taints = [msgspec.to_builtins(each) for each in after]
                    patch = {"metadata": {"resourceVersion": version}, "spec": {"taints": taints}}
                    client.patch(resources.Node, node, patch, patch_type=PatchType.MERGE)
                    return
                except ApiError as error:
                    if error.status.code == 404:
                        return
                    if error.status.code != 409:  # a conflict: it has changed meanwhile
                        raise

        self._call(what, send)

    def close(self) -> None:
        """Closes the connections once the calls under way have ended; another call opens new ones."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            self._retire(session)

    def _call(self, what: str, call: Callable[[Client], T]) -> T:
        session = self._borrow()
        connection, until = session.connection, time.monotonic() + self._deadline

        def run() -> T:
            session.transport.until.at = until
            try:
                return call(session.client)
            finally:
                self._give_back(session)

        try:
            return within(self._deadline, run)
        except (TimeoutError, httpx2.TimeoutException) as error:
            self.close()
            raise KubernetesTimeout(
                f"the API server did not {what} within {self._deadline:g} s",
                where=connection.server,
                remedy="is it overloaded, or does a firewall drop packets? look at the control-plane nodes",
            ) from error
        except httpx2.HTTPStatusError as error:
            raise _translate_status(what, error.response.status_code, connection) from error
        except httpx2.TransportError as error:
            self.close()
            raise _translate_transport(what, error, connection) from error
        except (msgspec.MsgspecError, httpx2.HTTPError, KeyError, ValueError) as error:
            raise KubernetesError(
                f"the answer to '{what}' is not that of a Kubernetes API",
                where=connection.server,
                remedy="is this the URL of the cluster's API server? something else may answer there",
            ) from error

    def _borrow(self) -> _Session:
        """The session, which stays open until it is given back."""
        with self._lock:
            session = self._session
            if session is not None:
                ends = session.connection.expires_at
                if ends is not None and ends - self._now() <= RENEW_BEFORE:
                    self._session = None
            if self._session is None:
                if session is not None:
                    self._retire(session)
                self._session = _open_session(self._connect(), self._deadline)
            self._session.users += 1
            return self._session

    def _give_back(self, session: _Session) -> None:
        with self._lock:
            session.users -= 1
            last = session.retired and not session.users
        if last:
            session.client.close()

    def _retire(self, session: _Session) -> None:
        """Closes a session that nobody borrows any more, now or when its last call has ended.

        Never before: when a call goes on to use a socket that was closed under it, the number of the socket
        may be another connection's.
        """
        with self._lock:
            last = not session.retired and not session.users
            session.retired = True
        if last:
            session.client.close()


@dataclass
class _Session:
    """An open connection. Its fields are changed under the client's lock."""

    connection: Connection
    client: Client
    transport: _Transport
    users: int = 0
    retired: bool = False


class _Until(local):
    """The end of the call that runs in this thread, by the monotonic clock."""

    at: float = float("inf")


class _Transport(httpx2.HTTPTransport):
    """HTTPS that expects a certificate for a given name, which lightkube has no setting for.

    A call whose deadline is over ends at the next piece of an answer: nobody waits for it.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str, proxy: httpx2.Proxy | None) -> None:
        super().__init__(verify=context, trust_env=False, proxy=proxy)
        self._server_name = server_name
        self.until = _Until()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._server_name:
            request.extensions = {**request.extensions, "sni_hostname": self._server_name}
        response = super().handle_request(request)
        response.stream = _TimedStream(cast(httpx2.SyncByteStream, response.stream), self.until.at)
        return response


class _TimedStream(httpx2.SyncByteStream):
    """An answer that ends in an error once its deadline is over."""

    def __init__(self, stream: httpx2.SyncByteStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def __iter__(self) -> Iterator[bytes]:
        for part in self._stream:
            if time.monotonic() > self._until:
                raise httpx2.ReadTimeout("the deadline of the call is over")
            yield part

    def close(self) -> None:
        self._stream.close()


def _open_session(connection: Connection, deadline: float) -> _Session:
    _ = connection.host  # raises for a URL that is none
    token = connection.token.reveal().decode(errors="replace")
    transport = _Transport(tls_context(connection), connection.server_name, _read_proxy(connection))
    # The transport alone decides whom to trust. lightkube makes a second TLS context, which nothing uses
    # (the transport has the proxy, too); "insecure" keeps it from reading the system's authorities.
    cluster = Cluster(server=connection.server, insecure=True)
    config = KubeConfig.from_one(cluster=cluster, user=User(token=token or None))
    client = Client(
        config=config.get(), timeout=httpx2.Timeout(deadline), trust_env=False, transport=transport
    )
    return _Session(connection, client, transport)


def _read_proxy(connection: Connection) -> httpx2.Proxy | None:
    if not connection.proxy:
        return None
    try:
        named = connection.proxy if "://" in connection.proxy else f"http://{connection.proxy}"  # as Go
        proxy = httpx2.Proxy(named)
        usable = proxy.url.scheme in ("http", "https") and bool(proxy.url.host)
    except (httpx2.InvalidURL, ValueError):
        usable = False
    if not usable:  # not told in full: it may hold a password
        raise UsageError(
            "the proxy for the API server is not an HTTP proxy",
            where=connection.server,
            remedy="give HTTPS_PROXY, or proxy-url in the kubeconfig, as http://host:port",
        )
    return proxy


def _translate_status(what: str, status: int, connection: Connection) -> KubernetesError:
    if status == 401:
        return KubernetesDenied(
            f"the API server does not accept our credentials ({status})",
            where=connection.server,
            remedy="have the keys been rotated, or has the kubeconfig's certificate or token ended?",
        )
    if status == 403:
        return KubernetesDenied(
            f"the API server does not permit us to {what} ({status})",
            where=connection.server,
            remedy="use the state store's administrator (without --use-kubeconfig), or grant the permission",
        )
    return KubernetesError(
        f"the API server could not {what}: status {status}",
        where=connection.server,
        remedy="look at the log of kube-apiserver on the control-plane nodes, and at etcd",
    )


def _translate_transport(what: str, error: httpx2.TransportError, connection: Connection) -> KubernetesError:
    causes = list(_walk_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return KubernetesCertificateError(
                f"the server's certificate is not the cluster's: {cause.verify_message}",
                where=connection.server,
                remedy="is this the right server, and has the cluster's certificate authority been rotated?",
            )
        if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or ""):
            return KubernetesCertificateError(
                f"the server does not accept our certificate ({cause.reason})",
                where=connection.server,
                remedy="has the keyset kubernetes-ca been rotated since the server started?",
            )
    unreached = any(isinstance(cause, socket.gaierror | ConnectionRefusedError) for cause in causes)
    if connection.proxy and (unreached or isinstance(error, httpx2.ProxyError)):
        return KubernetesUnreachable(
            f"the proxy for the API server can't be used: {error}",
            where=connection.server,
            remedy="look at HTTPS_PROXY and NO_PROXY, or at proxy-url in the kubeconfig",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return KubernetesUnreachable(
            "the name of the API server does not resolve",
            where=connection.server,
            remedy="has the cluster been applied, and its DNS record been made? or name it with --api-server",
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return KubernetesUnreachable(
            "the API server refuses the connection",
            where=connection.server,
            remedy="is kube-apiserver running on the control-plane nodes? it takes minutes after they start",
        )
    return KubernetesUnreachable(
        f"the connection to the API server broke while it was to {what}: {error}",
        where=connection.server,
        remedy="try again; if it stays, look at the control-plane nodes, the load balancer and the network",
    )


def _walk_causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__
