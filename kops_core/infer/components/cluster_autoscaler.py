"""Cluster Autoscaler. Facts: kOps' ``components/clusterautoscaler.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import kubernetes
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

VERSIONS = {32: "v1.32.7", 33: "v1.33.5", 34: "v1.34.4", 35: "v1.35.1"}
"""The release for each minor version of Kubernetes, as of kOps 1.37 (2026-07)."""
LATEST = "v1.36.0"

_AUTOSCALER = "spec.clusterAutoscaler"


def _is_on(c: Reader) -> bool:
    return c.boolean(f"{_AUTOSCALER}.enabled") is True


@rule(f"{_AUTOSCALER}.image", because="it is the release for the cluster's minor version", when=_is_on)
def image(c: Reader) -> Value:
    return f"registry.k8s.io/autoscaling/cluster-autoscaler:{VERSIONS.get(kubernetes(c).minor, LATEST)}"


@rule(
    f"{_AUTOSCALER}.createPriorityExpanderConfig",
    because="the priority expander needs its list of priorities",
    when=lambda c: _is_on(c) and c.string(f"{_AUTOSCALER}.expander") == "priority",
)
def create_priority_expander_config(c: Reader) -> Value:
    return True


FIXED = fixed(
    __name__,
    _AUTOSCALER,
    {
        "expander": ("random", "groups that fit are chosen at random"),
        "ignoreDaemonSetsUtilization": (False, "pods of daemon sets count"),
        "scaleDownUtilizationThreshold": ("0.5", "nodes that are less than half used may go"),
        "skipNodesWithCustomControllerPods": (True, "pods of custom controllers hold their node"),
        "skipNodesWithLocalStorage": (True, "pods with local storage hold their node"),
        "skipNodesWithSystemPods": (True, "pods of the system hold their node"),
        "balanceSimilarNodeGroups": (False, "it is the autoscaler's default"),
        "emitPerNodegroupMetrics": (False, "it is the autoscaler's default"),
        "awsUseStaticInstanceList": (False, "machine types are asked from AWS"),
        "newPodScaleUpDelay": ("0s", "new pods are looked at immediately"),
        "scaleDownDelayAfterAdd": ("10m0s", "it is the autoscaler's default"),
        "scaleDownUnneededTime": ("10m0s", "it is the autoscaler's default"),
        "scaleDownUnreadyTime": ("20m0s", "it is the autoscaler's default"),
        "maxNodeProvisionTime": ("15m0s", "it is the autoscaler's default"),
    },
    when=_is_on,
)
