"""Static pods, which kubelet runs from files before the API server is up.

nodeup fetches the manifests that its configuration lists from the state store.
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile

HEALTH_CHECK_KEY = "kube-apiserver-healthcheck"
HEALTH_CHECK = f"manifests/static/{HEALTH_CHECK_KEY}.yaml"
CHANNELS = "manifests/channels/kops-channels.yaml"


def etcd_manifest(etcd: str, group: str) -> str:
    """The path of the manifest of an etcd member in an instance group, below the cluster's base."""
    return f"manifests/etcd/{etcd}-{group}.yaml"


def manifests(c: Context) -> Iterator[Resource]:
    """The control plane's manifests."""
    for at in c.read.keys("spec.etcdClusters"):
        for member in c.read.keys(f"spec.etcdClusters[{at}].etcdMembers"):
            yield c.make(_etcd, int(at), int(member))
    yield c.make(_health_check)
    yield c.make(_channels)


def _etcd(c: Context, at: int, member: int) -> ManagedFile:
    from kops_core.model.nodes.static import etcd_manager

    etcd = c.read.string(f"spec.etcdClusters[{at}].name") or ""
    group = c.read.string(f"spec.etcdClusters[{at}].etcdMembers[{member}].instanceGroup") or ""
    return ManagedFile(
        name=f"manifests-etcdmanager-{etcd}-{group}",
        location=etcd_manifest(etcd, group),
        contents=etcd_manager.manifest(c, at),
    )


def _health_check(c: Context) -> ManagedFile:
    from kops_core.model.nodes.static import health_check

    return ManagedFile(
        name=f"manifests-static-{HEALTH_CHECK_KEY}",
        location=HEALTH_CHECK,
        contents=health_check.manifest(c),
    )


def _channels(c: Context) -> ManagedFile:
    from kops_core.model.nodes.static import channels

    return ManagedFile(
        name="manifests-channels-kops-channels",
        location=CHANNELS,
        contents=channels.manifest(c),
    )
