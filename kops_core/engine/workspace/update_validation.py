"""Validation of specs before they are stored; the store calls it for every write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from kops_core.api.values import Tree, mappings
from kops_core.engine.settings import Settings
from kops_core.errors import FieldError, InvalidSpec
from kops_core.store.reading import StoredCluster
from kops_core.validate.cluster_set import validate_written
from kops_core.validate.update import validate_cluster_update

EtcdCreated = Callable[[StoredCluster], Collection[str]]
"""I/O. The etcd clusters of a cluster whose volumes exist. Raises CloudError."""


class Acceptance:
    """Refuses new errors in a stored cluster, and changes of fields that can't be changed.

    Existing errors are no reason: a cluster that an older kOps wrote can be repaired field by field.
    """

    def __init__(self, settings: Settings, etcd_created: EtcdCreated, *, updates_only: bool = False) -> None:
        """updates_only: only validate changes; other errors are found by plans."""
        self._settings = settings
        self._etcd_created = etcd_created
        self._updates_only = updates_only

    def __call__(self, before: StoredCluster | None, cluster: Tree, groups: Mapping[str, Tree]) -> None:
        """I/O only for changes that a created etcd cluster forbids. Raises InvalidSpec with every error."""
        errors = [] if self._updates_only else self._written(before, cluster, groups)
        if before is not None and cluster != before.cluster:
            errors += self._update(before, cluster)
        if errors:
            raise InvalidSpec(errors, where=before.name if before else "")

    def _written(
        self, before: StoredCluster | None, cluster: Tree, groups: Mapping[str, Tree]
    ) -> list[FieldError]:
        errors = self._validated(cluster, groups)
        if before is None or not errors:
            return errors
        known = set(self._validated(before.cluster, before.instance_groups))
        return [error for error in errors if error not in known]

    def _validated(self, cluster: Tree, groups: Mapping[str, Tree]) -> list[FieldError]:
        settings = self._settings
        return validate_written(
            cluster, groups.values(), features=settings.feature_flags, clouds=settings.clouds
        )

    def _update(self, before: StoredCluster, cluster: Tree) -> list[FieldError]:
        errors = validate_cluster_update(cluster, before.cluster)
        names = etcd_names(before.cluster)
        if validate_cluster_update(cluster, before.cluster, etcd_created=names) != errors:
            # Only now the account has to be read.
            created = self._etcd_created(before)
            errors = validate_cluster_update(cluster, before.cluster, etcd_created=created)
        return errors


def etcd_names(cluster: Tree) -> list[str]:
    """The names of the etcd clusters of a Cluster document."""
    spec = cluster.get("spec")
    found = spec.get("etcdClusters") if isinstance(spec, dict) else None
    return [str(each.get("name")) for each in mappings(found)]
