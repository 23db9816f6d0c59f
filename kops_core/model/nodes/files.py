"""Files of the state store that describe the cluster and its machines."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context
from kops_core.model.documents import json_document
from kops_core.model.kinds import ManagedFile
from kops_core.model.resource import Resource


def node_files(c: Context) -> Iterator[Resource]:
    """The completed spec, the version, etcd's specs and the configuration of every instance group."""
    yield c.make(_version)
    for at in c.read.keys("spec.etcdClusters"):
        yield c.make(_etcd_spec, int(at))


def _version(c: Context) -> ManagedFile:
    return ManagedFile(name="kops-version.txt", location="kops-version.txt", contents=c.settings.kops_version)


def _etcd_spec(c: Context, at: int) -> ManagedFile:
    """What etcd-manager reads to begin a cluster."""
    path = f"spec.etcdClusters[{at}]"
    return ManagedFile(
        name=f"etcd-cluster-spec-{c.read.text(f'{path}.name')}",
        base=c.read.text(f"{path}.backups.backupStore"),
        location="/control/etcd-cluster-spec",
        contents=json_document(
            {
                "memberCount": len(c.read.keys(f"{path}.etcdMembers")),
                "etcdVersion": (c.read.text(f"{path}.version") or "").removeprefix("v"),
            }
        ),
    )
