"""A few rules of inference, so that specs have inferred values and origins."""

from __future__ import annotations

from dataclasses import replace

from kops_core.api.values import Maybe
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook, rule


@rule("spec.kubelet.cgroupDriver", because="kubelet and containerd both use systemd's cgroups")
def cgroup_driver(c: Reader) -> Maybe:
    return "systemd" if c.get("spec.containerRuntime") == "containerd" else "cgroupfs"


@rule("spec.containerRuntime", because="it is the only runtime since Kubernetes 1.24")
def container_runtime(c: Reader) -> Maybe:
    return "containerd"


@rule("spec.kubelet.maxPods", because="the network plugin gives each instance that many addresses")
def max_pods(c: Reader) -> Maybe:
    return 110 if c.string("spec.kubernetesVersion") else None


@rule("spec.kubelet.clusterDNS", because="pods ask the node-local cache where there is one, else kube-dns")
def cluster_dns(c: Reader) -> Maybe:
    return (
        "169.254.20.10"
        if c.boolean("spec.kubeDNS.nodeLocalDNS.enabled")
        else c.string("spec.kubeDNS.serverIP")
    )


@rule("spec.kubeDNS.serverIP", because="it is the tenth address of the service range")
def server_ip(c: Reader) -> Maybe:
    return (c.string("spec.serviceClusterIPRange") or "").replace(".0/13", ".10")


@rule("spec.serviceClusterIPRange", because="it is the upper half of the non-masquerade range")
def service_range(c: Reader) -> Maybe:
    return "100.64.0.0/13"


@rule("spec.etcdClusters[*].version", because="it is the etcd that this Kubernetes was tested with")
def etcd_version(c: Reader) -> Maybe:
    return "3.6.6" if (c.string("spec.kubernetesVersion") or "") >= "1.34" else "3.5.25"


@rule("instanceGroups.*.spec.image", because="the channel recommends it for this Kubernetes")
def image(c: Reader) -> Maybe:
    return f"ubuntu-noble-24.04-amd64-server-20260{len(c.string('spec.kubernetesVersion') or '')}01"


BOOK = RuleBook(
    replace(each, name=f"{component}.{each.name.partition('.')[2]}")
    for component, each in (
        ("kubelet", cgroup_driver),
        ("containerd", container_runtime),
        ("kubelet", max_pods),
        ("kubelet", cluster_dns),
        ("dns", server_ip),
        ("network", service_range),
        ("etcd", etcd_version),
        ("instance_groups", image),
    )
)
