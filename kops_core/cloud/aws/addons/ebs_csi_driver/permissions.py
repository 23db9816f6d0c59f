"""Permissions of the driver and its sidecars in the Kubernetes API."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.addons.ebs_csi_driver.parts import CONTROLLER_ACCOUNT, NODE_ACCOUNT
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, role, role_binding, rule


def permissions(labels: Mapping[str, str]) -> list[Object]:
    """Roles and bindings."""
    storage, snapshots = "storage.k8s.io", "snapshot.storage.k8s.io"
    group_snapshots = "groupsnapshot.storage.k8s.io"
    events = rule("", "events", "list watch create update patch")
    roles = [
        cluster_role(
            "ebs-external-attacher-role",
            rule("", "persistentvolumes", "get list watch patch"),
            rule(storage, "csinodes", "get list watch"),
            rule(storage, "volumeattachments", "get list watch patch"),
            rule(storage, "volumeattachments/status", "patch"),
            labels=labels,
        ),
        cluster_role(
            "ebs-csi-node-role",
            rule(storage, "volumeattachments", "get list watch"),
            rule("", "nodes", "get"),
            rule("", "nodes", "patch list watch"),
            rule(storage, "csinodes", "get"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-provisioner-role",
            rule("", "persistentvolumes", "get list watch create patch delete"),
            rule("", "persistentvolumeclaims", "get list watch update"),
            rule(storage, "storageclasses", "get list watch"),
            events,
            rule(snapshots, "volumesnapshots", "get list watch update"),
            rule(snapshots, "volumesnapshotcontents", "get list"),
            rule(storage, "csinodes", "get list watch"),
            rule("", "nodes", "get list watch"),
            rule(storage, "volumeattachments", "get list watch"),
            rule(storage, "volumeattributesclasses", "get"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-resizer-role",
            rule("", "persistentvolumes", "get list watch patch"),
            rule("", "persistentvolumeclaims", "get list watch"),
            rule("", "pods", "get list watch"),
            rule("", "persistentvolumeclaims/status", "patch"),
            events,
            rule(storage, "volumeattributesclasses", "get list watch"),
            labels=labels,
        ),
        cluster_role(
            "ebs-external-snapshotter-role",
            events,
            rule(snapshots, "volumesnapshotclasses", "get list watch"),
            rule(snapshots, "volumesnapshotcontents", "get list watch update patch"),
            rule(snapshots, "volumesnapshotcontents/status", "update patch"),
            rule(group_snapshots, "volumegroupsnapshotclasses", "get list watch"),
            rule(group_snapshots, "volumegroupsnapshotcontents", "get list watch update patch"),
            rule(group_snapshots, "volumegroupsnapshotcontents/status", "update patch"),
            labels=labels,
        ),
    ]
    bindings = (
        ("ebs-csi-attacher-binding", "ebs-external-attacher-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-node-getter-binding", "ebs-csi-node-role", NODE_ACCOUNT),
        ("ebs-csi-provisioner-binding", "ebs-external-provisioner-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-resizer-binding", "ebs-external-resizer-role", CONTROLLER_ACCOUNT),
        ("ebs-csi-snapshotter-binding", "ebs-external-snapshotter-role", CONTROLLER_ACCOUNT),
    )
    return [
        *roles,
        *(cluster_role_binding(name, bound, account(who), labels=labels) for name, bound, who in bindings),
        role(
            "ebs-csi-leases-role",
            rule("coordination.k8s.io", "leases", "get watch list delete update create"),
            labels=labels,
        ),
        role_binding(
            "ebs-csi-leases-rolebinding", "ebs-csi-leases-role", account(CONTROLLER_ACCOUNT), labels=labels
        ),
    ]
