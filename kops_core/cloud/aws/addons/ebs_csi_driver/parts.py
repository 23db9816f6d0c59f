"""Names, images and containers that the driver's controller and its node pods share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, container, fields, pod_field, requests
from kops_core.model.documents import Document

CONTROLLER = "ebs-csi-controller"
NODE = "ebs-csi-node"
CONTROLLER_ACCOUNT = "ebs-csi-controller-sa"
NODE_ACCOUNT = "ebs-csi-node-sa"
DRIVER = "ebs.csi.aws.com"
AT = "spec.cloudConfig.awsEBSCSIDriver"
SIDECARS = "registry.k8s.io/sig-storage"
PROVISIONER = "csi-provisioner:v6.2.0"
ATTACHER = "csi-attacher:v4.11.0"
SNAPSHOTTER = "csi-snapshotter:v8.5.0"
RESIZER = "csi-resizer:v2.1.0"
LIVENESS = "livenessprobe:v2.18.0"
REGISTRAR = "csi-node-driver-registrar:v2.16.0"
"""Sidecars, as of kOps 1.37, July 2026."""
APP = {"app.kubernetes.io/name": "aws-ebs-csi-driver", "app.kubernetes.io/instance": "aws-ebs-csi-driver"}
LINUX = {"kubernetes.io/os": "linux"}
SOCKET_DIR = "/var/lib/csi/sockets/pluginproxy/"
PLUGIN_DIR = f"/var/lib/kubelet/plugins/{DRIVER}/"
METRICS = {
    "": 3301,
    "-provisioner": 3302,
    "-attacher": 3303,
    "-resizer": 3304,
    "-liveness-probe": 3305,
    "-snapshotter": 3306,
    "-volumemodifier": 3307,
}
"""Metrics port of each container of the controller, by the suffix of its service."""
HARDENED: Object = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
CONFINED: Object = {**HARDENED, "seccompProfile": {"type": "RuntimeDefault"}}


def part(
    name: str,
    image: str,
    args: Sequence[str],
    mounts: Sequence[Object],
    *,
    env: Mapping[str, str | Object] | None = None,
    ports: Sequence[Object] | None = None,
    security: Object = HARDENED,
    **rest: Document,
) -> Object:
    """A container of the driver; all have the same resources and termination message policy."""
    return container(
        name,
        image,
        args=args,
        env=env,
        ports=ports,
        mounts=mounts,
        resources=requests("10m", "40Mi", limits={"memory": "256Mi"}),
        imagePullPolicy="IfNotPresent",
        securityContext=security,
        terminationMessagePolicy="FallbackToLogsOnError",
    ) | fields(**rest)


def plugin_image(c: AddonContext) -> str:
    """The driver's own image."""
    return f"registry.k8s.io/provider-aws/aws-ebs-csi-driver:{c.text(f'{AT}.version')}"


def plugin_env(c: AddonContext, endpoint: str) -> dict[str, str | Object]:
    """Variables of the driver itself, wherever it runs."""
    return {
        **({"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"} if c.ipv6_only else {}),
        "AWS_REGION": c.region,
        "CSI_ENDPOINT": endpoint,
        "CSI_NODE_NAME": pod_field("spec.nodeName"),
    }
