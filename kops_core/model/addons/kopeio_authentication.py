"""kopeio's authentication service, which validates tokens for the API server."""

from __future__ import annotations

from kops_core.model.addons.context import CONTROL_PLANE, MASTER, NODE_CRITICAL, AddonContext
from kops_core.model.addons.manifest import structure
from kops_core.model.addons.objects import (
    Object,
    container,
    daemon_set,
    exists,
    pod,
    port,
    required_nodes,
    service_port,
    thing,
    tolerates,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    role_binding,
    rule,
    service_account,
)

NAME = "auth-api"
NAMESPACE = "kopeio-auth"
IMAGE = "kopeio/auth-api:1.0.20171125"
PODS = {"app": NAME}
SECURE_PORT = 9002


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    who = account(NAME, NAMESPACE)
    made = [
        thing("v1", "Namespace", NAMESPACE, None),
        thing(
            "v1",
            "Service",
            NAME,
            NAMESPACE,
            spec={"selector": PODS, "ports": [service_port(443, target=SECURE_PORT)]},
        ),
        _daemon_set(),
        _api("auth.kope.io"),
        _api("config.auth.kope.io"),
        service_account(NAME, NAMESPACE),
        role_binding("kopeio-auth:auth-api:auth-reader", "extension-apiserver-authentication-reader", who),
        cluster_role_binding("kopeio-auth:system:auth-delegator", "system:auth-delegator", who),
        in_namespace(cluster_role(NAME, rule("auth.kope.io", "users", "get list watch"))),
        in_namespace(cluster_role_binding(NAME, NAME, who)),
    ]
    return [_labelled(each) for each in made]


def _labelled(each: Object) -> Object:
    """An object with the add-on's name, beside the selector that all authenticators share."""
    metadata = structure(each["metadata"])
    labels = {**structure(metadata.get("labels")), "k8s-addon": "authentication.kope.io"}
    return each | {"metadata": {**metadata, "labels": labels}}


def in_namespace(each: Object) -> Object:
    """A cluster-wide object with the namespace that kOps writes and the API ignores."""
    return each | {"metadata": {**structure(each["metadata"]), "namespace": NAMESPACE}}


def _daemon_set() -> Object:
    return daemon_set(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                IMAGE,
                command=[
                    "/auth-api",
                    "--listen=127.0.0.1:9001",
                    f"--secure-port={SECURE_PORT}",
                    "--etcd-servers=http://127.0.0.1:4001",
                    "--v=8",
                    "--storage-backend=etcd2",
                ],
                ports=[port(9001)],
                imagePullPolicy="Always",
            ),
            affinity={"nodeAffinity": required_nodes([exists(CONTROL_PLANE)], [exists(MASTER)])},
            hostNetwork=True,
            null="nodeSelector",
            priorityClassName=NODE_CRITICAL,
            serviceAccountName=NAME,
            tolerations=[
                {"effect": "NoSchedule", "key": MASTER},
                {"effect": "NoSchedule", "key": CONTROL_PLANE},
                *tolerates("CriticalAddonsOnly"),
            ],
        ),
        NAMESPACE,
    )


def _api(group: str) -> Object:
    return thing(
        "apiregistration.k8s.io/v1",
        "APIService",
        f"v1alpha1.{group}",
        None,
        spec={
            "insecureSkipTLSVerify": True,
            "group": group,
            "groupPriorityMinimum": 1000,
            "versionPriority": 15,
            "service": {"name": NAME, "namespace": NAMESPACE},
            "version": "v1alpha1",
        },
    )
