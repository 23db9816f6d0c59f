"""The input of the model beside specs: secrets, the environment, the URL of kOps' files."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.model import AWS
from kops_core.engine.model_settings import model_settings
from kops_core.engine.settings import Settings
from kops_core.errors import InvalidSpec
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.context import ModelSettings
from kops_core.model.store_resources import AddonManifest, ManagedFile
from kops_core.model.template import Key
from kops_core.store.key_store import KeyStore, Place
from kops_core.store.memory import MemoryBackend
from kops_core.store.secret import Secret
from tests.addons.objects_of import case_inputs, changed

IPSEC: Value = {"cilium": {"enableEncryption": True, "encryptionType": "ipsec"}}
CILIUM_KEY = "3 rfc4106(gcm(aes)) 0123456789abcdef 128"


@pytest.fixture
def key_store() -> KeyStore:
    return KeyStore(Place(MemoryBackend(), "pki"), Place(MemoryBackend(), "secrets"))


def _settings(key_store: KeyStore, settings: Settings | None = None, **spec: Value) -> ModelSettings:
    return model_settings(
        infer(changed(case_inputs("minimal-aws"), **spec)),
        settings or Settings(),
        key_store,
        cloud=AWS,
        asset_hash=lambda url, place: "0" * 64,
        additional_objects=(),
    )


def test_secrets_that_the_spec_asks_for_have_to_be_there(key_store: KeyStore) -> None:
    assert _settings(key_store).encryption_config_hash == ""
    with pytest.raises(InvalidSpec, match=r"spec\.encryptionConfig.*encryptionconfig"):
        _settings(key_store, encryptionConfig=True)
    with pytest.raises(InvalidSpec, match=r"enableEncryption.*ciliumpassword"):
        _settings(key_store, networking=IPSEC)
    wireguard: Value = {"cilium": {"enableEncryption": True, "encryptionType": "wireguard"}}
    assert _settings(key_store, networking=wireguard).cilium_keys == {}


def test_a_new_encryption_configuration_changes_what_the_api_servers_read(key_store: KeyStore) -> None:
    def configuration(content: bytes) -> str:
        key_store.put_secret("encryptionconfig", Secret(content))
        inputs = changed(case_inputs("minimal-aws"), encryptionConfig=True)
        state = desired_resources(infer(inputs), _settings(key_store, encryptionConfig=True)).by_key()
        files = {
            name: state[Key("ManagedFile", f"nodeupconfig-{name}")] for name in ("master-us-test-1a", "nodes")
        }
        assert "EncryptionConfigSecretHash" not in _known(files["nodes"])
        return _known(files["master-us-test-1a"])

    hashed = urlsafe_b64encode(sha256(b"one").digest()).decode()
    assert f"EncryptionConfigSecretHash: {hashed}" in configuration(b"one")
    assert hashed not in configuration(b"two")


def _known(file: object) -> str:
    assert isinstance(file, ManagedFile)
    text = file.contents if isinstance(file.contents, str) else file.contents.resolve(lambda ref: "x")  # type: ignore[union-attr]
    assert text is not None
    return text


def test_ciliums_key_gets_into_its_manifest_and_into_no_error(key_store: KeyStore) -> None:
    key_store.put_secret("ciliumpassword", Secret(f"keys: {CILIUM_KEY}\n".encode()))
    settings = _settings(key_store, networking=IPSEC)
    assert CILIUM_KEY not in repr(settings)
    state = desired_resources(infer(changed(case_inputs("minimal-aws"), networking=IPSEC)), settings)
    (manifest,) = (
        each for each in state.resources if isinstance(each, AddonManifest) and "cilium" in each.name
    )
    assert CILIUM_KEY in _known(manifest)
    for damaged in (CILIUM_KEY, f"keys: [{CILIUM_KEY}", f"- {CILIUM_KEY}", ""):
        key_store.put_secret("ciliumpassword", Secret(damaged.encode()))
        with pytest.raises(InvalidSpec) as raised:
            _settings(key_store, networking=IPSEC)
        assert "0123456789abcdef" not in f"{raised.value!r} {raised.value} {raised.value.__context__!r}"


def test_files_of_kops_from_elsewhere_bring_the_version_and_the_images_with_them(key_store: KeyStore) -> None:
    place = "https://builds.example.com/kops/1.99.0-beta.3"
    elsewhere = Settings(base_url=f"{place}/", environment={"KOPS_BASE_URL": f"{place}/"})
    settings = _settings(key_store, elsewhere)
    state = desired_resources(infer(case_inputs("minimal-aws")), settings).by_key()
    node, control_plane = (
        _known(state[Key("ManagedFile", f"nodeupconfig-{name}")]) for name in ("nodes", "master-us-test-1a")
    )
    assert "images:" not in node
    assert f"{place}/images/kops-channels-arm64.tar.gz" in control_plane
    channels = _known(state[Key("ManagedFile", "manifests-channels-kops-channels")])
    assert "registry.k8s.io/kops/channels:1.99.0-beta.3" in channels
    script = str(state[Key("LaunchTemplate", "nodes.minimal-aws.example.com")])
    assert f"{place}/linux/amd64/nodeup" in script
    assert "github.com/kubernetes/kops" not in script


def test_additional_objects_become_an_add_on(key_store: KeyStore) -> None:
    mine: Tree = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}}
    settings = replace(_settings(key_store), additional_objects=(mine,))
    keys = desired_resources(infer(case_inputs("minimal-aws")), settings).by_key()
    assert Key("AddonManifest", "minimal-aws.example.com-addons-cluster-addons.kops.k8s.io") in keys
