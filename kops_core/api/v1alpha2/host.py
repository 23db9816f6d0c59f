"""host"""

from typing import Literal

from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.types import Always, Model, Nonzero, about


class HostSpec(Model):
    """HostSpec."""

    publicKey: Nonzero[str] = about("")
    instanceGroup: Nonzero[str] = about("")
    podCIDRs: list[str] | None = about("")


class Host(Model):
    """Host."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Host"]
    metadata: Always[ObjectMeta] = about("")
    spec: Always[HostSpec] = about("")
