"""The snapshot controller: makes snapshots of volumes, and checks what users ask for."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.definitions import AGE, CLUSTER, definition, version
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
APPROVED = {"api-approved.kubernetes.io": "https://github.com/kubernetes-csi/external-snapshotter/pull/419"}
"""The API server refuses definitions in a protected group without the approval."""


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        *_definitions(),
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
            c.read.flag("spec.snapshotController.installDefaultClass"),
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


def _definitions() -> list[Object]:
    ready = ("ReadyToUse boolean .status.readyToUse",)
    classes = definition(
        GROUP,
        "VolumeSnapshotClass",
        *_versions(
            "Driver string .driver",
            "DeletionPolicy string .deletionPolicy",
            AGE,
            status=False,
            required="deletionPolicy driver",
            top={"driver": {"type": "string"}, "deletionPolicy": {"type": "string"}},
        ),
        scope=CLUSTER,
        plural="volumesnapshotclasses",
        short="vsclass vsclasses",
        annotations=APPROVED,
    )
    contents = definition(
        GROUP,
        "VolumeSnapshotContent",
        *_versions(
            *ready,
            "RestoreSize integer .status.restoreSize",
            "DeletionPolicy string .spec.deletionPolicy",
            "Driver string .spec.driver",
            "VolumeSnapshotClass string .spec.volumeSnapshotClassName",
            "VolumeSnapshot string .spec.volumeSnapshotRef.name",
            "VolumeSnapshotNamespace string .spec.volumeSnapshotRef.namespace",
            AGE,
            required="spec",
        ),
        scope=CLUSTER,
        short="vsc vscs",
        annotations=APPROVED,
    )
    snapshots = definition(
        GROUP,
        "VolumeSnapshot",
        *_versions(
            *ready,
            "SourcePVC string .spec.source.persistentVolumeClaimName",
            "SourceSnapshotContent string .spec.source.volumeSnapshotContentName",
            "RestoreSize string .status.restoreSize",
            "SnapshotClass string .spec.volumeSnapshotClassName",
            "SnapshotContent string .status.boundVolumeSnapshotContentName",
            "CreationTime date .status.creationTime",
            AGE,
            required="spec",
        ),
        short="vs",
        annotations=APPROVED,
    )
    return [classes, contents, snapshots]


def _versions(
    *columns: str, required: str, status: bool = True, top: Mapping[str, Object] | None = None
) -> list[Object]:
    """The version in use and the one before it, which is still served."""
    return [
        version("v1", *columns, status=status, required=required, top=top),
        version(
            "v1beta1", *columns, storage=False, deprecated=True, status=status, required=required, top=top
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
