"""AWS IAM Authenticator, which authenticates IAM identities as Kubernetes users."""

from __future__ import annotations

from kops_core.model.addons.context import CONTROL_PLANE, MASTER, NODE_CRITICAL, UNINITIALIZED, AddonContext
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    SPC,
    Object,
    config_volume,
    container,
    daemon_set,
    host_path,
    http_probe,
    mount,
    only,
    pod,
    requests,
    thing,
    tolerates,
)
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule, service_account

NAME = "aws-iam-authenticator"
IMAGE = "public.ecr.aws/eks-distro/kubernetes-sigs/aws-iam-authenticator:v0.6.20-eks-1-30-7"
"""As of kOps 1.37, July 2026."""
GROUP = "iamauthenticator.k8s.aws"
AT = "spec.authentication.aws"
PODS = {"k8s-app": NAME}
USER = 10000
"""User id of the authenticator, which owns its files on the nodes."""
CONFIGURATION = "/etc/aws-iam-authenticator/"
STATE = "/var/aws-iam-authenticator"
ON_NODE = "/srv/kubernetes/aws-iam-authenticator/"
API_SERVER = "node-role.kubernetes.io/api-server"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *read_table("iam_authenticator", __package__).definitions(),
        cluster_role(
            NAME,
            rule(GROUP, "iamidentitymappings", "get list watch"),
            rule(GROUP, "iamidentitymappings/status", "patch update"),
            rule("", "events", "create update patch"),
            rule("", "configmaps", "list watch"),
            rule("", "configmaps", "get", names="aws-auth"),
        ),
        service_account(NAME),
        cluster_role_binding(NAME, NAME, account(NAME)),
        _daemon_set(c),
        *(_mappings(c) if "CRD" in c.text(f"{AT}.backendMode") else []),
    ]


def _daemon_set(c: AddonContext) -> Object:
    mode = c.text(f"{AT}.backendMode")
    from_file = not mode or "MountedFile" in mode
    cluster_id = c.text(f"{AT}.clusterID")
    cpu_limit = c.text(f"{AT}.cpuLimit")
    role = API_SERVER if c.feature("APIServerNodes") else CONTROL_PLANE
    return daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                c.text(f"{AT}.image", IMAGE),
                args=[
                    "server",
                    *only(from_file, f"--config={CONFIGURATION}config.yaml"),
                    *only(cluster_id or not from_file, f"--cluster-id={cluster_id or c.name}"),
                    f"--state-dir={STATE}",
                    "--kubeconfig-pregenerated=true",
                    *only(mode, f"--backend-mode={mode}"),
                ],
                mounts=[
                    *only(from_file, mount("config", CONFIGURATION)),
                    mount("state", f"{STATE}/"),
                    mount("output", "/etc/kubernetes/aws-iam-authenticator/"),
                ],
                livenessProbe=http_probe("/healthz", 21362, host="127.0.0.1", scheme="HTTPS"),
                resources=requests(
                    c.text(f"{AT}.cpuRequest", "10m"),
                    c.text(f"{AT}.memoryRequest", "20Mi"),
                    limits={"memory": c.text(f"{AT}.memoryLimit", "20Mi")}
                    | ({"cpu": cpu_limit} if cpu_limit else {}),
                ),
                securityContext={
                    "allowPrivilegeEscalation": False,
                    "capabilities": {"drop": ["ALL"]},
                    "runAsGroup": USER,
                    "runAsUser": USER,
                },
            ),
            hostNetwork=True,
            nodeSelector={role: ""},
            priorityClassName=NODE_CRITICAL,
            securityContext={"seLinuxOptions": SPC} if c.selinux else None,
            serviceAccountName=NAME,
            tolerations=[
                *({"effect": "NoSchedule", "key": key} for key in (MASTER, CONTROL_PLANE, API_SERVER)),
                *tolerates(UNINITIALIZED, "CriticalAddonsOnly"),
            ],
            volumes=[
                *only(from_file, config_volume("config", NAME)),
                host_path("output", ON_NODE),
                host_path("state", ON_NODE),
            ],
        ),
        labels=PODS,
        updateStrategy={"type": "RollingUpdate"},
    ) | {"metadata": _metadata()}


def _metadata() -> Object:
    seccomp = {"seccomp.security.alpha.kubernetes.io/pod": "runtime/default"}
    return {"name": NAME, "namespace": KUBE_SYSTEM, "labels": PODS, "annotations": seccomp}


def _mappings(c: AddonContext) -> list[Object]:
    """The identity mappings of the spec."""
    return [
        thing(
            f"{GROUP}/v1alpha1",
            "IAMIdentityMapping",
            f"iam-identity-mapping-{number}",
            None,
            labels=PODS,
            spec={"arn": row.get("arn"), "username": row.get("username"), "groups": row.get("groups")},
        )
        for number, row in enumerate(c.read.records(f"{AT}.identityMappings"))
    ]
