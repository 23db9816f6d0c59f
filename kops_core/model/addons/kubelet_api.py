"""The permission of API servers to use the API of kubelets."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object
from kops_core.model.addons.rbac import cluster_role_binding, user


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    return [
        cluster_role_binding("kops:system:kubelet-api-admin", "system:kubelet-api-admin", user("kubelet-api"))
    ]
