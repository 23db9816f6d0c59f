"""The context of add-ons: the completed specs, and helpers that several add-ons use."""

from __future__ import annotations

from kops_core.api import semver
from kops_core.model.addons.objects import Object, exists, fields, required_nodes, tolerates
from kops_core.model.context import Context, Role

CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
MASTER = "node-role.kubernetes.io/master"
"""The control plane's label and taint before Kubernetes 1.24."""
UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized"
NOT_READY = "node.kubernetes.io/not-ready"
CLUSTER_CRITICAL = "system-cluster-critical"
NODE_CRITICAL = "system-node-critical"
API_ON_THIS_NODE = {"KUBERNETES_SERVICE_HOST": "127.0.0.1"}
"""Environment of pods on the control plane that must work before services do."""


class AddonContext(Context):
    """A context with queries that several add-ons use."""

    @property
    def irsa(self) -> bool:
        """Whether service accounts have IAM roles of their own (IRSA) instead of their machine's."""
        return bool(self.read.boolean("spec.iam.useServiceAccountExternalPermissions"))

    @property
    def karpenter(self) -> bool:
        """Whether Karpenter starts machines, so that there may be only a control plane at first."""
        return bool(self.read.boolean("spec.karpenter.enabled"))

    @property
    def selinux(self) -> bool:
        """Whether containers run under SELinux."""
        return bool(self.read.boolean("spec.containerd.selinuxEnabled"))

    @property
    def replicas(self) -> int:
        """Replicas of a controller: two if the control plane has several instance groups."""
        return min(2, len(self.groups_of(Role.CONTROL_PLANE))) or 1

    def at_least(self, minor: int) -> bool:
        """Whether Kubernetes is 1.``minor`` or later."""
        version = semver.parse_kubernetes(self.read.string("spec.kubernetesVersion") or "")
        return version is not None and (version.major, version.minor) >= (1, minor)

    def say(self, path: str, default: bool = False) -> str:
        """A boolean field as the text that programs read."""
        value = self.read.boolean(path)
        return spell(default if value is None else value)

    def text(self, path: str, default: str = "") -> str:
        """A scalar field as text, or a default if unset or empty."""
        value = self.read.get(path)
        if isinstance(value, bool):
            return spell(value)
        return default if value in (None, "") else str(value)

    @property
    def cloud_labels(self) -> str:
        """The tags of cloud resources that add-ons create, sorted: ``key=value`` joined by commas."""
        tags = {"KubernetesCluster": self.name} | self.strings_by_key("spec.cloudLabels")
        return ",".join(sorted(f"{key}={value}" for key, value in tags.items()))


def spell(value: bool) -> str:
    """``true`` or ``false``."""
    return "true" if value else "false"


def on_control_plane(*, uninitialized: bool = False) -> Object:
    """Placement of a pod that must run on the control plane.

    ``uninitialized``: even before the cloud controller knows the node.
    """
    return fields(
        affinity={"nodeAffinity": required_nodes([exists(CONTROL_PLANE)], [exists(MASTER)])},
        tolerations=[
            *(tolerates(UNINITIALIZED, NOT_READY) if uninitialized else []),
            *tolerates(CONTROL_PLANE, MASTER),
        ],
    )
