"""The kinds that hold keys: Keyset and SSHCredential."""

from typing import Annotated, Literal

from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.types import Always, Base64, Model, Nonzero, OneOf, Timestamp, about


class KeysetItem(Model):
    """A key."""

    id: Nonzero[str] = about("Its number.")
    distrustTimestamp: Timestamp | None = about("Since when it is no longer trusted.")
    publicMaterial: Base64 | None = about("Certificate or public key.")
    privateMaterial: Base64 | None = about("Private key or token. Secret.")


class KeysetSpec(Model):
    """The keys of one purpose."""

    type: Nonzero[Annotated[str, OneOf(("Keypair", "Secret"))]] = about("What the keys are.")
    primaryId: Nonzero[str] = about("Id of the key that signs.")
    keys: list[KeysetItem] | None = about("The keys.")


class Keyset(Model):
    """Keys of one purpose, old and new."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Keyset"]
    metadata: Always[ObjectMeta] = about("Name and labels of the object.")
    spec: Always[KeysetSpec] = about("The keys.")


class SSHCredentialSpec(Model):
    """A public SSH key."""

    publicKey: Nonzero[str] = about("The key, as in authorized_keys.")


class SSHCredential(Model):
    """A public SSH key for the machines."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["SSHCredential"]
    metadata: Always[ObjectMeta] = about("Name and labels of the object.")
    spec: Always[SSHCredentialSpec] = about("The key.")
