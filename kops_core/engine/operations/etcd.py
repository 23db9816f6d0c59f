"""The etcd clusters of one cluster: their backups, and restores that etcd-manager is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kops_core.errors import ObjectNotFound
from kops_core.infer.inference import Inference
from kops_core.operations.clock import CancelToken
from kops_core.store.etcd_backups import EtcdBackups, StagedRestore

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices

RESTORE_ETCD: Final = "restore-etcd"
"""Kind of the operation, as locks name it."""


def backup_stores(inference: Inference) -> dict[str, str]:
    """The URL of each etcd cluster's backup store, by the etcd cluster's name. Raises InvalidSpec."""
    spec = inference.value(("spec", "etcdClusters"))
    clusters = spec if isinstance(spec, list) else []
    found: dict[str, str] = {}
    for place, _ in enumerate(clusters):
        name = inference.value(("spec", "etcdClusters", place, "name"))
        url = inference.value(("spec", "etcdClusters", place, "backups", "backupStore"))
        if isinstance(name, str) and isinstance(url, str):
            found[name] = url.rstrip("/")
    return found


class EtcdClusters:
    """The etcd clusters of one cluster. Every method raises StoreError."""

    def __init__(
        self, services: ClusterServices, location: ClusterLocation, stores: Mapping[str, str]
    ) -> None:
        """stores: URLs of backup stores by the etcd cluster's name."""
        self._services = services
        self._location = location
        self._stores = stores

    @property
    def names(self) -> tuple[str, ...]:
        """``main``, ``events`` and so on."""
        return tuple(self._stores)

    def backups(self, etcd: str) -> EtcdBackups:
        """I/O. The backups of an etcd cluster. Raises ObjectNotFound for an unknown one."""
        if etcd not in self._stores:
            raise ObjectNotFound(
                f"there is no etcd cluster {etcd}",
                where=self._location.name,
                remedy=f"there are {', '.join(self.names)}",
            )
        return EtcdBackups(self._services.backup_store(self._stores[etcd]), now=self._services.now)

    def stage_restore(self, etcd: str, backup: str) -> StagedRestore:
        """I/O. Asks etcd-manager to restore a backup, under the cluster's lock.

        Raises ObjectNotFound, LockHeld, and Refused if the session is read-only or the backup unusable.
        """
        self._services.expect_write("restore etcd")
        store = self.backups(etcd)
        with self._services.locked(RESTORE_ETCD, self._location, CancelToken(), lambda _: None):
            return store.stage_restore(backup)

    def withdraw(self, etcd: str) -> list[StagedRestore]:
        """I/O. Takes back restores that etcd-manager has not carried out; those that were taken back."""
        self._services.expect_write("withdraw a restore")
        store = self.backups(etcd)
        with self._services.locked(RESTORE_ETCD, self._location, CancelToken(), lambda _: None):
            return store.withdraw()
