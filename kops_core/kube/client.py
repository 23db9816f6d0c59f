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
from lightkube.models import core_v1 as models
from lightkube.resources import core_v1 as resources

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
from kops_core.kube.ports import TRUE, UNKNOWN, Node, Pod

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
            lambda client: tuple(_to_node(each) for each in client.list(resources.Node, chunk_size=_AT_ONCE)),
        )

    def pods(self, namespace: str = "") -> tuple[Pod, ...]:
        """As KubernetesApi says."""
        return self._call(
            "list the pods",
            lambda client: tuple(
                _to_pod(each)
                for each in client.list(resources.Pod, namespace=namespace or "*", chunk_size=_AT_ONCE)
            ),
        )

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


def _to_node(found: models.Node) -> Node:
    metadata, spec, status = found.metadata, found.spec, found.status
    conditions = {each.type: each for each in (status.conditions if status else None) or ()}
    ready, network = conditions.get("Ready"), conditions.get("NetworkUnavailable")
    return Node(
        name=(metadata.name if metadata else None) or "",
        provider_id=(spec.providerID if spec else None) or "",
        labels=dict((metadata.labels if metadata else None) or {}),
        ready=ready.status if ready else UNKNOWN,
        ready_since=ready.lastTransitionTime if ready else None,
        ready_message=(ready.message if ready else None) or "",
        network_unavailable=network is not None and network.status == TRUE,
        unschedulable=bool(spec and spec.unschedulable),
    )


def _to_pod(found: models.Pod) -> Pod:
    metadata, spec, status = found.metadata, found.spec, found.status
    containers = (status.containerStatuses if status else None) or ()
    conditions = {each.type: each for each in (status.conditions if status else None) or ()}
    ready, scheduled = conditions.get("Ready"), conditions.get("PodScheduled")
    waiting = [
        each.state.waiting.reason
        for each in containers
        if not each.ready and each.state and each.state.waiting and each.state.waiting.reason
    ]
    unscheduled = scheduled.message if scheduled and scheduled.status != TRUE else None
    return Pod(
        namespace=(metadata.namespace if metadata else None) or "",
        name=(metadata.name if metadata else None) or "",
        node=(spec.nodeName if spec else None) or "",
        labels=dict((metadata.labels if metadata else None) or {}),
        priority_class=(spec.priorityClassName if spec else None) or "",
        phase=(status.phase if status else None) or UNKNOWN,
        unready=tuple(each.name for each in containers if not each.ready),
        reason=", ".join(dict.fromkeys(waiting)) or unscheduled or (status.reason if status else None) or "",
        since=(ready.lastTransitionTime if ready else None)
        or (metadata.creationTimestamp if metadata else None),
    )
