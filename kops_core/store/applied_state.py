"""The applied state: a record of the last apply of a cluster, in ``.kops-tui/<cluster>/applied.json``.

It names the completed spec that was applied: if another program has applied the cluster since, the record
is stale and not used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from kops_core.api.json_text import read_json
from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend
from kops_core.store.layout import ours
from kops_core.store.records import reading_record

FILE: Final = "applied.json"


@dataclass(frozen=True)
class AppliedRecord:
    """The record of an apply."""

    at: datetime
    by: str
    completed: str
    """SHA-256 of the completed spec that was stored."""
    fingerprints: Mapping[str, Mapping[str, str]]
    created: str = ""
    """``creationTimestamp`` of the cluster; "" in records of earlier versions."""
    program: str = ""
    """The version of this program; "" in records of earlier versions."""


def completed_digest(text: str) -> str:
    """The digest of a completed spec for ``AppliedRecord.completed``."""
    return hashlib.sha256(text.encode()).hexdigest()


def write_applied(backend: Backend, cluster: str, record: AppliedRecord) -> None:
    """Stores a record in place of the last one. Raises StoreError."""
    content = {
        "at": record.at.isoformat(),
        "by": record.by,
        "completed": record.completed,
        "created": record.created,
        "fingerprints": record.fingerprints,
        "program": record.program,
    }
    backend.put(ours(cluster, FILE), json.dumps(content, sort_keys=True).encode())


def recorded_at(backend: Backend, cluster: str) -> datetime | None:
    """When the record was stored; None if there is none. Raises StoreError."""
    try:
        return backend.read(ours(cluster, FILE)).modified
    except ObjectNotFound:
        return None


def read_applied(backend: Backend, cluster: str) -> AppliedRecord | None:
    """The record; None if there is none. Raises StoreError, also for a damaged one."""
    try:
        stored = backend.read(ours(cluster, FILE))
    except ObjectNotFound:
        return None
    with reading_record(
        "the record of the last apply is damaged", where=stored.key, remedy="the next apply writes it anew"
    ):
        content: Any = read_json(stored.data)
        return AppliedRecord(
            datetime.fromisoformat(content["at"]),
            str(content["by"]),
            str(content["completed"]),
            {
                str(key): {str(name): str(digest) for name, digest in fields.items()}
                for key, fields in content["fingerprints"].items()
            },
            str(content.get("created", "")),
            str(content.get("program", "")),
        )
