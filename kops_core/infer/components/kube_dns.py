"""The cluster's DNS: CoreDNS and the cache on each node. Facts: kOps' ``components/kubedns.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import is_ipv6, service_address
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

NODE_CACHE_IMAGE = "registry.k8s.io/dns/k8s-dns-node-cache:1.26.0"
"""As of kOps 1.37 (2026-07)."""


def _caches_on_nodes(c: Reader) -> bool:
    return c.boolean("spec.kubeDNS.nodeLocalDNS.enabled") is True


@rule("spec.clusterDNSDomain", because="it is Kubernetes' usual domain")
def cluster_dns_domain(c: Reader) -> Value:
    return "cluster.local"


@rule("spec.kubeDNS.serverIP", because="the DNS service has the tenth address of the services' range")
def server_ip(c: Reader) -> Value:
    return service_address(c, 10)


@rule("spec.kubeDNS.domain", because="it answers for the cluster's DNS domain")
def domain(c: Reader) -> Value:
    return c.string("spec.clusterDNSDomain")


@rule(
    "spec.kubeDNS.upstreamNameservers",
    because="with IPv6, other names are asked from the VPC's resolver at its IPv6 address",
    when=is_ipv6,
)
def upstream_nameservers(c: Reader) -> Value:
    return ["fd00:ec2::253"]


@rule(
    "spec.kubeDNS.nodeLocalDNS.localIP",
    because="the cache listens on a link-local address of the cluster's IP family",
    when=_caches_on_nodes,
)
def local_ip(c: Reader) -> Value:
    return "fd00:90de:d95::1" if is_ipv6(c) else "169.254.20.10"


@rule(
    "spec.kubeDNS.nodeLocalDNS.forwardToKubeDNS",
    because="the cache asks the upstream servers itself",
    when=_caches_on_nodes,
)
def forward_to_kube_dns(c: Reader) -> Value:
    return False


FIXED = fixed(
    __name__,
    "spec.kubeDNS",
    {
        "provider": ("CoreDNS", "CoreDNS is Kubernetes' DNS"),
        "cacheMaxSize": (1000, "answers are cached up to kOps' default"),
        "cacheMaxConcurrent": (150, "queries are forwarded at once up to kOps' default"),
        "memoryRequest": ("70Mi", "it is the usual need of CoreDNS"),
        "cpuRequest": ("100m", "it is the usual need of CoreDNS"),
        "memoryLimit": ("170Mi", "more would be a leak"),
        "nodeLocalDNS.enabled": (False, "the cache on each node is optional"),
        "nodeLocalDNS.memoryRequest": ("5Mi", "it is the usual need of the cache"),
        "nodeLocalDNS.cpuRequest": ("25m", "it is the usual need of the cache"),
        "nodeLocalDNS.image": (NODE_CACHE_IMAGE, "it is the release that kOps 1.37 was tested with"),
    },
)
