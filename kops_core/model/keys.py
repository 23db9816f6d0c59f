"""Builds keysets and tokens, which are created once and kept in the store."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.store_resources import Keypair, Secret
from kops_core.model.template import Key, Ref

TOKENS = (
    "kubelet",
    "kube-proxy",
    "system:scheduler",
    "system:controller_manager",
    "system:logging",
    "system:monitoring",
    "system:dns",
    "kube",
    "admin",
)
"""Legacy tokens, which kOps still creates and old tools may read."""


def keys(c: Context) -> Iterator[Resource]:
    """The resources in ``pki/`` and ``secrets/``."""
    for name in keyset_names(c):
        yield Keypair(name=name, subject=f"cn={name}", type="ca")
    for token in TOKENS:
        yield Secret(name=token)


def keyset_names(c: Context) -> tuple[str, ...]:
    """The keysets of the cluster: each is a certificate authority."""
    names = ["kubernetes-ca", "apiserver-aggregator-ca", "service-account", "etcd-clients-ca"]
    for _, etcd in c.read.each("spec.etcdClusters[*].name"):
        names += [f"etcd-manager-ca-{etcd}", f"etcd-peers-ca-{etcd}"]
        if etcd == "cilium":
            names.append("etcd-clients-ca-cilium")
    if c.read.string("spec.serviceAccountIssuerDiscovery.discoveryService.url"):
        names.append("discovery-ca")
    return tuple(names)


def keyset(name: str, attribute: str = "id") -> Ref:
    """A reference to a keyset's primary id, or its ``certificates``."""
    return Ref(Key("Keypair", name), attribute)
