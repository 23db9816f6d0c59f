"""Storage classes for EBS volumes: those of older clusters, which are immutable, and the default."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext, spell
from kops_core.model.addons.objects import Object, fields, thing
from kops_core.model.addons.rbac import account, cluster_role, cluster_role_binding, rule

IN_TREE = "kubernetes.io/aws-ebs"
CSI = "ebs.csi.aws.com"
DEFAULT = "storageclass.kubernetes.io/is-default-class"


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    name = "system:aws-cloud-provider"
    return [
        storage_class("default", IN_TREE, "gp2"),
        storage_class("gp2", IN_TREE, "gp2", default=False),
        storage_class("kops-ssd-1-17", IN_TREE, "gp2", default=False, modern=True),
        storage_class("kops-csi-1-21", CSI, "gp3", default=True, modern=True),
        cluster_role(name, rule("", "nodes", "get list patch"), rule("", "events", "create patch update")),
        cluster_role_binding(name, name, account("aws-cloud-provider")),
    ]


def storage_class(
    name: str, provisioner: str, volume_type: str, *, default: bool | None = None, modern: bool = False
) -> Object:
    """A storage class; ``modern``: encrypted, bound in the pod's zone, and expandable."""
    return thing(
        "storage.k8s.io/v1",
        "StorageClass",
        name,
        None,
        annotations=None if default is None else {DEFAULT: spell(default)},
        provisioner=provisioner,
        parameters=fields(type=volume_type, encrypted="true" if modern else None),
        allowVolumeExpansion=True if modern else None,
        volumeBindingMode="WaitForFirstConsumer" if modern else None,
    )
