"""The AWS cloud controller manager: nodes, routes, and load balancers of services."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.model.addons.context import (
    API_ON_THIS_NODE,
    CLUSTER_CRITICAL,
    CONTROL_PLANE,
    AddonContext,
    spell,
)
from kops_core.model.addons.objects import (
    EVERY_TAINT,
    SPC,
    Object,
    container,
    daemon_set,
    exists,
    host_path,
    mount,
    pod,
    requests,
    required_nodes,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    role_binding,
    rule,
    service_account,
)

NAME = "aws-cloud-controller-manager"
CONFIG = "/etc/kubernetes/cloud.config"
AT = "spec.cloudControllerManager"
FLAGS = {
    "allocateNodeCIDRs": "allocate-node-cidrs",
    "allowUntaggedCloud": "allow-untagged-cloud",
    "cidrAllocatorType": "cidr-allocator-type",
    "cloudProvider": "cloud-provider",
    "clusterCIDR": "cluster-cidr",
    "clusterName": "cluster-name",
    "concurrentNodeSyncs": "concurrent-node-syncs",
    "configureCloudRoutes": "configure-cloud-routes",
    "controllers": "controllers",
    "enableLeaderMigration": "enable-leader-migration",
    "logLevel": "v",
    "master": "master",
    "nodeStatusUpdateFrequency": "node-status-update-frequency",
    "useServiceAccountCredentials": "use-service-account-credentials",
    "leaderElection.leaderElect": "leader-elect",
    "leaderElection.leaderElectLeaseDuration": "leader-elect-lease-duration",
    "leaderElection.leaderElectRenewDeadlineDuration": "leader-elect-renew-deadline",
    "leaderElection.leaderElectResourceLock": "leader-elect-resource-lock",
    "leaderElection.leaderElectResourceName": "leader-elect-resource-name",
    "leaderElection.leaderElectResourceNamespace": "leader-elect-resource-namespace",
    "leaderElection.leaderElectRetryPeriod": "leader-elect-retry-period",
}
"""Fields of the spec and their flags."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    role = "system:cloud-controller-manager"
    return [
        _daemon_set(c),
        service_account(NAME),
        role_binding(
            "cloud-controller-manager:apiserver-authentication-reader",
            "extension-apiserver-authentication-reader",
            account(NAME) | {"apiGroup": ""},
        ),
        cluster_role(
            role,
            rule("", "events", "create patch update"),
            rule("", "nodes", "*"),
            rule("", "nodes/status", "patch"),
            rule("", "services", "list patch update watch"),
            rule("", "services/status", "list patch update watch"),
            rule("", "serviceaccounts", "create get"),
            rule("", "persistentvolumes", "get list update watch"),
            rule("", "endpoints", "create get list watch update"),
            rule("coordination.k8s.io", "leases", "create get list watch update"),
            rule("", "secrets", "list watch"),
            rule(
                "",
                "serviceaccounts/token",
                "create",
                names="node-controller service-controller route-controller",
            ),
        ),
        cluster_role_binding(role, role, account(NAME) | {"apiGroup": ""}),
    ]


def _daemon_set(c: AddonContext) -> Object:
    return daemon_set(
        NAME,
        {"k8s-app": NAME},
        pod(
            {"k8s-app": NAME},
            container(
                NAME,
                c.text(f"{AT}.image"),
                args=arguments(c),
                env=API_ON_THIS_NODE,
                mounts=[mount("cloudconfig", CONFIG, readOnly=True)],
                resources=requests(c.text(f"{AT}.cpuRequest", "200m")),
                imagePullPolicy="IfNotPresent",
            ),
            affinity={"nodeAffinity": required_nodes([exists(CONTROL_PLANE)])},
            hostNetwork=True,
            null="nodeSelector",
            priorityClassName=CLUSTER_CRITICAL,
            securityContext={"seLinuxOptions": SPC} if c.selinux else None,
            serviceAccountName=NAME,
            tolerations=[EVERY_TAINT],
            volumes=[host_path("cloudconfig", CONFIG, "")],
        ),
        labels={"k8s-app": NAME},
        updateStrategy={"type": "RollingUpdate"},
    )


def arguments(c: AddonContext) -> list[str]:
    """Its command line: the spec's flags, sorted, then defaults of others."""
    given = {flag: c.read.get(f"{AT}.{name}") for name, flag in FLAGS.items()}
    flags = sorted(f"--{flag}={_flag(value)}" for flag, value in given.items() if value not in (None, "", []))
    return [
        *(flag for flag in flags if flag != "--v=0"),
        *([] if given["v"] else ["--v=2"]),
        *([] if given["cloud-provider"] else ["--cloud-provider=aws"]),
        *(
            []
            if given["use-service-account-credentials"] is not None
            else ["--use-service-account-credentials=true"]
        ),
        f"--cloud-config={CONFIG}",
    ]


def _flag(value: Value) -> str:
    if isinstance(value, bool):
        return spell(value)
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
