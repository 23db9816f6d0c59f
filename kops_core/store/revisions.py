"""Revisions: a cluster's specs before each write, with author and purpose.

A revision is stored at ``.kops-tui/<cluster>/revisions/<id>.json`` before anything is written, so it may
also be of a write that failed. Only specs are kept: no keys, no secrets.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from kops_core.api.json_text import read_json
from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend
from kops_core.store.identity import created_in
from kops_core.store.layout import CONFIG, ours
from kops_core.store.records import reading_record

_ID_TIME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Revision:
    """One write of a cluster's specs."""

    id: str
    """Sorts by time."""
    at: datetime
    """When (UTC)."""
    by: str
    """The author, e.g. ``ann@laptop``."""
    what: str
    """The purpose, e.g. ``edit instance group nodes``."""
    before: Mapping[str, str] = field(repr=False)
    """Every spec of the cluster before the write: key below the cluster's folder -> text."""
    wrote: Mapping[str, str] = field(repr=False)
    """The objects to be written: key -> SHA-256 of the content, ``""`` for a deletion."""
    created: str = ""
    """``creationTimestamp`` of the cluster after the write; "" in records of earlier versions."""
    command: str = ""
    """The command line that wrote it; "" if it was none, or in records of earlier versions."""

    @property
    def created_before(self) -> str:
        """``creationTimestamp`` of the cluster before the write; "" if it had none."""
        return created_in(self.before.get(CONFIG, ""))


def digest(data: bytes) -> str:
    """The digest of a content for ``Revision.wrote``."""
    return hashlib.sha256(data).hexdigest()


class Revisions:
    """The revisions of one cluster.

    ``created`` is its ``creationTimestamp``: revisions of an earlier cluster of the same name are ignored.
    """

    def __init__(self, backend: Backend, cluster: str, created: str = "") -> None:
        self._backend = backend
        self._created = created
        self._folder = ours(cluster, "revisions")

    def record(
        self,
        *,
        at: datetime,
        by: str,
        what: str,
        before: Mapping[str, bytes],
        after: Mapping[str, bytes | None],
        command: str = "",
    ) -> Revision:
        """Stores a revision; ``after``: the objects about to be written (None: deleted)."""
        at = at.astimezone(UTC)
        revision = Revision(
            id=f"{at.strftime(_ID_TIME)}-{secrets.token_hex(3)}",
            at=at,
            by=by,
            what=what,
            before={key: data.decode(errors="replace") for key, data in before.items()},
            wrote={key: digest(data) if data is not None else "" for key, data in after.items()},
            created=created_in((after.get(CONFIG) or before.get(CONFIG, b"")).decode(errors="replace")),
            command=command,
        )
        content = {
            "at": at.isoformat(),
            "by": by,
            "what": what,
            "before": dict(revision.before),
            "wrote": dict(revision.wrote),
            "created": revision.created,
            "command": command,
        }
        self._backend.create(self._key(revision.id), json.dumps(content, indent=1, sort_keys=True).encode())
        return revision

    def ids(self) -> list[str]:
        """The revisions' ids, newest first."""
        names = (child.name for child in self._backend.children(self._folder))
        return sorted((name.removesuffix(".json") for name in names if name.endswith(".json")), reverse=True)

    def newest_first(self) -> Iterator[Revision]:
        """Reads the revisions of this cluster one by one as the iterator advances."""
        created = self._created
        for one in self.ids():
            revision = self.read(one)
            left = revision.created or revision.created_before
            if created and left and left != created:
                return
            yield revision
            created = revision.created_before or created

    def read(self, revision: str) -> Revision:
        """Raises ObjectNotFound, or StoreError if the record is damaged."""
        stored = self._backend.read(self._key(revision))
        with reading_record("the record of this revision is damaged", where=stored.key):
            content: Any = read_json(stored.data)
            return Revision(
                id=revision,
                at=datetime.fromisoformat(content["at"]),
                by=str(content["by"]),
                what=str(content["what"]),
                before={str(key): str(text) for key, text in content["before"].items()},
                wrote={str(key): str(text) for key, text in content["wrote"].items()},
                created=str(content.get("created", "")),
                command=str(content.get("command", "")),
            )

    def author_of(self, key: str, data: bytes | None, *, look_back: int = 20) -> Revision | None:
        """The newest of the last revisions that wrote this content to a key (None: deleted it)."""
        wanted = digest(data) if data is not None else ""
        for one in self.ids()[:look_back]:
            try:
                revision = self.read(one)
            except ObjectNotFound:
                continue
            if revision.wrote.get(key) == wanted:
                return revision
        return None

    def _key(self, revision: str) -> str:
        return f"{self._folder}/{revision}.json"
