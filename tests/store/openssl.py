"""Checks keys and certificates with the ``openssl`` command."""

from __future__ import annotations

import subprocess
from pathlib import Path


def openssl(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=False)


def text_of(certificate: bytes) -> str:
    done = openssl("x509", "-noout", "-text", "-nameopt", "RFC2253", stdin=certificate)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def verifies(leaf: bytes, bundle: bytes, folder: Path, purpose: str = "sslclient") -> bool:
    """Whether a certificate is valid for a purpose with these trusted authorities."""
    authorities, certificate = folder / "bundle.pem", folder / "leaf.pem"
    authorities.write_bytes(bundle)
    certificate.write_bytes(leaf)
    done = openssl(
        "verify", "-x509_strict", "-no-CApath", "-no-CAstore", "-auth_level", "1",
        "-purpose", purpose, "-CAfile", str(authorities), str(certificate),
    )  # fmt: skip
    return done.returncode == 0


def belong_together(certificate: bytes, private_key: bytes) -> bool:
    of_certificate = openssl("x509", "-noout", "-pubkey", stdin=certificate)
    of_key = openssl("pkey", "-pubout", stdin=private_key)
    assert of_key.returncode == 0, of_key.stderr.decode()
    return of_certificate.stdout == of_key.stdout
