"""The history of one cluster's specs: every write, what was before it, and going back to it.

Writes of this program are revisions. Those of other programs, kOps among them, are seen where the bucket
keeps versions of objects. Backups were made before each apply, and hold keysets and secrets, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from kops_core.api.values import Tree
from kops_core.engine.operations.cluster_lock import expect_current
from kops_core.engine.workspace.draft import CLUSTER, documents_of
from kops_core.errors import ObjectNotFound, UsageError
from kops_core.operations.clock import CancelToken
from kops_core.store.backups import Backup, ClusterBackups
from kops_core.store.codec import decode
from kops_core.store.conflict import differences
from kops_core.store.layout import CONFIG, INSTANCE_GROUPS, instance_group
from kops_core.store.listing import THREADS
from kops_core.store.revisions import Revision, digest
from kops_core.store.s3_versions import ObjectVersion, Versioned

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.store.reading import StoredCluster
    from kops_core.store.state import StateStore

RESTORE: Final = "restore"
"""Kind of the operation, as locks name it."""
_LOOKED_AT: Final = 50
"""Versions that are read to tell which writes were another program's."""


@dataclass(frozen=True)
class SpecWrite:
    """A write of a cluster's specs, or a backup of them: a moment that can be gone back to."""

    id: str
    at: datetime
    by: str
    """``user@host``; "" for another program's."""
    what: str
    command: str = ""
    """The command line, if it was one of this program's."""
    backup: bool = False


class SpecHistory:
    """The history of one cluster's specs. Every method is I/O and raises StoreError."""

    def __init__(self, services: ClusterServices, location: ClusterLocation) -> None:
        self._services = services
        self._location = location
        self._store: StateStore = location.store
        self._name = location.name

    def writes(self) -> list[SpecWrite]:
        """All writes and backups, the newest first."""
        revisions = list(self._store.revisions(self._name).newest_first())
        rows = [SpecWrite(each.id, each.at, each.by, each.what, each.command) for each in revisions]
        rows += [
            SpecWrite(_foreign_id(each), each.at, "", _foreign_what(each))
            for each in self._foreign(revisions)
        ]
        rows += [
            SpecWrite(each.id, each.at, each.by, f"backup before {each.why}", backup=True)
            for each in self._backups().newest_first()
            if not self._location.created or each.created == self._location.created
        ]
        return sorted(rows, key=lambda row: row.at, reverse=True)

    def before(self, write: str) -> dict[str, Tree]:
        """The documents as they were before a write, or when a backup was made. Raises ObjectNotFound."""
        backups = self._backups()
        if "@" in write:
            return self._before_version(write)
        try:
            texts: Mapping[str, bytes] = {
                key: text.encode()
                for key, text in self._store.revisions(self._name).read(write).before.items()
            }
        except ObjectNotFound:
            found = backups.read(write)
            texts = {key: backups.content(found, key) for key in found.copies if _is_spec(key)}
        return _documents(texts, write)

    def differences(self, write: str, until: str = "") -> list[str]:
        """The fields that differ between the specs before a write and before another, a line each.

        until: the other write; "" for what is stored now. Raises ObjectNotFound.
        """
        after = self.before(until) if until else documents_of(self._stored())
        return document_differences(self.before(write), after)

    def restore(self, write: str, *, prune_groups: bool = False) -> list[str]:
        """Stores the specs as they were before a write; the differences to those that were there.

        Instance groups that were deleted since come back; those that were created since stay, unless
        prune_groups. Raises Refused if the session is read-only, LockHeld, InvalidSpec.
        """
        self._services.expect_write("restore specs")
        documents = self.before(write)
        cluster = documents.pop(CLUSTER, None)
        if cluster is None:
            raise UsageError("there was no cluster before that", where=write)
        with self._services.locked(RESTORE, self._location, CancelToken(), lambda _: None):
            stored = self._stored()
            groups = documents if prune_groups else {**stored.instance_groups, **documents}
            after = self._store.replace(
                stored, cluster=cluster, instance_groups=groups, what=f"restore what was before {write}"
            )
        return document_differences(documents_of(stored), documents_of(after))

    def restore_keys(self, backup: str) -> list[str]:
        """Writes the keysets and secrets of a backup back, under the cluster's lock; the keys that changed.

        Raises Refused if the session is read-only, LockHeld, ObjectNotFound.
        """
        self._services.expect_write("restore keysets and secrets")
        backups = self._backups()
        found = backups.read(backup)
        with self._services.locked(RESTORE, self._location, CancelToken(), lambda _: None):
            expect_current(self._store, self._stored())
            return backups.restore_private(found)

    def _stored(self) -> StoredCluster:
        return self._store.read_cluster(self._name)

    def _backups(self) -> ClusterBackups:
        return self._services.backups(self._location)

    def _foreign(self, revisions: Sequence[Revision]) -> Iterator[ObjectVersion]:
        """The versions that no revision of this program accounts for, but the first of each object."""
        backend = self._store.backend
        if not isinstance(backend, Versioned):
            return
        own = {(key, sha) for each in revisions for key, sha in each.wrote.items()}
        oldest: dict[str, ObjectVersion] = {}
        found = self._spec_versions(backend)
        for version in found:
            oldest[version.key] = version
        later = [each for each in found if each != oldest[each.key]][:_LOOKED_AT]

        def content(version: ObjectVersion) -> str:
            return "" if version.deleted else digest(backend.read_version(version))

        with ThreadPoolExecutor(THREADS, thread_name_prefix="versions") as pool:
            for version, sha in zip(later, pool.map(content, later), strict=True):
                if (version.key.removeprefix(f"{self._name}/"), sha) not in own:
                    yield version

    def _spec_versions(self, backend: Versioned) -> list[ObjectVersion]:
        """The versions of the cluster's specs, the newest first."""
        return sorted(
            (
                each
                for each in backend.versions(self._name)
                if _is_spec(each.key.removeprefix(f"{self._name}/"))
            ),
            key=lambda each: each.at,
            reverse=True,
        )

    def _before_version(self, write: str) -> dict[str, Tree]:
        backend = self._store.backend
        versions = self._spec_versions(backend) if isinstance(backend, Versioned) else []
        chosen = next((each for each in versions if _foreign_id(each) == write), None)
        if chosen is None or not isinstance(backend, Versioned):
            raise ObjectNotFound(
                f"there is no version {write}", where=self._name, remedy="list them with: kops-tui history"
            )
        last: dict[str, ObjectVersion] = {}
        for each in versions:
            if each.at < chosen.at:
                last.setdefault(each.key, each)
        texts = {
            key.removeprefix(f"{self._name}/"): backend.read_version(each)
            for key, each in last.items()
            if not each.deleted
        }
        return _documents(texts, write)


def make_backup(
    services: ClusterServices, location: ClusterLocation, stored: StoredCluster, why: str
) -> Backup:
    """I/O. Backs up what is stored of a cluster, under the caller's lock. Raises StoreError."""
    return services.backups(location).make(
        stored.objects, at=services.now(), by=services.settings.operator, why=why, created=location.created
    )


def document_differences(before: Mapping[str, Tree], after: Mapping[str, Tree]) -> list[str]:
    """The fields in which documents differ, as ``object path: before -> after``; by object name."""
    found = []
    for name in sorted({*before, *after}):
        kind = "cluster" if name == CLUSTER else f"instance group {name}"
        if name not in after:
            found.append(f"- {kind}")
        elif name not in before:
            found.append(f"+ {kind}")
        else:
            found += [
                f"~ {kind} {each}"
                for each in differences(before[name], after[name])
                if not each.startswith(("metadata.generation:", "metadata.creationTimestamp:"))
            ]
    return found


def _documents(texts: Mapping[str, bytes], source: str) -> dict[str, Tree]:
    return {
        CLUSTER if key == CONFIG else key.rpartition("/")[2]: decode(text, f"{source}: {key}")[0].tree
        for key, text in texts.items()
        if _is_spec(key)
    }


def _is_spec(key: str) -> bool:
    return key == CONFIG or key.startswith(instance_group(""))


def _foreign_id(version: ObjectVersion) -> str:
    return f"{version.key.rpartition('/')[2]}@{version.id}"


def _foreign_what(version: ObjectVersion) -> str:
    name = version.key.rpartition("/")[2]
    what = f"instance group {name}" if f"/{INSTANCE_GROUPS}/" in version.key else "the cluster's spec"
    return f"another program {'deleted' if version.deleted else 'wrote'} {what}"
