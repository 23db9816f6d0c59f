"""Files in the state store that nodes and kOps read."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api.canonical import to_yaml
from kops_core.api.values import Tree
from kops_core.model.context import Context
from kops_core.model.documents import json_document
from kops_core.model.nodes.config import has_config, nodeup_config
from kops_core.model.nodes.user_data import boot_script
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile


def node_files(c: Context) -> Iterator[Resource]:
    """The completed spec, the version, etcd's specs and the configuration of every instance group."""
    yield from completed_spec(c)
    for at in c.read.keys("spec.etcdClusters"):
        yield c.make(_etcd_spec, int(at))
    for group in c.groups:
        if has_config(group):
            yield c.make(_config, group.name)
        if group.karpenter:
            yield c.make(_script, group.name)


def completed_spec(c: Context) -> Iterator[Resource]:
    """The completed spec, and the version of kOps that wrote it."""
    yield c.make(_completed)
    yield c.make(_version)


def _version(c: Context) -> ManagedFile:
    return ManagedFile(name="kops-version.txt", location="kops-version.txt", contents=c.settings.kops_version)


def _etcd_spec(c: Context, at: int) -> ManagedFile:
    """etcd-manager's specification of a new etcd cluster."""
    path = f"spec.etcdClusters[{at}]"
    return ManagedFile(
        name=f"etcd-cluster-spec-{c.read.string(f'{path}.name')}",
        base=c.read.string(f"{path}.backups.backupStore"),
        location="/control/etcd-cluster-spec",
        contents=json_document(
            {
                "memberCount": len(c.read.keys(f"{path}.etcdMembers")),
                "etcdVersion": c.read.string(f"{path}.version") or "",
            }
        ),
    )


def _config(c: Context, name: str) -> ManagedFile:
    group = c.group(name)
    return ManagedFile(
        name=f"nodeupconfig-{name}",
        # Karpenter's machines are in no group of the cloud, and their files are always updated.
        instance_group="" if group.karpenter else name,
        location=f"igconfig/{group.role.value}/{name}/nodeupconfig.yaml",
        contents=nodeup_config(c, group),
    )


def _script(c: Context, name: str) -> ManagedFile:
    """Karpenter reads the user data of its machines from the store."""
    group = c.group(name)
    return ManagedFile(
        name=f"nodeupscript-{name}",
        location=f"igconfig/{group.role.value}/{name}/nodeupscript.sh",
        contents=boot_script(c, group),
    )


def _completed(c: Context) -> ManagedFile:
    """The completed cluster, for kOps' own programs."""
    document: Tree = {"apiVersion": "kops.k8s.io/v1alpha2", "kind": "Cluster"}
    for name in ("metadata", "spec"):
        document[name] = c.read.get(name)
    return ManagedFile(
        name="cluster-completed.spec",
        location="cluster-completed.spec",
        contents=to_yaml(document),
    )
