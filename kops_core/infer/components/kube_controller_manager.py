"""kube-controller-manager. Facts: kOps' ``components/kubecontrollermanager.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import component_image, is_ipv6, parse_range
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule


@rule("spec.kubeControllerManager.clusterName", because="it is the cluster's name")
def cluster_name(c: Reader) -> Value:
    return c.string("metadata.name")


@rule("spec.kubeControllerManager.image", because="it is the cluster's version of Kubernetes")
def image(c: Reader) -> Value:
    return component_image(c, "kube-controller-manager")


@rule(
    "spec.kubeControllerManager.allocateNodeCIDRs",
    "spec.cloudControllerManager.allocateNodeCIDRs",
    because="nodes get ranges of pod addresses, except with IPv6, where kops-controller hands them out",
)
def allocate_node_cidrs(c: Reader) -> Value:
    return not is_ipv6(c)


@rule(
    "spec.kubeControllerManager.clusterCIDR",
    "spec.cloudControllerManager.clusterCIDR",
    because="the nodes' ranges are taken from the range of pods",
)
def cluster_cidr(c: Reader) -> Value:
    return None if is_ipv6(c) else c.string("spec.podCIDR")


@rule(
    "spec.kubeControllerManager.nodeCIDRMaskSize",
    because="a node gets half of the bits that an IPv6 range leaves, at most Kubernetes' 16",
)
def node_cidr_mask_size(c: Reader) -> Value:
    network = parse_range(c.string("spec.kubeControllerManager.clusterCIDR"))
    if network is None or network.version != 6:
        return None
    return network.prefixlen + min((128 - network.prefixlen) // 2, 16)


@rule(
    "spec.kubeControllerManager.configureCloudRoutes",
    "spec.cloudControllerManager.configureCloudRoutes",
    because="only kubenet has the cloud route packets between pods",
)
def configure_cloud_routes(c: Reader) -> Value:
    return c.has("spec.networking.kubenet")


@rule(
    "spec.kubeControllerManager.controllers",
    because="with IPv6, kops-controller hands out the nodes' addresses",
    when=is_ipv6,
)
def controllers(c: Reader) -> Value:
    return ["*", "-nodeipam"]


FIXED = fixed(
    __name__,
    "spec.kubeControllerManager",
    {
        "attachDetachReconcileSyncPeriod": (
            "1m0s",
            "checking volumes more often would use up AWS' request rate",
        ),
        "cloudProvider": ("external", "the cloud controller manager talks to AWS"),
        "logLevel": (2, "it is kOps' log level for components of Kubernetes"),
        "leaderElection.leaderElect": (True, "one of several replicas is active"),
        "useServiceAccountCredentials": (True, "each controller has only its own permissions"),
    },
)
