"""Tags of instance groups, for nodes, the autoscaler and kOps."""

from __future__ import annotations

from kops_core.cloud.aws.builders.node_policies import queue_mode
from kops_core.model.context import Context, Group, Role
from kops_core.model.names import GROUP_TAG

NODE_TEMPLATE = "k8s.io/cluster-autoscaler/node-template"
CONTROL_PLANE_LABELS = (
    "node-role.kubernetes.io/control-plane",
    "kops.k8s.io/kops-controller-pki",
    "node.kubernetes.io/exclude-from-external-load-balancers",
)
API_SERVER_LABEL = "node-role.kubernetes.io/api-server"
NODE_LABEL = "node-role.kubernetes.io/node"


def group_tags(c: Context, group: Group) -> dict[str, str]:
    """Tags of the launch template, the auto-scaling group and its instances; kOps' own take precedence."""
    tags = {**c.tags(group.cloud_name), **_strings(group, "cloudLabels")}
    if queue_mode(c):
        managed = c.read.string("spec.nodeTerminationHandler.managedASGTag")
        if managed:
            tags.setdefault(managed, "")
    for label, value in node_labels(c, group).items():
        tags[f"{NODE_TEMPLATE}/label/{label}"] = value
    for taint in group.strings("taints"):
        key, value, effect = parse_taint(taint)
        if effect:
            tags[f"{NODE_TEMPLATE}/taint/{key}"] = f"{value}:{effect}"
    if group.role is Role.CONTROL_PLANE:
        tags["k8s.io/role/master"] = "1"
    tags[f"k8s.io/role/{group.role.value}"] = "1"
    tags[GROUP_TAG] = group.name
    return tags


def parse_taint(text: str) -> tuple[str, str, str]:
    """Key, value and effect of ``key=value:effect``; value and effect may be missing."""
    rest, _, effect = text.rpartition(":") if ":" in text else (text, "", "")
    key, _, value = rest.partition("=")
    return key, value, effect


def node_labels(c: Context, group: Group) -> dict[str, str]:
    """Labels that the group's nodes have: the kubelet's, the role's and the group's own."""
    kubelet = "spec.masterKubelet" if group.role is Role.CONTROL_PLANE else "spec.kubelet"
    labels = c.strings_by_key(f"{kubelet}.nodeLabels")
    labels.update(_strings(group, "kubelet.nodeLabels"))
    if group.role is Role.API_SERVER or (
        group.role is Role.CONTROL_PLANE and "APIServerNodes" in c.settings.feature_flags
    ):
        labels[API_SERVER_LABEL] = ""
    if group.role is Role.NODE:
        labels[NODE_LABEL] = ""
    if group.role is Role.CONTROL_PLANE:
        labels.update(dict.fromkeys(CONTROL_PLANE_LABELS, ""))
    labels.update(_strings(group, "nodeLabels"))
    return labels


def _strings(group: Group, name: str) -> dict[str, str]:
    return {key: str(value) for key, value in group.table(name).items() if value is not None}
