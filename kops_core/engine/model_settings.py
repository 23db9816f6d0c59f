"""Reads the input of the model beside specs and facts: settings, keys and secrets."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence

from kops_core.api import yaml_reader
from kops_core.api.values import Tree
from kops_core.engine.files.asset_hashes import AssetHash
from kops_core.engine.settings import Settings
from kops_core.errors import FieldError, InvalidSpec, ObjectNotFound
from kops_core.infer.inference import Inference
from kops_core.model.context import CloudModel, ModelSettings
from kops_core.store.key_store import KeyStore
from kops_core.store.secret import Secret

ENCRYPTION, CILIUM = "encryptionconfig", "ciliumpassword"
"""Secrets that the user has to create before the features that use them are turned on."""


def model_settings(
    inference: Inference,
    settings: Settings,
    key_store: KeyStore,
    *,
    cloud: CloudModel,
    asset_hash: AssetHash,
    additional_objects: Sequence[Tree],
    balancer_known: bool = True,
) -> ModelSettings:
    """I/O. The input of the model beside specs. Raises InvalidSpec if the spec needs a missing secret."""
    version, base_url = settings.kops_version, settings.base_url.rstrip("/")
    if base_url:
        # kOps' images have the version of its files, which is part of their URL.
        version = base_url.rpartition("/")[2] or version
    return ModelSettings(
        cloud=cloud,
        kops_version=version,
        ssh_public_keys=tuple(key_store.ssh_public_keys()),
        feature_flags=frozenset(settings.feature_flags),
        base_url=base_url,
        asset_hash=asset_hash,
        additional_objects=tuple(additional_objects),
        balancer_known=balancer_known,
        environment=settings.environment,
        encryption_config_hash=_encryption_hash(inference, key_store),
        cilium_keys=_cilium_keys(inference, key_store),
    )


def _encryption_hash(inference: Inference, key_store: KeyStore) -> str:
    """The hash of the encryption configuration; nodes restart the API server when it changes."""
    if not inference.reader().boolean("spec.encryptionConfig"):
        return ""
    secret = _required(key_store, ENCRYPTION, "spec.encryptionConfig")
    return urlsafe_b64encode(hashlib.sha256(secret.reveal()).digest()).decode()


def _cilium_keys(inference: Inference, key_store: KeyStore) -> Mapping[str, str]:
    read = inference.reader()
    if not read.boolean("spec.networking.cilium.enableEncryption"):
        return {}
    if read.string("spec.networking.cilium.encryptionType") != "ipsec":
        return {}
    secret = _required(key_store, CILIUM, "spec.networking.cilium.enableEncryption")
    try:
        documents = yaml_reader.read(secret.reveal(), CILIUM)
        found = documents[0].value if documents else None
    except InvalidSpec:
        found = None
    if not isinstance(found, dict) or not found or not all(isinstance(each, str) for each in found.values()):
        # The reader's own error would contain the key.
        raise _unusable(
            "spec.networking.cilium.enableEncryption",
            f"the secret {CILIUM} can't be used: store a line like 'keys: 3 rfc4106(gcm(aes)) <hex> 128'",
        ) from None
    return {name: str(value) for name, value in found.items()}


def _required(key_store: KeyStore, name: str, field: str) -> Secret:
    try:
        return key_store.secret(name)
    except ObjectNotFound:
        raise InvalidSpec(
            [FieldError("Required value", field, f"it needs the secret {name}: create that first")]
        ) from None


def _unusable(field: str, message: str) -> InvalidSpec:
    return InvalidSpec([FieldError("Invalid value", field, message)])
