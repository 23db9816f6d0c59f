"""keys"""

from typing import Literal

from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.types import Always, Base64, Model, Nonzero, Timestamp, about


class KeysetItem(Model):
    """KeysetItem."""

    id: Nonzero[str] = about("")
    distrustTimestamp: Timestamp | None = about("")
    publicMaterial: Base64 | None = about("")
    privateMaterial: Base64 | None = about("")


class KeysetSpec(Model):
    """KeysetSpec."""

    type: Nonzero[str] = about("")
    primaryId: Nonzero[str] = about("")
    keys: list[KeysetItem] | None = about("")


class Keyset(Model):
    """Keyset."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Keyset"]
    metadata: Always[ObjectMeta] = about("")
    spec: Always[KeysetSpec] = about("")


class SSHCredentialSpec(Model):
    """SSHCredentialSpec."""

    publicKey: Nonzero[str] = about("")


class SSHCredential(Model):
    """SSHCredential."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["SSHCredential"]
    metadata: Always[ObjectMeta] = about("")
    spec: Always[SSHCredentialSpec] = about("")
