"""``create instancegroup``: a new instance group of a cluster, with the values that kOps stores in it.

kOps completes a new group from the cluster's spec as it is stored, not from the completed one, and stores the
result. Facts: kOps' ``cmd/kops/create_instancegroup.go``, ``populate_instancegroup_spec.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from kops_core.api.canonical import shaped
from kops_core.api.documents import API_VERSION
from kops_core.api.path import get, set_at
from kops_core.api.values import UNSET, Tree
from kops_core.errors import UsageError
from kops_core.infer.components import instance_groups
from kops_core.infer.inference import Inference, Inputs
from kops_core.infer.rules import RuleBook

_ROLES: Final = {
    "node": "Node",
    "controlplane": "Master",
    "master": "Master",
    "bastion": "Bastion",
    "apiserver": "APIServer",
}
"""Roles as v1alpha2 writes them, by how they may be typed: in any case, with dashes, in the plural."""
_STORED: Final = (
    "role", "manager", "machineType", "image", "minSize", "maxSize", "subnets", "zones", "nodeLabels",
    "taints", "kubelet",
)  # fmt: skip
"""The fields that kOps stores."""
_GROUP_LABEL: Final = "kops.k8s.io/instancegroup"


@dataclass(frozen=True)
class GroupOptions:
    """The options of a new instance group."""

    name: str
    role: str = "node"
    subnets: Sequence[str] = ()
    zones: Sequence[str] = ()


def begin_group(options: GroupOptions, features: Sequence[str]) -> Tree:
    """The document with what the operator says, for which facts can be read. Raises UsageError."""
    typed = options.role.lower().replace("-", "").replace("_", "")
    role = _ROLES.get(typed) or _ROLES.get(typed.removesuffix("s"))
    if role is None:
        raise UsageError(
            f"{options.role!r} is no role", where="--role", remedy="use node, control-plane or bastion"
        )
    if role == "APIServer" and "APIServerNodes" not in features:
        raise UsageError(
            "API server nodes are behind a feature flag",
            where="--role",
            remedy="set KOPS_FEATURE_FLAGS=+APIServerNodes",
        )
    if role == "Master" and not options.subnets:
        raise UsageError("a control-plane group has to lie in a subnet", where="--subnet", remedy="name one")
    spec: Tree = {"role": role}
    if options.subnets:
        spec["subnets"] = list(options.subnets)
    if options.zones:
        spec["zones"] = list(options.zones)
    return {
        "apiVersion": API_VERSION,
        "kind": "InstanceGroup",
        "metadata": {"name": options.name},
        "spec": spec,
    }


def complete_group(group: Tree, cluster: Tree, *, facts: Tree, channel: Tree, settings: Tree) -> Tree:
    """The document as kOps stores it.

    cluster: as stored. facts: by kind and key. Raises MissingFact, and InvalidSpec where a value can't be
    inferred.
    """
    metadata = group["metadata"]
    name = str(metadata["name"]) if isinstance(metadata, dict) else ""
    inputs = Inputs(shaped(cluster, "Cluster"), {name: group}, facts, channel, settings)
    found = Inference(inputs, _book()).value(("instanceGroups", name, "spec"))
    written = group["spec"]
    keys = [*_STORED, *(written if isinstance(written, dict) else ())]
    spec = {key: found[key] for key in keys if key in found} if isinstance(found, dict) else {}
    made: Tree = {**group, "spec": {key: value for key, value in spec.items() if value is not None}}
    # kOps adds it last, so that it is not among the labels of the kubelet.
    return set_at(made, ("spec", "nodeLabels", _GROUP_LABEL), name)


def copied_group(group: Tree, name: str) -> Tree:
    """The document of a new group with the spec of another one; its annotations are its own."""
    metadata = group.get("metadata")
    labels = metadata.get("labels") if isinstance(metadata, dict) else None
    copied: Tree = {**group, "metadata": {"name": name, **({"labels": labels} if labels else {})}}
    label = ("spec", "nodeLabels", _GROUP_LABEL)
    return copied if get(group, label) is UNSET else set_at(copied, label, name)


@cache
def _book() -> RuleBook:
    """The rules of instance groups alone: the cluster is not completed."""
    return RuleBook.of_modules((instance_groups,))
