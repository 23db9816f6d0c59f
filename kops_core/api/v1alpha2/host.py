"""The Host kind."""

from typing import Literal

from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.types import Always, Model, Nonzero, about


class HostSpec(Model):
    """A machine that is not of a cloud."""

    publicKey: Nonzero[str] = about("Its public key.")
    instanceGroup: Nonzero[str] = about("Its instance group.")
    podCIDRs: list[str] | None = about("Its ranges of pod addresses.")


class Host(Model):
    """A machine that is not of a cloud."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Host"]
    metadata: Always[ObjectMeta] = about("Name and labels of the object.")
    spec: Always[HostSpec] = about("What is known of it.")
