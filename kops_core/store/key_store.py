"""A cluster's keysets, secrets and SSH public keys.

They are below the cluster's ``configBase``, unless the spec has another ``keyStore`` or ``secretStore``.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TypeVar

from kops_core.api.ssh import md5_fingerprint
from kops_core.api.values import Tree
from kops_core.errors import ObjectNotFound, StoreError
from kops_core.store import layout
from kops_core.store.backend import Backend, within
from kops_core.store.keysets import Keyset, PublicKeyset, read_keyset, write_keyset
from kops_core.store.listed import ListedBackend
from kops_core.store.object_cache import PUBLIC_PARTS
from kops_core.store.secret import Secret

_LEGACY_KEYSETS = {"kubernetes-ca": "ca", "service-account": "master"}
"""Names of keysets before kOps 1.22 and 1.19, which are read, too."""

_TOKEN_LENGTH = 32

_T = TypeVar("_T")


@dataclass(frozen=True)
class Place:
    """A folder in a store."""

    backend: Backend
    folder: str

    def key(self, *names: str) -> str:
        """The key of a file in the folder."""
        return within(self.folder, "/".join(names))


def places(
    store: Backend, cluster: Tree, name: str, open_store: Callable[[str], Backend]
) -> tuple[Place, Place, Place]:
    """The locations of a cluster's configuration, keys and secrets.

    ``open_store`` opens those that are
    outside
    of ``store``.
    """
    spec = cluster.get("spec")
    urls = spec if isinstance(spec, dict) else {}

    def place(field: str, default: Place) -> Place:
        url = str(urls.get(field) or "").rstrip("/")
        if not url:
            return default
        if url == store.url or url.startswith(f"{store.url}/"):
            return Place(store, url[len(store.url) + 1 :])
        return Place(open_store(url), "")

    base = place("configBase", Place(store, name))
    keys = place("keyStore", Place(base.backend, base.key(layout.PKI)))
    return base, keys, place("secretStore", Place(base.backend, base.key(layout.SECRETS)))


@dataclass(frozen=True)
class StoredKeyset:
    """A keyset as it was read."""

    keyset: Keyset
    etag: str
    legacy: bool = False
    """Read by its old name, to be stored by its new one."""


class KeyStore:
    """The keysets, secrets and SSH keys of one cluster."""

    def __init__(self, keys: Place, secrets: Place) -> None:
        self._keys = keys
        self._secrets = secrets

    # Keysets

    def keysets(self) -> list[str]:
        """The names of the keysets."""
        children = self._keys.backend.children(self._keys.key("private"))
        return sorted(child.name for child in children if child.folder)

    def keyset(self, name: str) -> StoredKeyset:
        """Raises ObjectNotFound, or InvalidSpec if its file can't be read."""
        return self._by_either_name(name, self._keyset)

    def public_keyset(self, name: str) -> PublicKeyset:
        """What everybody may know of a keyset. Of a listed store it is read once for each version.

        Raises as ``keyset`` does.
        """
        return self._by_either_name(name, self._public_keyset)

    def create_keyset(self, keyset: Keyset) -> None:
        """Raises ObjectExists: an existing keyset is never overwritten by a new one."""
        self._keys.backend.create(self._keyset_key(keyset.name), write_keyset(keyset))

    def replace_keyset(self, before: StoredKeyset, keyset: Keyset) -> None:
        """Raises ObjectChanged if another writer was faster."""
        key, data = self._keyset_key(keyset.name), write_keyset(keyset)
        if before.legacy:
            self._keys.backend.create(key, data)
        else:
            self._keys.backend.replace(key, data, before.etag)

    def _by_either_name(self, name: str, read: Callable[[str, str], _T]) -> _T:
        try:
            return read(name, name)
        except ObjectNotFound as error:
            if name in _LEGACY_KEYSETS:
                with suppress(ObjectNotFound):
                    return read(_LEGACY_KEYSETS[name], name)
            raise error from None

    def _keyset(self, folder: str, name: str) -> StoredKeyset:
        stored = self._keys.backend.read(self._keyset_key(folder))
        keyset = self._parsed(stored.key, stored.data, name)
        return StoredKeyset(keyset, stored.etag, legacy=folder != name)

    def _public_keyset(self, folder: str, name: str) -> PublicKeyset:
        backend, key = self._keys.backend, self._keyset_key(folder)
        if not isinstance(backend, ListedBackend):
            return self._parsed(key, backend.read(key).data, name).public

        def public(data: bytes) -> bytes:
            return json.dumps(asdict(self._parsed(key, data, name).public)).encode()

        return PublicKeyset(**json.loads(backend.derived(key, PUBLIC_PARTS, public)))

    def _parsed(self, key: str, data: bytes, name: str) -> Keyset:
        return read_keyset(data, name, f"{self._keys.backend.url}/{key}")

    def _keyset_key(self, name: str) -> str:
        return self._keys.key("private", name, "keyset.yaml")

    # Secrets

    def secrets(self) -> list[str]:
        """The names of the secrets."""
        children = self._secrets.backend.children(self._secrets.folder)
        return sorted(child.name for child in children if not child.folder)

    def secret(self, name: str) -> Secret:
        """Raises ObjectNotFound, or StoreError if its file can't be read."""
        stored = self._secrets.backend.read(self._secrets.key(name))
        try:
            return Secret(b64decode(json.loads(stored.data)["Data"], validate=True))
        except (ValueError, KeyError, TypeError):
            # The cause would contain the content.
            raise StoreError("the secret's file is damaged", where=stored.key) from None

    def create_secret(self, name: str, secret: Secret) -> None:
        """Raises ObjectExists."""
        self._secrets.backend.create(self._secrets.key(name), _secret_file(secret))

    def put_secret(self, name: str, secret: Secret) -> None:
        """Stores a secret, in place of any of that name (as ``--force`` does)."""
        self._secrets.backend.put(self._secrets.key(name), _secret_file(secret))

    def delete_secret(self, name: str) -> None:
        """Raises ObjectNotFound."""
        stored = self._secrets.backend.read(self._secrets.key(name))
        self._secrets.backend.delete(stored.key, stored.etag)

    # SSH public keys

    def ssh_public_keys(self) -> list[str]:
        """The keys that may log in as ``admin``, each as one line."""
        folder = self._keys.key("ssh", "public", "admin")
        children = [child for child in self._keys.backend.children(folder) if not child.folder]
        keys = (self._keys.backend.read(f"{folder}/{child.name}") for child in children)
        return [key.data.decode(errors="replace").strip() for key in keys]

    def add_ssh_public_key(self, public_key: bytes) -> str:
        """Stores a key unchanged; its fingerprint. Raises InvalidSpec if it is no public key."""
        fingerprint = md5_fingerprint(public_key.decode(errors="replace"))
        name = fingerprint.replace(":", "")
        self._keys.backend.put(self._keys.key("ssh", "public", "admin", name), public_key)
        return fingerprint

    def delete_ssh_public_keys(self) -> None:
        """Removes all of them."""
        folder = self._keys.key("ssh", "public", "admin")
        self._keys.backend.delete_all(list(self._keys.backend.keys(folder)))


def new_token() -> Secret:
    """A random password of letters and digits, like kOps' tokens."""
    text = ""
    while len(text) < _TOKEN_LENGTH:
        text = b64encode(secrets.token_bytes(128)).decode()
        text = text.translate(str.maketrans("", "", "+/="))
    return Secret(text[:_TOKEN_LENGTH].encode())


def _secret_file(secret: Secret) -> bytes:
    return json.dumps({"Data": b64encode(secret.reveal()).decode()}, separators=(",", ":")).encode()
