"""kube-proxy. Facts: kOps' ``components/kubeproxy.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import component_image, is_ipv6
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule


@rule("spec.kubeProxy.image", because="it is the cluster's version of Kubernetes")
def image(c: Reader) -> Value:
    return component_image(c, "kube-proxy")


@rule(
    "spec.kubeProxy.clusterCIDR",
    because="traffic from outside the pods' range is masqueraded; "
    "with IPv6 or the Amazon VPC CNI, pods have addresses that the VPC routes",
)
def cluster_cidr(c: Reader) -> Value:
    if is_ipv6(c) or c.has("spec.networking.amazonvpc"):
        return None
    return c.string("spec.kubeControllerManager.clusterCIDR")


FIXED = fixed(
    __name__,
    "spec.kubeProxy",
    {
        "logLevel": (2, "it is kOps' log level for components of Kubernetes"),
        "cpuRequest": ("100m", "every node keeps a tenth of a CPU for it"),
    },
)
