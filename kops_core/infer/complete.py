"""The entry point of inference, with the rules of all components.

done = infer(prepare(documents, facts=facts, channel=channel, settings={"kopsVersion": "1.37.0"}))
done.cluster                              the completed cluster
done.origin("spec.kubelet.cgroupDriver")  why that value
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from kops_core.api.values import Tree
from kops_core.errors import UsageError
from kops_core.infer.components import (
    api_access,
    cilium,
    cloud,
    cluster_autoscaler,
    containerd,
    etcd,
    instance_groups,
    karpenter,
    kube_apiserver,
    kube_controller_manager,
    kube_dns,
    kube_proxy,
    kube_scheduler,
    kubelet,
    network,
    networking,
    node_problem_detector,
    node_termination_handler,
    normalization,
    service_accounts,
    stores,
)
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference, Inputs
from kops_core.infer.rules import RuleBook

COMPONENTS = (
    stores,
    network,
    api_access,
    etcd,
    kube_apiserver,
    service_accounts,
    kube_controller_manager,
    kube_scheduler,
    kube_proxy,
    kubelet,
    kube_dns,
    containerd,
    cloud,
    cilium,
    networking,
    cluster_autoscaler,
    node_termination_handler,
    node_problem_detector,
    karpenter,
    normalization,
    instance_groups,
)
"""The modules with the rules. Their order does not matter."""


@cache
def rule_book() -> RuleBook:
    """The rules of every component."""
    return RuleBook.of_modules(COMPONENTS)


def infer(inputs: Inputs) -> Inference:
    """Completes a cluster and its instance groups; values are computed when they are read.

    Reading them raises InvalidSpec for a spec that can't be completed and MissingFact
    for a cloud fact that nobody read.
    """
    return Inference(inputs, rule_book())


def prepare(
    documents: Iterable[Tree],
    *,
    facts: Tree | None = None,
    channel: Tree | None = None,
    settings: Tree | None = None,
) -> Inputs:
    """The inputs of a cluster's documents: its Cluster and its InstanceGroups, others are ignored.

    Each document is normalized as kOps does on reading: zero values that it takes for unset are dropped.
    facts is a facts document (lists) or a tree
    of facts by key. Raises UsageError if there is not exactly one Cluster, or an instance
    group has no name of its own.
    """
    from kops_core.api.canonical import shaped

    clusters: list[Tree] = []
    groups: dict[str, Tree] = {}
    for document in documents:
        if document.get("kind") == "Cluster":
            clusters.append(shaped(document, "Cluster"))
        elif document.get("kind") == "InstanceGroup":
            name = _name(document)
            if not name or name in groups:
                raise UsageError(
                    f"instance group {name!r} is there twice" if name else "an instance group has no name"
                )
            groups[name] = shaped(document, "InstanceGroup")
    if len(clusters) != 1:
        raise UsageError(f"the documents hold {len(clusters)} clusters, not one")
    return Inputs(clusters[0], groups, keyed(facts or {}), channel or {}, settings or {})


def _name(document: Tree) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""
