"""kopeio's network: layer 2 tunnels between nodes."""

from __future__ import annotations

from kops_core.model.addons.context import NODE_CRITICAL, AddonContext
from kops_core.model.addons.objects import (
    Object,
    container,
    daemon_set,
    host_path,
    mount,
    pod,
    pod_field,
    requests,
)
from kops_core.model.addons.rbac import (
    account_user,
    cluster_role,
    cluster_role_binding,
    rule,
    service_account,
)

NAME = "kopeio-networking-agent"
IMAGE = "kopeio/networking-agent:1.0.20181028"
LABELS = {"k8s-addon": "networking.kope.io"}
PODS = {"name": NAME}


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    role = "kopeio:networking-agent"
    return [
        daemon_set(
            NAME,
            PODS,
            pod(
                PODS,
                container(
                    "networking-agent",
                    IMAGE,
                    env={"NODE_NAME": pod_field("spec.nodeName")},
                    mounts=[mount("lib-modules", "/lib/modules", readOnly=True)],
                    resources=requests("50m", "100Mi", limits={"memory": "100Mi"}),
                    securityContext={"privileged": True},
                ),
                hostIPC=True,
                hostNetwork=True,
                hostPID=True,
                priorityClassName=NODE_CRITICAL,
                serviceAccountName=NAME,
                tolerations=[
                    {"effect": "NoSchedule", "operator": "Exists"},
                    {"effect": "NoExecute", "operator": "Exists"},
                ],
                volumes=[host_path("lib-modules", "/lib/modules")],
            ),
            labels=LABELS,
        ),
        service_account(NAME, labels=LABELS),
        cluster_role(
            role,
            rule("", "nodes", "get list watch patch"),
            rule("", "nodes/status", "patch"),
            labels=LABELS,
        ),
        cluster_role_binding(role, role, account_user(NAME), labels=LABELS),
    ]
