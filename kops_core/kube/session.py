"""Open connections to an API server: made with new credentials in time, and closed when nobody uses them."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, local
from typing import Final, cast

import httpx2
from lightkube import Client, KubeConfig
from lightkube.config.models import Cluster, User

from kops_core.errors import UsageError
from kops_core.kube.connection import Connect, Connection, tls_context
from kops_core.store.fence import expect_held

RENEW_BEFORE: Final = timedelta(minutes=5)
"""Credentials that end sooner than this are renewed before the next call."""


class Sessions:
    """The session of a client, lent to its calls. Safe to use from several threads."""

    def __init__(self, connect: Connect, *, now: Callable[[], datetime], deadline: float) -> None:
        self._connect = connect
        self._now = now
        self._deadline = deadline
        self._lock = Lock()
        """Held for moments only, never during I/O."""
        self._connecting = Lock()
        """Held by the one who connects."""
        self._session: Session | None = None

    def close(self) -> None:
        """Closes the connections once the calls under way have ended; the next use opens new ones."""
        with self._lock:
            session, self._session = self._session, None
        if session is not None:
            self._retire(session)

    def borrow(self) -> Session:
        """I/O. The session, which stays open until it is given back. Raises what the connection raises."""
        if (found := self._lend()) is not None:
            return found
        with self._connecting:
            if (found := self._lend()) is not None:
                return found  # of a thread that was faster
            made = _open(self._connect(), self._deadline)
            made.users = 1
            with self._lock:
                before, self._session = self._session, made
        if before is not None:
            self._retire(before)
        return made

    def _lend(self) -> Session | None:
        """The open session, if its credentials do not end soon."""
        with self._lock:
            session = self._session
            if session is None:
                return None
            ends = session.connection.expires_at
            if ends is not None and ends - self._now() <= RENEW_BEFORE:
                return None
            session.users += 1
            return session

    def give_back(self, session: Session) -> None:
        """Ends the use of a session."""
        with self._lock:
            session.users -= 1
            last = session.retired and not session.users
        if last:
            session.client.close()

    def _retire(self, session: Session) -> None:
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
class Session:
    """An open connection. Its fields are changed under the lock of Sessions."""

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

    A call whose deadline is over ends at the next piece of an answer: nobody waits for it. A change is sent
    only while the operation's fence holds.
    """

    def __init__(self, context: ssl.SSLContext, server_name: str, proxy: httpx2.Proxy | None) -> None:
        super().__init__(verify=context, trust_env=False, proxy=proxy)
        self._server_name = server_name
        self.until = _Until()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._server_name:
            request.extensions = {**request.extensions, "sni_hostname": self._server_name}
        if request.method != "GET":
            expect_held()  # last: nobody who has lost the cluster's lock changes it
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


def _open(connection: Connection, deadline: float) -> Session:
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
    return Session(connection, client, transport)


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
