"""Instance groups: machines, sizes, subnets, volumes, labels and taints.

kOps completes instance groups whenever it needs them and does not store the result.
Facts: kOps' ``populate_instancegroup_spec.go``, ``nodelabels/builder.go``, ``awsmodel/autoscalinggroup.go``.
"""

from __future__ import annotations

from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.infer import channel
from kops_core.infer.common import is_ipv6, kubernetes, strings
from kops_core.infer.components.kubelet import merged
from kops_core.infer.instance_types import architecture, default_type, has_gpu, refused
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule
from kops_core.infer.subnets import for_ipv6_api_servers, for_nodes

GROUP = "instanceGroups.*.spec"
CONTROL_PLANE = ("Master", "ControlPlane")
"""Names of the control plane's role; the first is v1alpha2's."""

ROOT_VOLUME_GIB = {"ControlPlane": 64, "Bastion": 32}
NODE_ROOT_VOLUME_GIB = 128

ROLE_LABELS = {
    "ControlPlane": (
        "node-role.kubernetes.io/control-plane",
        "kops.k8s.io/kops-controller-pki",
        "node.kubernetes.io/exclude-from-external-load-balancers",
    ),
    "APIServer": ("node-role.kubernetes.io/api-server",),
    "Node": ("node-role.kubernetes.io/node",),
}
ROLE_TAINTS = {
    "ControlPlane": "node-role.kubernetes.io/control-plane=:NoSchedule",
    "APIServer": "node-role.kubernetes.io/api-server=:NoSchedule",
}
KARPENTER_TAINT = "karpenter.sh/unregistered=:NoExecute"
GPU_TAINT = "nvidia.com/gpu:NoSchedule"


def role(c: Reader) -> str:
    """The group's role, the control plane's always as ``ControlPlane``."""
    written = c.string(f"{GROUP}.role") or ""
    return "ControlPlane" if written in CONTROL_PLANE else written


@rule(f"{GROUP}.manager", because="groups are auto-scaling groups unless Karpenter manages them")
def manager(c: Reader) -> Value:
    return "CloudGroup"


@rule(
    f"{GROUP}.machineType",
    because="it is the account's usual machine type for the role, on offer in its zones",
)
def machine_type(c: Reader) -> Value:
    if c.string(f"{GROUP}.manager") == "Karpenter":
        return None
    image = c.user_value(f"{GROUP}.image")
    return default_type(c, role(c), image if isinstance(image, str) else "", _zones(c))


@rule(
    f"{GROUP}.image",
    because="it is the channel's image for the cluster's Kubernetes and the machine's architecture",
)
def image(c: Reader) -> Value:
    wanted = architecture(c, c.string(f"{GROUP}.machineType") or "")
    found = channel.recommended_image(c, kubernetes(c), wanted)
    if found is None:
        raise refused(c, "Required value", "spec.image", f"the channel has no image for {wanted}: set it")
    return found


@rule(
    f"{GROUP}.minSize",
    f"{GROUP}.maxSize",
    because="a group of nodes has two machines",
)
def size(c: Reader) -> Value:
    if role(c) in ("ControlPlane", "Bastion"):
        c.because("a group of this role has one machine")
        return 1
    return None if c.string(f"{GROUP}.manager") == "Karpenter" else 2


@rule(f"{GROUP}.subnets", because="groups of nodes use every subnet of the cluster that nodes may lie in")
def subnets(c: Reader) -> Value:
    this = role(c)
    if this == "ControlPlane":
        return None
    rows = c.records("spec.subnets")
    return (for_ipv6_api_servers(rows) if this == "APIServer" and is_ipv6(c) else for_nodes(rows)) or None


@rule(f"{GROUP}.rootVolumeSize", because="it is kOps' size for the role, in GiB")
def root_volume_size(c: Reader) -> Value:
    return ROOT_VOLUME_GIB.get(role(c), NODE_ROOT_VOLUME_GIB)


@rule(f"{GROUP}.rootVolumeType", because="gp3 is AWS' current general-purpose volume")
def root_volume_type(c: Reader) -> Value:
    return "gp3"


@rule(
    f"{GROUP}.rootVolumeEncryption",
    because="volumes are encrypted; a key is used only where encryption is written beside it",
)
def root_volume_encryption(c: Reader) -> Value:
    return None if c.string(f"{GROUP}.rootVolumeEncryptionKey") else True


@rule(
    f'{GROUP}.nodeLabels["kops.k8s.io/gpu"]',
    because="the machine has GPUs and NVIDIA's runtime is on",
    over_user=True,
)
def gpu_label(c: Reader) -> Maybe:
    return "1" if runs_nvidia(c) else None


@rule(
    f'{GROUP}.nodeLabels["kops.k8s.io/gvisor"]',
    because="gVisor is on for these nodes, and pods find them by this label",
    over_user=True,
)
def gvisor_label(c: Reader) -> Maybe:
    return "1" if role(c) == "Node" and c.boolean(f"{GROUP}.containerd.gvisor.enabled") else None


@rule(
    f"{GROUP}.taints",
    because="only pods that ask for GPUs are to run on machines with GPUs",
    over_user=True,
)
def taints(c: Reader) -> Maybe:
    written = strings(c.user_value(f"{GROUP}.taints"))
    if not runs_nvidia(c) or any(each.startswith("nvidia.com/gpu") for each in written):
        return None
    return [*written, GPU_TAINT]


@rule(
    f"{GROUP}.kubelet",
    because="a node's kubelet has the cluster's settings for its role, the group's on top, "
    "and the labels and taints of both",
    over_user=True,
)
def kubelet(c: Reader) -> Maybe:
    this = role(c)
    cluster = c.mapping("spec.kubelet")
    base = c.mapping("spec.masterKubelet") if this == "ControlPlane" else cluster
    written = c.user_value(f"{GROUP}.kubelet")
    own: Tree = written if isinstance(written, dict) else {}
    nodes_refuse = this == "ControlPlane" and cluster.get("anonymousAuth") is False
    was_anonymous = base.get("anonymousAuth") is True and not nodes_refuse
    done = merged(base, own)
    done["nodeLabels"] = _labels(c, this, base, own)
    done["taints"] = _taints(c, this, base, own, cluster)
    # kOps turns a cluster-wide true into false, and on the control plane a false of the nodes wins.
    if was_anonymous or (nodes_refuse and "anonymousAuth" not in own):
        done["anonymousAuth"] = False
    return {key: value for key, value in done.items() if value not in ([], {})} or UNSET


def runs_nvidia(c: Reader) -> bool:
    """Whether the group's machines have GPUs and NVIDIA's runtime is on."""
    on = c.boolean("spec.containerd.nvidiaGPU.enabled") or c.boolean(f"{GROUP}.containerd.nvidiaGPU.enabled")
    return bool(on) and has_gpu(c, c.string(f"{GROUP}.machineType") or "")


def _labels(c: Reader, this: str, base: Tree, own: Tree) -> Tree:
    labels = merged(_table(base, "nodeLabels"), _table(own, "nodeLabels"))
    labels.update(dict.fromkeys(ROLE_LABELS.get(this, ()), ""))
    if this == "ControlPlane" and "APIServerNodes" in strings(c.setting("featureFlags")):
        labels.update(dict.fromkeys(ROLE_LABELS["APIServer"], ""))
    labels.update(c.mapping(f"{GROUP}.nodeLabels"))
    return merged(labels, _table(own, "nodeLabels"))


def _taints(c: Reader, this: str, base: Tree, own: Tree, cluster: Tree) -> Value:
    found = {
        *strings(base.get("taints")),
        *c.strings(f"{GROUP}.taints"),
        *strings(own.get("taints")),
        *strings(cluster.get("taints")),
    }
    if this in ROLE_TAINTS:
        found.add(ROLE_TAINTS[this])
    if c.string(f"{GROUP}.manager") == "Karpenter":
        found.add(KARPENTER_TAINT)
    return [*sorted(found)]


def _zones(c: Reader) -> list[str]:
    """The zones of the group, listed or those of its subnets."""
    named = set(c.strings(f"{GROUP}.zones"))
    chosen = strings(c.user_value(f"{GROUP}.subnets"))
    for row in c.records("spec.subnets"):
        if row.get("name") in chosen and row.get("zone"):
            named.add(str(row["zone"]))
    return sorted(named)


def _table(tree: Tree, key: str) -> Tree:
    found = tree.get(key)
    return found if isinstance(found, dict) else {}
