"""An API server on loopback: HTTPS with the cluster's own authority, client certificates required, lists in
pages; and faults that tests turn on.

It behaves as kube-apiserver where clients can tell: ``limit`` and ``continue``, a Status object with each
refusal, 401 for a caller without a certificate or token.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from kops_core.store.certificates import new_keyset
from kops_core.store.keysets import Keyset

Json = dict[str, object]
Fault = Callable[["Handler"], bool]
"""Answers a request instead of the server; False if it leaves that to it."""


@cache
def authority(name: str = "kubernetes-ca") -> Keyset:
    """A cluster's authority; one for all tests, for keys take time."""
    return new_keyset(name, datetime.now(UTC), key_size=2048)


def server_certificate(keyset: Keyset, names: Sequence[str]) -> bytes:
    """A server's certificate and key in one PEM, as nodeup issues them."""
    item = keyset.primary
    assert item.private_key is not None
    signer = x509.load_pem_x509_certificate(item.certificate)
    signing = serialization.load_pem_private_key(item.private_key.reveal(), None)
    assert isinstance(signing, rsa.RSAPrivateKey)
    key = rsa.generate_private_key(65537, 2048)
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes-master")]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ip_address(each)) if each[0].isdigit() else x509.DNSName(each)
                    for each in names
                ]
            ),
            critical=False,
        )
        .sign(signing, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@dataclass
class ApiServer:
    """A server that runs: what it knows, and what it was asked."""

    url: str
    lists: dict[str, list[Json]] = field(default_factory=dict)
    """Path of a list -> its objects."""
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Each request: user name and path with query."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """Bearer tokens -> names of users."""
    release: threading.Event = field(default_factory=threading.Event)
    """Ends what a fault keeps waiting."""

    def has(self, nodes: Sequence[Json], pods: Sequence[Json]) -> None:
        """Sets the nodes and pods."""
        self.lists = {"/api/v1/nodes": list(nodes), "/api/v1/pods": list(pods)}
        for pod in pods:
            metadata = pod["metadata"]
            assert isinstance(metadata, dict)
            path = f"/api/v1/namespaces/{metadata['namespace']}/pods"
            self.lists.setdefault(path, []).append(pod)


class Handler(BaseHTTPRequestHandler):
    """Answers requests."""

    protocol_version = "HTTP/1.1"
    api: ApiServer

    body: bytes = b""

    def do_POST(self) -> None:
        """Left to faults."""
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.api.asked.append(f"{self.command} {self.path}")
        if not any(fault(self) for fault in list(self.api.faults)):
            self.refuse(405, "only lists can be read")

    do_PATCH = do_POST

    def do_GET(self) -> None:
        """Lists."""
        assert isinstance(self.connection, ssl.SSLSocket)
        peer = self.connection.getpeercert() or {}
        subject = dict(cast(tuple[str, str], pair) for part in peer.get("subject", ()) for pair in part)
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        user = str(subject.get("commonName") or self.api.tokens.get(bearer, ""))
        self.api.asked.append(f"{user} {self.path}")
        for fault in list(self.api.faults):
            if fault(self):
                return
        if not user:
            self.refuse(401, "Unauthorized")
            return
        where = urlsplit(self.path)
        found = self.api.lists.get(where.path)
        if found is None:
            self.refuse(404, "the server could not find the requested resource")
            return
        query = parse_qs(where.query)
        start = int(query.get("continue", ["0"])[0])
        end = start + int(query.get("limit", [str(len(found))])[0])
        metadata: Json = {"resourceVersion": "7"}
        if end < len(found):
            metadata |= {"continue": str(end), "remainingItemCount": len(found) - end}
        self.answer(
            200, {"kind": "List", "apiVersion": "v1", "metadata": metadata, "items": found[start:end]}
        )

    def refuse(self, status: int, message: str) -> bool:
        """A Status object. True, as a fault answers."""
        return self.answer(
            status,
            {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": status},
        )

    def answer(self, status: int, body: Json) -> bool:
        """Sends JSON."""
        return self.send(status, json.dumps(body).encode())

    def send(self, status: int, text: bytes, *, kind: str = "application/json") -> bool:
        """Sends a body; without a content type if that is empty."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class' name
        """Nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, handler: type[Handler], context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self._context = context

    def finish_request(self, request: object, client_address: object) -> None:
        """The handshake, in the request's own thread."""
        import socket

        assert isinstance(request, socket.socket)
        try:
            with self._context.wrap_socket(request, server_side=True) as secured:
                self.RequestHandlerClass(secured, client_address, self)  # type: ignore[arg-type]
        except OSError:
            pass  # the client went away, or did not like the certificate: it tells

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: faults break connections."""


@contextmanager
def api_server(
    folder: Path,
    *,
    keyset: Keyset | None = None,
    names: Sequence[str] = ("127.0.0.1",),
    clients: Keyset | None = None,
    anonymous: bool = False,
) -> Iterator[ApiServer]:
    """A server that runs during a block.

    keyset: the authority that signs its certificate. clients: the one that it trusts clients by.
    anonymous: whether a client may come without a certificate.
    """
    signer = keyset or authority()
    pem = folder / "server.pem"
    pem.write_bytes(server_certificate(signer, names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.load_verify_locations(cadata=(clients or signer).certificates.decode())
    context.verify_mode = ssl.CERT_OPTIONAL if anonymous else ssl.CERT_REQUIRED
    handler = type("BoundHandler", (Handler,), {})
    server = _Server(handler, context)
    api = ApiServer(f"https://127.0.0.1:{server.server_address[1]}")
    handler.api = api  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
