"""kops-channels, which applies the add-ons of the bootstrap channel."""

from __future__ import annotations

from kops_core.infer.common import join_path, remap_image
from kops_core.model.addons.addon import CHANNEL_LOCATION
from kops_core.model.addons.objects import container, host_path, http_probe, mount, pod_field, requests
from kops_core.model.context import Context, Role
from kops_core.model.environment import component_environment
from kops_core.model.nodes.static.pod import CRITICAL, pod
from kops_core.model.template import Template

NAME = "kops-channels"
PORT = 3986
USER = 10013
"""User id of kops-channels, which may read its kubeconfig on the machine."""
KUBECONFIG = "/var/lib/kops/kubeconfig"
CONTROL_PLANE_LABELS = ("node-role.kubernetes.io/control-plane",)
API_SERVER_LABELS = tuple(
    f"node-role.kops.k8s.io/{program}"
    for program in ("cloud-controller-manager", "kops-channel", "kops-controller")
)
"""Labels of API server nodes, which run the controllers if there is no control-plane group."""


def manifest(c: Context) -> Template:
    """The pod that applies all channels every minute."""
    return pod(
        {"name": NAME, "namespace": "kube-system", "labels": {"k8s-app": NAME}},
        containers=[
            container(
                NAME,
                remap_image(c.read, f"registry.k8s.io/kops/channels:{c.image_tag}"),
                args=_arguments(c),
                env={
                    "NODE_NAME": pod_field("spec.nodeName"),
                    "KUBECONFIG": KUBECONFIG,
                    "HOME": "/tmp",  # noqa: S108 - where a user without a home may write
                    **component_environment(c),
                },
                mounts=[mount("kubeconfig", KUBECONFIG, readOnly=True)],
                readinessProbe=http_probe(
                    "/readyz",
                    PORT,
                    host="127.0.0.1",
                    failureThreshold=2,
                    initialDelaySeconds=30,
                    periodSeconds=10,
                ),
                resources=requests("50m", "50Mi"),
                securityContext={"runAsNonRoot": True, "runAsUser": USER},
            )
        ],
        dnsPolicy="Default",
        hostNetwork=True,
        priorityClassName="system-node-critical",
        tolerations=CRITICAL,
        volumes=[host_path("kubeconfig", KUBECONFIG, "File")],
    )


def _arguments(c: Context) -> list[str]:
    labels = CONTROL_PLANE_LABELS if c.groups_of(Role.CONTROL_PLANE) else API_SERVER_LABELS
    return [
        "apply",
        "channel",
        "--v=4",
        "--yes",
        "--interval=1m0s",
        f"--node-labels={','.join(labels)}",
        "--node-name=$(NODE_NAME)",
        join_path(c.read.string("spec.configBase") or "", CHANNEL_LOCATION),
        *(str(manifest) for _, manifest in c.read.each("spec.addons[*].manifest")),
    ]
