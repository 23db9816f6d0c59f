"""What is needed to reach an API server as somebody, and the TLS settings that follow from it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from kops_core.errors import KubernetesCertificateError, UsageError
from kops_core.store.secret import Secret


@dataclass(frozen=True)
class Connection:
    """An API server and the credentials of the caller."""

    server: str
    """URL."""
    server_name: str = ""
    """The name that its certificate has to have; "" for the host of the URL."""
    authorities: bytes = b""
    """Certificate authorities, PEM; empty for those of the system."""
    insecure: bool = False
    """Accept any certificate: only because the operator's kubeconfig says so."""
    certificate: bytes = b""
    """Client certificate, PEM; empty for none."""
    private_key: Secret = field(default=Secret(b""), repr=False)
    """Its key, PEM."""
    token: Secret = field(default=Secret(b""), repr=False)
    """A bearer token; empty for none."""
    proxy: str = ""
    """URL of the proxy to go through; "" for none."""
    expires_at: datetime | None = None
    """When the credentials end; None if they don't say."""

    @property
    def host(self) -> str:
        """The host of the server. Raises UsageError for a URL that is none."""
        try:
            parts = urlsplit(self.server)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.scheme not in ("https", "http"):
            raise UsageError(
                "this is not the URL of an API server",
                where=self.server,
                remedy="give one such as https://api.example.com",
            )
        return host


def find_proxy(environment: Mapping[str, str], host: str) -> str:
    """The proxy that the environment names for HTTPS to a host, as kubectl and kOps read it; "" for none."""
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    proxy = environment.get("HTTPS_PROXY") or environment.get("https_proxy") or ""
    if not proxy or host == "localhost" or _is_loopback(host):
        return ""
    exceptions = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    return "" if proxy_bypass_environment(host, {"no": exceptions}) else proxy


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


Connect = Callable[[], Connection]
"""Yields a connection with new credentials; I/O. Raises KopsError."""


def tls_context(connection: Connection) -> ssl.SSLContext:
    """TLS for a connection. Raises KubernetesCertificateError for certificates that are none.

    OpenSSL reads a client's certificate and key from a file alone: it is in a private folder, readable by the
    operator, while it is being read.
    """
    try:
        context = ssl.create_default_context(cadata=connection.authorities.decode("ascii") or None)
        # Go's clients do not check these rules of RFC 5280, and authorities of old clusters break them.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if connection.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if connection.certificate:
            with TemporaryDirectory(prefix="kops-tui-") as folder:
                file = Path(folder) / "client.pem"
                with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as pem:
                    pem.write(connection.certificate + b"\n" + connection.private_key.reveal())
                # Without a password OpenSSL would ask for one at the terminal if the key is encrypted.
                context.load_cert_chain(file, password=b"")
    except (ssl.SSLError, UnicodeDecodeError) as error:
        reason = error.reason if isinstance(error, ssl.SSLError) else ""
        raise KubernetesCertificateError(
            f"the certificates for this server can't be read{f' ({reason})' if reason else ''}",
            where=connection.server,
            remedy="check those of the kubeconfig, or of the keyset kubernetes-ca in the state store",
        ) from None
    return context
