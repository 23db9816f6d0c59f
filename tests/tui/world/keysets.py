"""The keysets of a world's clusters, the same in all of them, in the middle of a rotation: ``keysets.json``.

New keys at each run would change the hashes in plans and fingerprints on screens. They are of no cluster that
exists. ``python -c "from tests.tui.world import keysets; keysets.write()"`` makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from kops_core.store.certificates import new_authority, new_keyset
from kops_core.store.keysets import Keyset, write_keyset
from tests.tui.world.times import BUILT_AT

FILE = Path(__file__).with_name("keysets.json")
_AGES = {
    "apiserver-aggregator-ca": 900,
    "etcd-clients-ca": 3500,
    "etcd-manager-ca-events": 900,
    "etcd-manager-ca-main": 900,
    "etcd-peers-ca-events": 900,
    "etcd-peers-ca-main": 900,
    "kubernetes-ca": 900,
    "service-account": 900,
}
"""Days since each was made; after 3,650 it has expired."""


def made() -> Mapping[str, str]:
    """New keysets: one ends soon, one was rotated, and one has a second keypair that is trusted."""
    keysets = {name: new_keyset(name, BUILT_AT - timedelta(days=days)) for name, days in _AGES.items()}
    rotated = _added(keysets["kubernetes-ca"], 30)
    newest = rotated.items[-1].id
    rotated = rotated.promote(newest).distrust(rotated.items[0].id, BUILT_AT - timedelta(days=1))
    keysets |= {
        "kubernetes-ca": rotated,
        "service-account": _added(keysets["service-account"], 2),
    }
    return {name: write_keyset(each).decode() for name, each in keysets.items()}


def _added(keyset: Keyset, days: int) -> Keyset:
    return keyset.add(new_authority(keyset.name, BUILT_AT - timedelta(days=days), numbered=True))


def recorded() -> Mapping[str, bytes]:
    """The kept keysets, by the key below a cluster's folder."""
    found: dict[str, str] = json.loads(FILE.read_text(encoding="utf-8"))
    return {f"pki/private/{name}/keyset.yaml": text.encode() for name, text in found.items()}


def write() -> None:
    """Make new keysets and keep them."""
    FILE.write_text(json.dumps(made(), indent=1) + "\n", encoding="utf-8")
