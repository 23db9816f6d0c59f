"""The secrets and SSH public keys of one cluster, checked before they are stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kops_core.api import yaml_reader
from kops_core.api.ssh import md5_fingerprint
from kops_core.errors import InvalidSpec, ObjectExists, ObjectNotFound, UsageError
from kops_core.store.secret import Secret

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterServices
    from kops_core.store.key_store import KeyStore


@dataclass(frozen=True)
class SSHPublicKey:
    """An SSH public key for logins to machines."""

    id: str
    """MD5 fingerprint, with colons; "" for an invalid key."""
    public_key: str
    """One line of type, key and comment."""


class Credentials:
    """The secrets and SSH public keys of one cluster."""

    def __init__(self, name: str, key_store: KeyStore, services: ClusterServices) -> None:
        self._name = name
        self._key_store = key_store
        self._services = services

    def secrets(self) -> list[str]:
        """I/O. The names of the secrets."""
        return self._key_store.secrets()

    def secret(self, name: str) -> bytes:
        """I/O. The content of a secret; to be called only if an operator wants to see it.

        Raises ObjectNotFound.
        """
        self._expect(name)
        return self._key_store.secret(name).reveal()

    def create_secret(self, name: str, content: bytes, *, force: bool = False) -> None:
        """I/O. Stores ``dockerconfig`` (JSON), ``encryptionconfig`` or ``ciliumpassword`` (YAML).

        force: replaces an existing one. Raises UsageError, Refused, ObjectExists.
        """
        self._services.expect_write(f"create the secret {name}")
        if name not in _FORMS:
            raise UsageError(f"{name} is no secret that can be given", remedy=", ".join(_FORMS))
        _FORMS[name](content, name)
        if force:
            self._key_store.put_secret(name, Secret(content))
            return
        try:
            self._key_store.create_secret(name, Secret(content))
        except ObjectExists as error:
            raise ObjectExists(
                f"the cluster has a secret {name} already",
                where=self._name,
                remedy="replace it with --force",
            ) from error

    def delete_secret(self, name: str) -> None:
        """I/O. Raises ObjectNotFound, Refused."""
        self._services.expect_write(f"delete the secret {name}")
        self._expect(name)
        self._key_store.delete_secret(name)

    def ssh_public_keys(self) -> list[SSHPublicKey]:
        """I/O. The keys of new machines."""
        return [SSHPublicKey(_fingerprint(key), key) for key in self._key_store.ssh_public_keys()]

    def add_ssh_public_key(self, content: bytes) -> str:
        """I/O. Stores a key unchanged; its fingerprint. Raises InvalidSpec, Refused."""
        self._services.expect_write("add an SSH public key")
        return self._key_store.add_ssh_public_key(content)

    def delete_ssh_public_keys(self) -> None:
        """I/O. Removes all of them; none is no error, as in kOps. Raises Refused."""
        self._services.expect_write("delete the SSH public keys")
        self._key_store.delete_ssh_public_keys()

    def _expect(self, name: str) -> None:
        # A name becomes a file name, and must not contain a path.
        if name not in self._key_store.secrets():
            raise ObjectNotFound(
                f"the cluster has no secret {name}",
                where=self._name,
                remedy=f"list them with: kops-tui get secrets --name {self._name}",
            )


def _expect_json(content: bytes, name: str) -> None:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    # The cause would contain the content.
    if not isinstance(found, dict):
        raise UsageError(f"the {name} has to be a JSON object", where=name)


def _expect_yaml(content: bytes, name: str) -> None:
    try:
        found = [document.value for document in yaml_reader.read(content.strip(), name)]
    except InvalidSpec:
        found = [None]
    if len(found) > 1 or (found and not isinstance(found[0], dict)):
        raise UsageError(f"the {name} has to be one YAML mapping", where=name)


_FORMS: Mapping[str, Callable[[bytes, str], None]] = {
    "dockerconfig": _expect_json,
    "encryptionconfig": _expect_yaml,
    "ciliumpassword": _expect_yaml,
}
"""The secrets of operators, with checks of their format."""


def _fingerprint(public_key: str) -> str:
    try:
        return md5_fingerprint(public_key)
    except InvalidSpec:
        return ""
