"""The backups of one etcd cluster, as etcd-manager keeps them in its backup store, and restores of them.

A backup is the folder ``<time>-<number>`` with the data (``etcd.backup.gz``) and a description
(``_etcd_backup.meta``). A restore is requested by a file below ``control/``, which the leader of the
etcd-managers carries out and removes (etcd-manager: ``pkg/backup``, ``pkg/commands``, ``etcdapi.proto``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from kops_core.api.json_text import read_json
from kops_core.errors import ObjectNotFound, Refused, StoreError
from kops_core.store.backend import Backend

_META: Final = "_etcd_backup.meta"
_DATA: Final = "etcd.backup.gz"
_COMMAND: Final = "_command.json"
_CONTROL: Final = "control"
_SPEC: Final = f"{_CONTROL}/etcd-cluster-spec"
_CREATED: Final = f"{_CONTROL}/etcd-cluster-created"
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)-\d+")


@dataclass(frozen=True)
class EtcdBackup:
    """A backup in the backup store."""

    name: str
    """As etcd-manager names it: ``2026-01-31T10:15:00Z-000012``."""
    at: datetime | None
    """When it was made (UTC), from its name; None if the name tells no time."""
    etcd_version: str = ""
    members: int = 0
    """The number of members that the etcd cluster had."""
    problem: str = ""
    """Why it can't be restored; "" if it can."""


@dataclass(frozen=True)
class StagedRestore:
    """A restore that was requested and that etcd-manager has not carried out."""

    key: str
    """Of its file in the backup store."""
    backup: str
    at: datetime


class EtcdBackups:
    """The backups of one etcd cluster. Every method is I/O and raises StoreError."""

    def __init__(self, backend: Backend, *, now: Callable[[], datetime]) -> None:
        """backend: the root of the etcd cluster's backup store (``spec.etcdClusters[*].backups``)."""
        self._backend = backend
        self._now = now

    @property
    def url(self) -> str:
        """The root of the backup store."""
        return self._backend.url

    def newest_first(self) -> list[EtcdBackup]:
        """All backups, the newest first. Their descriptions are not read; see ``read``."""
        return self._listed(self._backend.keys())

    def _listed(self, found: Iterable[str]) -> list[EtcdBackup]:
        keys = [key.split("/") for key in found]
        complete = {parts[0] for parts in keys if parts[1:] == [_DATA]}
        names = {parts[0] for parts in keys if parts[1:] == [_META]}
        problem = f"it has no data ({_DATA} is missing)"
        return [
            EtcdBackup(name, _time_of(name), problem="" if name in complete else problem)
            for name in sorted(names, reverse=True)
        ]

    def read(self, name: str) -> EtcdBackup:
        """A backup with its description. Raises ObjectNotFound."""
        found = next((each for each in self.newest_first() if each.name == name), None)
        if found is None:
            raise ObjectNotFound(
                f"there is no backup {name}", where=self.url, remedy="list them with: kops-tui etcd backups"
            )
        content = self._read_object(f"{name}/{_META}")
        spec = content.get("clusterSpec")
        members = spec.get("memberCount", 0) if isinstance(spec, dict) else 0
        return EtcdBackup(
            name,
            found.at,
            str(content.get("etcdVersion", "")),
            members if isinstance(members, int) else 0,
            found.problem,
        )

    def staged(self) -> list[StagedRestore]:
        """The restores that were requested and not carried out, in the order in which they will be."""
        found = []
        for key in self._backend.keys(_CONTROL):
            if key.rpartition("/")[2] != _COMMAND:
                continue
            content = self._read_object(key)
            restore = content.get("restoreBackup")
            try:
                at = datetime.fromtimestamp(int(str(content.get("timestamp", 0))) / 1e9, UTC)
            except (ValueError, OverflowError, OSError) as error:
                raise StoreError("the command of etcd-manager is damaged", where=self._where(key)) from error
            if isinstance(restore, dict):
                found.append(StagedRestore(key, str(restore.get("backup", "")), at))
        return sorted(found, key=lambda each: each.at)

    def stage_restore(self, name: str) -> StagedRestore:
        """Requests that etcd-manager restores a backup into a new etcd cluster of the configured size.

        Raises ObjectNotFound, Refused for a backup without data, without a configured size, or while another
        restore is requested.
        """
        backup = self.read(name)
        if backup.problem:
            raise Refused(f"the backup can't be restored: {backup.problem}", where=self._where(name))
        before = self.staged()
        if before:
            raise Refused(
                f"a restore of {before[0].backup} was requested already and has not been carried out",
                where=self._where(before[0].key),
                remedy="let etcd-manager carry it out, or withdraw it",
            )
        try:
            spec = self._read_object(_SPEC)
        except ObjectNotFound as error:
            raise Refused(
                "the size of the etcd cluster is not configured, so etcd-manager could not restore it",
                where=self._where(_SPEC),
                remedy="apply the cluster first: kops-tui update cluster --yes",
            ) from error
        at = self._now().astimezone(UTC)
        key = f"{_CONTROL}/{at:%Y-%m-%dT%H:%M:%SZ}-000000/{_COMMAND}"
        nanoseconds = int(at.timestamp() * 1_000_000) * 1000
        command = {
            # protobuf's JSON writes 64-bit numbers as texts.
            "timestamp": str(nanoseconds),
            "restoreBackup": {"clusterSpec": spec, "backup": name},
        }
        self._backend.create(key, json.dumps(command, indent=2).encode())
        return StagedRestore(key, name, at)

    def withdraw(self) -> list[StagedRestore]:
        """Removes all requested restores; those that were removed."""
        found = self.staged()
        for each in found:
            self._backend.delete(each.key)
        return found

    def lost_control(self) -> bool:
        """Whether there are backups although etcd-manager's mark of an existing etcd cluster is gone.

        Without the mark etcd-manager takes the cluster for a new one, and starts it empty.
        """
        keys = set(self._backend.keys())
        return _CREATED not in keys and any(key.endswith(f"/{_META}") for key in keys)

    def _read_object(self, key: str) -> dict[str, object]:
        stored = self._backend.read(key)
        try:
            content = read_json(stored.data)
        except ValueError as error:
            raise StoreError("the file of etcd-manager is damaged", where=self._where(key)) from error
        if not isinstance(content, dict):
            raise StoreError("the file of etcd-manager is damaged", where=self._where(key))
        return dict(content)

    def _where(self, key: str) -> str:
        return f"{self.url}/{key}"


def _time_of(name: str) -> datetime | None:
    found = _TIME.fullmatch(name)
    return datetime.strptime(found[1], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) if found else None
