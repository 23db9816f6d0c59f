"""The EC2 key pair of the machines."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator

from kops_core.api.ssh import key_blob, md5_fingerprint, md5_with_colons
from kops_core.cloud.aws.resources.groups import SSHKey
from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref


def ssh_key(c: Context) -> Iterator[Resource]:
    """The key pair, if the machines have one."""
    if ssh_key_name(c):
        yield c.make(_ssh_key)


def ssh_key_ref(c: Context) -> Ref | None:
    """The key pair of the machines; None for machines without one."""
    name = ssh_key_name(c)
    return Ref(Key("SSHKey", name)) if name else None


def ssh_key_name(c: Context) -> str:
    """The user's key pair by its name, or ours named by its fingerprint; "" for none."""
    given = c.read.string("spec.sshKeyName")
    if given is not None:
        return given
    if not c.settings.ssh_public_keys:
        return ""
    return f"kubernetes.{c.name}-{md5_fingerprint(c.settings.ssh_public_keys[0])}"


def _ssh_key(c: Context) -> SSHKey:
    name, keys = ssh_key_name(c), c.settings.ssh_public_keys
    if c.read.string("spec.sshKeyName"):
        if not keys:
            return SSHKey(name=name, shared=True, existing_id=name)
        # With a key in the store, kOps creates the pair if there is none of this name.
        return SSHKey(name=name, public_key_material=keys[0].strip(), first_tags=c.tags(c.name))
    public = keys[0].strip()
    return SSHKey(
        name=name,
        public_key_material=public,
        key_fingerprint=ec2_fingerprint(public),
        tags=c.tags(c.name),
    )


def ec2_fingerprint(public_key: str) -> str:
    """The fingerprint that EC2 gives an imported key.

    RSA: MD5 of the DER public key, with colons; ED25519: SHA-256 of the key, base64 (EC2's user guide).
    """
    if public_key.split(maxsplit=1)[0] == "ssh-ed25519":
        return b64encode(hashlib.sha256(key_blob(public_key)).digest()).decode()
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_ssh_public_key,
    )

    der = load_ssh_public_key(public_key.encode()).public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return md5_with_colons(der)
