"""AWS Node Termination Handler. Facts: kOps' ``components/nodeterminationhandler.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

VERSION = "v1.25.5"
"""As of kOps 1.37 (2026-07)."""

_HANDLER = "spec.nodeTerminationHandler"


def _is_on(c: Reader) -> bool:
    return not c.boolean("spec.karpenter.enabled") and c.boolean(f"{_HANDLER}.enabled") is True


@rule(
    f"{_HANDLER}.enabled",
    because="nodes are drained before AWS takes them; Karpenter does that itself",
    when=lambda c: not c.boolean("spec.karpenter.enabled"),
)
def enabled(c: Reader) -> Value:
    return True


FIXED = fixed(
    __name__,
    _HANDLER,
    {
        "deleteSQSMsgIfNodeNotFound": (False, "it is the handler's default"),
        "enableSpotInterruptionDraining": (True, "spot instances are drained when AWS takes them back"),
        "enableScheduledEventDraining": (True, "instances are drained before AWS' maintenance"),
        "enableRebalanceMonitoring": (False, "rebalance recommendations are advice only"),
        "enableRebalanceDraining": (False, "rebalance recommendations are advice only"),
        "enableOutOfServiceTaint": (False, "it is the handler's default"),
        "prometheusEnable": (False, "it is the handler's default"),
        "excludeFromLoadBalancers": (True, "a node that goes gets no new connections"),
        "managedASGTag": ("aws-node-termination-handler/managed", "it is the handler's default"),
        "podTerminationGracePeriod": (-1, "each pod's own grace period holds"),
        "taintNode": (False, "it is the handler's default"),
        "cpuRequest": ("50m", "it is the usual need of the handler"),
        "memoryRequest": ("64Mi", "it is the usual need of the handler"),
        "version": (VERSION, "it is the release that kOps 1.37 was tested with"),
    },
    when=_is_on,
)
