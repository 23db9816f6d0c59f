"""etcd clusters and their managers. Facts: kOps' ``components/etcd.go``, ``etcdmanager/options.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import join_path, kubernetes
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

VERSIONS = ((34, "3.5.31"), (37, "3.6.12"))
"""The version of etcd for Kubernetes before 1.<minor>, as of kOps 1.37 (2026-07)."""
LATEST = "3.7.0"
LATEST_PATCH = {(3, 5): 31, (3, 6): 12, (3, 7): 0}
"""The last patch of each etcd release that kOps 1.37.0-alpha.1 has an image of; it runs earlier ones too."""

BACKUP_RETENTION_DAYS = 90


@rule("spec.etcdClusters[*].version", because="it is the etcd that goes with the cluster's Kubernetes")
def version(c: Reader) -> Value:
    running = kubernetes(c)
    return next((etcd for minor, etcd in VERSIONS if (running.major, running.minor) < (1, minor)), LATEST)


@rule("spec.etcdClusters[*].backups.backupStore", because="backups are kept in the cluster's state store")
def backup_store(c: Reader) -> Value:
    base, name = c.string("spec.configBase"), c.string("spec.etcdClusters[*].name")
    return join_path(base, "backups", "etcd", name) if base and name else None


FIXED = fixed(
    __name__,
    "spec.etcdClusters[*].manager",
    {"backupRetentionDays": (BACKUP_RETENTION_DAYS, "old backups are deleted after that")},
)
