"""Which add-ons a cluster runs, against those that its state store wants it to run.

The control plane applies the bootstrap channel of the store about every minute, and notes what it has applied
as annotations of namespaces. Facts: kOps' ``channels/pkg/channels/channel_version.go``, ``addons.go``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kops_core.api import yaml_reader
from kops_core.api.path import get, parse
from kops_core.api.values import Tree, Value
from kops_core.engine.credentials.api_access import open_api
from kops_core.errors import ObjectNotFound
from kops_core.model.addons.addon import CHANNEL_LOCATION

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices
    from kops_core.engine.operations.options import ApiAccess

_PREFIX: Final = "addons.k8s.io/"
_NAMESPACE: Final = "kube-system"
"""Where an add-on is noted that names no namespace."""
_GENERATION: Final = 1
"""kOps' generation of what it does with add-ons; those of an older one are applied again."""


@dataclass(frozen=True)
class AddonStatus:
    """An add-on that runs, that should run, or both."""

    namespace: str
    name: str
    installed: str
    """Hash of the manifest that was applied; "" if none was."""
    channel: str
    """The channel that it was applied from; "" if that is unknown."""
    wanted: str
    """Hash of the manifest in the store; "" if it is not there."""
    up_to_date: bool

    @property
    def state(self) -> str:
        """One or a few words."""
        if not self.wanted:
            return "not in the store"
        if not self.installed:
            return "not applied"
        return "up to date" if self.up_to_date else "outdated"


def list_addons(
    services: ClusterServices, location: ClusterLocation, access: ApiAccess
) -> tuple[AddonStatus, ...]:
    """I/O. The add-ons of a cluster. Raises KubernetesError, StoreError, InvalidSpec."""
    api = open_api(services, location, access)
    try:
        annotations = api.namespace_annotations()
    finally:
        api.close()
    return compare_addons(annotations, _read_channel(location))


def stored_addons(location: ClusterLocation) -> tuple[AddonStatus, ...]:
    """I/O. The add-ons of the store, as if none had been applied. Raises StoreError, InvalidSpec."""
    return compare_addons({}, _read_channel(location))


def _read_channel(location: ClusterLocation) -> bytes:
    try:
        return location.store.backend.read(f"{location.name}/{CHANNEL_LOCATION}").data
    except ObjectNotFound:  # it was never applied
        return b""


def compare_addons(annotations: Mapping[str, Mapping[str, str]], channel: bytes) -> tuple[AddonStatus, ...]:
    """The add-ons of a bootstrap channel's text and of namespaces' annotations, by namespace and name."""
    wanted, installed = dict(_wanted(channel)), dict(_installed(annotations))
    return tuple(_status(key, installed.get(key), wanted.get(key)) for key in sorted({**wanted, **installed}))


def _status(key: tuple[str, str], installed: Tree | None, wanted: Tree | None) -> AddonStatus:
    have, want = installed or {}, wanted or {}
    same = all((have.get(name) or "") == (want.get(name) or "") for name in ("id", "manifestHash"))
    generation = have.get("systemGeneration")
    return AddonStatus(
        *key,
        installed=str(have.get("manifestHash") or ""),
        channel=str(have.get("channel") or ""),
        wanted=str(want.get("manifestHash") or ""),
        up_to_date=same and isinstance(generation, int) and generation >= _GENERATION,
    )


def _wanted(channel: bytes) -> Iterator[tuple[tuple[str, str], Tree]]:
    for document in yaml_reader.read(channel, CHANNEL_LOCATION):
        found = get(document.value, parse("spec.addons"))
        for each in found if isinstance(found, list) else ():
            if isinstance(each, dict):
                yield (str(each.get("namespace") or _NAMESPACE), str(each.get("name"))), each


def _installed(annotations: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[tuple[str, str], Tree]]:
    for namespace, found in annotations.items():
        for key, text in found.items():
            if key.startswith(_PREFIX):
                yield (namespace, key.removeprefix(_PREFIX)), _decoded(text)


def _decoded(text: str) -> Tree:
    """An annotation; empty if it is not JSON, as of an add-on that was not applied."""
    try:
        found: Value = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
