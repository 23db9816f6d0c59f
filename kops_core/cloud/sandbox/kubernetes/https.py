"""The HTTPS server of the clusters: one listener for all, and the client's TLS server name says which."""

from __future__ import annotations

import json
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from kops_core.cloud.sandbox.kubernetes.api import Request, Response, Watch, handle
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.refusals import Away, Refusal

ADMINISTRATORS: Final = "system:masters"
_LOOKS_EVERY: Final = 0.1
"""Seconds between two looks of a watch at the cluster."""


@dataclass(frozen=True)
class Served:
    """A cluster and how its server is reached."""

    cluster: Cluster
    context: ssl.SSLContext


Find = Callable[[str], Served | None]
"""From a TLS server name, "" for none, to the cluster that has it."""


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: KubernetesServer

    def __init__(
        self, request: ssl.SSLSocket, client: Any, server: KubernetesServer, cluster: Cluster
    ) -> None:
        self.cluster = cluster
        self.body = b""
        super().__init__(request, client, server)

    def do_GET(self) -> None:
        """Answers any method."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if not self.intercept():
                self._serve()
        except Away:
            self._hang_up()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def intercept(self) -> bool:
        """Answers instead of the cluster, and is true then. For servers that do worse than the faults."""
        return False

    def user(self) -> tuple[str, tuple[str, ...]] | None:
        """The caller and their groups, by the certificate; None for nobody. Tokens are not known."""
        found: dict[str, list[str]] = {}
        certificate: Any = self.connection.getpeercert() or {}
        for ((name, value),) in certificate.get("subject", ()):
            found.setdefault(name, []).append(value)
        names = found.get("commonName")
        return (names[0], tuple(found.get("organizationName", ()))) if names else None

    def _serve(self) -> None:
        user = self.user()
        if user is None:
            nobody = Refusal(401, "Unauthorized", "Unauthorized")
            self.respond(Response(401, nobody.status))
            return
        if ADMINISTRATORS not in user[1]:
            refused = Refusal(403, "Forbidden", f'the user "{user[0]}" may not {self.command} {self.path}')
            self.respond(Response(403, refused.status))
            return
        where = urlsplit(self.path)
        request = Request(
            self.command,
            unquote(where.path),
            dict(parse_qsl(where.query, keep_blank_values=True)),
            self.body,
            self.headers.get("Content-Type") or "application/json",
            self.headers.get("Accept") or "application/json",
        )
        with self.server.lock:
            answer, slow = handle(self.cluster, request), self.cluster.faults.slow
        if slow:
            self.server.stopping.wait(slow)
        if isinstance(answer, Watch):
            self._stream(answer)
        else:
            self.respond(answer)

    def respond(self, answer: Response) -> None:
        """Sends an answer."""
        text = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        kind = "text/plain" if isinstance(answer.body, bytes) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        if answer.retry_after:
            self.send_header("Retry-After", str(answer.retry_after))
        self.end_headers()
        self.wfile.write(text)

    def _stream(self, watch: Watch) -> None:
        """Sends the events of a watch until it ends, the client goes, or the server is away."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        ends = time.monotonic() + watch.seconds
        while time.monotonic() < ends and not self.server.stopping.is_set():
            with self.server.lock:
                self.cluster.advance()
                if not self.cluster.is_serving():
                    raise Away
                events = list(watch.events(self.cluster))
                if events and self.cluster.faults.broken_watches:
                    self.cluster.faults.broken_watches -= 1
                    raise Away
            for each in events:
                line = json.dumps(each).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            if events and events[-1]["type"] == "ERROR":
                break
            if self._has_gone():
                return
        self.wfile.write(b"0\r\n\r\n")

    def _has_gone(self) -> bool:
        """Waits a moment, or until the client ends the connection."""
        if not select.select([self.connection], [], [], _LOOKS_EVERY)[0]:
            return False
        self.connection.settimeout(0)
        try:
            return not self.connection.recv(1)
        except ssl.SSLWantReadError:
            return False
        finally:
            self.connection.settimeout(None)

    def _hang_up(self) -> None:
        """Breaks the connection, as that of a machine that is gone."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        """Nothing."""


class KubernetesServer(ThreadingHTTPServer):
    """Serves on a listener that exists already."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self,
        listener: socket.socket,
        find: Find,
        lock: AbstractContextManager[object],
        handler: type[Handler] = Handler,
    ) -> None:
        """lock: held while a cluster or its account is looked at."""
        super().__init__(listener.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.lock = lock
        self.stopping = threading.Event()
        """Ends watches and slow answers."""
        self._find = find
        self._handler = handler
        self._base = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._base.verify_mode = ssl.CERT_OPTIONAL
        self._base.sni_callback = self._choose
        self._chosen = threading.local()

    def stop(self) -> None:
        """Ends all that is under way, and closes the listener."""
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def _choose(self, connection: Any, name: str | None, base: ssl.SSLContext) -> int | None:
        """The TLS settings for a server name; breaks the connection if no cluster has it."""
        with self.lock:
            served = self._find(name or "")
        if served is None:
            connection.shutdown(socket.SHUT_RDWR)  # an alert would say that a server runs
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = served.context
        self._chosen.cluster = served.cluster
        return None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """The handshake, in the request's own thread."""
        self._chosen.cluster = None
        try:
            with self._base.wrap_socket(request, server_side=True) as secured:
                if self._chosen.cluster is not None:
                    self._handler(secured, client_address, self, self._chosen.cluster)
        except OSError:
            pass  # the client has gone, or did not like the certificate: it tells
