"""The TLS settings of a cluster's API server: a certificate that its authority issues, and clients that the
same authority has issued certificates to."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kops_core.store.keysets import Keyset
from kops_core.store.pem import load_private_key

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName


def server_context(keyset: Keyset, names: Sequence[str], *, clients: Keyset | None = None) -> ssl.SSLContext:
    """TLS for a server of these names and addresses.

    clients: the authority that clients are trusted by, instead of the server's. A client may come without a
    certificate: it is told 401 then.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory(prefix="kops-tui-") as folder:
        pem = Path(folder) / "server.pem"
        pem.touch(0o600)
        pem.write_bytes(_issue(keyset, names))
        context.load_cert_chain(pem)
    context.load_verify_locations(cadata=(clients or keyset).certificates.decode("ascii"))
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _issue(keyset: Keyset, names: Sequence[str]) -> bytes:
    """A certificate and its key in one PEM. An elliptic key, which takes no time to make."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    item = keyset.primary
    if item.private_key is None:
        raise ValueError(f"the keyset {keyset.name} has no private key")
    signer = x509.load_pem_x509_certificate(item.certificate)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]))
        .issuer_name(signer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([_name(each) for each in names]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(load_private_key(item.private_key.reveal(), keyset.name), hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _name(text: str) -> GeneralName:
    from cryptography.x509 import DNSName, IPAddress

    try:
        return IPAddress(ip_address(text))
    except ValueError:
        return DNSName(text)
