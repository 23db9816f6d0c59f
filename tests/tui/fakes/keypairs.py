"""A cluster's keypairs in the middle of a rotation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta

from kops_core.engine.credentials.keypairs import KeypairChange, KeypairSummary
from kops_core.errors import Refused
from kops_core.store.pem import CertificateFacts
from tests.tui.fakes.documents import (
    NOW,
)


def keypair(keyset: str, days: int, state: str, *, numbered: bool = True) -> KeypairSummary:
    """A keypair that was made so many days ago, as a rotation leaves it."""
    made = NOW - timedelta(days=days)
    serial = int(made.timestamp()) * 10**9 << 32
    subject = f"SERIALNUMBER={serial},CN={keyset}" if numbered else f"CN={keyset}"
    fingerprint = hashlib.sha256(f"{keyset}{serial}".encode()).digest().hex(":").upper()
    facts = CertificateFacts(
        subject, subject, (), True, serial, made, made + timedelta(days=3650), 2048, fingerprint
    )
    distrusted_at = NOW - timedelta(days=1) if state == "distrusted" else None
    return KeypairSummary(keyset, str(serial), state, distrusted_at, True, facts)


KEYPAIRS = (
    keypair("apiserver-aggregator-ca", 900, "primary", numbered=False),
    keypair("etcd-clients-ca", 3500, "primary", numbered=False),
    keypair("etcd-manager-ca-events", 3700, "primary", numbered=False),
    keypair("kubernetes-ca", 900, "distrusted", numbered=False),
    keypair("kubernetes-ca", 30, "primary"),
    keypair("service-account", 900, "primary", numbered=False),
    keypair("service-account", 2, "trusted"),
)


class FakeKeypairs:
    """A cluster's keypairs in the middle of a rotation."""

    def summaries(self, *, distrusted: bool) -> Sequence[KeypairSummary]:
        return [each for each in KEYPAIRS if distrusted or each.state != "distrusted"]

    def create(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        raise Refused("the fake engine rotates no keys")

    def promote(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        raise Refused("the fake engine rotates no keys")

    def distrust(self, keyset: str, tell: Callable[[KeypairChange], None], /) -> None:
        raise Refused("the fake engine rotates no keys")
