"""The snapshot controller, which takes snapshots of volumes, and its validating webhook."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.crd import read_table
from kops_core.model.addons.objects import (
    KUBE_SYSTEM,
    Object,
    admission_rule,
    container,
    deployment,
    mount,
    only,
    pod,
    port,
    secret_volume,
    service,
    service_port,
    spread_zones_and_hosts,
    thing,
)
from kops_core.model.addons.rbac import (
    account,
    cluster_role,
    cluster_role_binding,
    role,
    role_binding,
    rule,
    service_account,
)

NAME = "snapshot-controller"
VERSION = "v6.0.1"
"""As of kOps 1.37, July 2026."""
REGISTRY = "registry.k8s.io/sig-storage"
GROUP = "snapshot.storage.k8s.io"
PODS = {"app": NAME}
VALIDATION = "snapshot-validation-service"
VALIDATION_PODS = {"app": "snapshot-validation"}
SECRET = "snapshot-validation-secret"  # noqa: S105 - a name
CERTIFICATES = "/etc/snapshot-validation-webhook/certs"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *read_table("snapshot_controller").definitions(),
        service_account(NAME),
        role(
            "snapshot-controller-leaderelection",
            rule("coordination.k8s.io", "leases", "get watch list delete update create"),
        ),
        _cluster_role(),
        role_binding(
            "snapshot-controller-leaderelection",
            "snapshot-controller-leaderelection",
            {"kind": "ServiceAccount", "name": NAME},
        ),
        cluster_role_binding("snapshot-controller-role", "snapshot-controller-runner", account(NAME)),
        _controller(),
        _validation(),
        service(VALIDATION, VALIDATION_PODS, service_port(443, target=443, protocol="TCP")),
        _webhook(),
        thing(
            "cert-manager.io/v1",
            "Certificate",
            VALIDATION,
            spec={
                "dnsNames": [f"{VALIDATION}.{KUBE_SYSTEM}.svc", f"{VALIDATION}.{KUBE_SYSTEM}.svc.{c.name}"],
                "issuerRef": {"kind": "Issuer", "name": "snapshot-controller.addons.k8s.io"},
                "secretName": SECRET,
            },
        ),
        *only(
            c.read.boolean("spec.snapshotController.installDefaultClass"),
            thing(
                f"{GROUP}/v1",
                "VolumeSnapshotClass",
                "csi-hostpath-snapclass",
                None,
                annotations={"snapshot.storage.kubernetes.io/is-default-class": "true"},
                driver="ebs.csi.aws.com",
                deletionPolicy="Delete",
            ),
        ),
    ]


def _cluster_role() -> Object:
    return cluster_role(
        "snapshot-controller-runner",
        rule("", "persistentvolumes", "get list watch"),
        rule("", "persistentvolumeclaims", "get list watch update"),
        rule("", "events", "list watch create update patch"),
        rule(GROUP, "volumesnapshotclasses", "get list watch"),
        rule(GROUP, "volumesnapshotcontents", "create get list watch delete patch"),
        rule(GROUP, "volumesnapshotcontents/status", "patch"),
        rule(GROUP, "volumesnapshots", "get list watch update patch"),
        rule(GROUP, "volumesnapshots/status", "update patch"),
    )


def _controller() -> Object:
    return deployment(
        NAME,
        PODS,
        pod(
            PODS,
            container(
                NAME,
                f"{REGISTRY}/snapshot-controller:{VERSION}",
                args=["--v=5", "--leader-election=true"],
                imagePullPolicy="IfNotPresent",
            ),
            serviceAccountName=NAME,
            topologySpreadConstraints=spread_zones_and_hosts(PODS),
        ),
        minReadySeconds=15,
        replicas=2,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
    )


def _validation() -> Object:
    files = "snapshot-validation-webhook-certs"
    return deployment(
        "snapshot-validation-deployment",
        VALIDATION_PODS,
        pod(
            VALIDATION_PODS,
            container(
                "snapshot-validation",
                f"{REGISTRY}/snapshot-validation-webhook:{VERSION}",
                args=[
                    f"--tls-cert-file={CERTIFICATES}/tls.crt",
                    f"--tls-private-key-file={CERTIFICATES}/tls.key",
                ],
                ports=[port(443)],
                mounts=[mount(files, CERTIFICATES, readOnly=True)],
                imagePullPolicy="IfNotPresent",
            ),
            serviceAccountName=NAME,
            topologySpreadConstraints=spread_zones_and_hosts(VALIDATION_PODS),
            volumes=[secret_volume(files, SECRET)],
        ),
        labels=VALIDATION_PODS,
        replicas=2,
    )


def _webhook() -> Object:
    name, checked = f"validation-webhook.{GROUP}", "volumesnapshots volumesnapshotcontents"
    asked = {"name": VALIDATION, "namespace": KUBE_SYSTEM, "path": "/volumesnapshot"}
    return thing(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        name,
        None,
        annotations={"cert-manager.io/inject-ca-from": f"{KUBE_SYSTEM}/{VALIDATION}"},
        webhooks=[
            {
                "name": name,
                "admissionReviewVersions": ["v1", "v1beta1"],
                "clientConfig": {"service": asked},
                "failurePolicy": "Ignore",
                "rules": [admission_rule(GROUP, "v1 v1beta1", "CREATE UPDATE", checked, scope="*")],
                "sideEffects": "None",
                "timeoutSeconds": 2,
            }
        ],
    )
