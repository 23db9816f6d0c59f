"""kube-scheduler. Facts: kOps' ``components/kubescheduler.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import component_image
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule


@rule("spec.kubeScheduler.image", because="it is the cluster's version of Kubernetes")
def image(c: Reader) -> Value:
    return component_image(c, "kube-scheduler")


@rule(
    "spec.kubeScheduler.leaderElection.leaderElect",
    because="one of several replicas is active; your own leaderElection is left as it is",
)
def leader_elect(c: Reader) -> Value:
    return None if c.user_value("spec.kubeScheduler.leaderElection") is not None else True


FIXED = fixed(
    __name__, "spec.kubeScheduler", {"logLevel": (2, "it is kOps' log level for components of Kubernetes")}
)
