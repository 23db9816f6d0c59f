"""An add-on: its manifest, and its entry in the bootstrap channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kops_core.api.path import FieldPath
from kops_core.model.addons.objects import Object, fields
from kops_core.model.documents import Document
from kops_core.model.template import Digest, Template


@dataclass(frozen=True)
class PruneKind:
    """Objects of one kind that are removed when the manifest no longer has them."""

    group: str
    """API group; "" is the core one."""
    kind: str
    label_selector: str
    """Only objects with these labels."""
    namespaces: tuple[str, ...] = ()
    """Only objects in these namespaces; empty for all."""


@dataclass(frozen=True)
class Addon:
    """One add-on of a cluster."""

    name: str
    """E.g. ``coredns.addons.k8s.io``."""
    id: str
    """Distinguishes manifests of the same name, e.g. ``k8s-1.12``; "" if there is only one."""
    manifest: str
    """Path of the manifest below the folder of add-ons, e.g. ``coredns.addons.k8s.io/k8s-1.12.yaml``."""
    selector: Mapping[str, str]
    """Labels that all its objects have."""
    objects: tuple[Object, ...]
    contents: Template
    """The manifest's text."""
    needs_rolling_update: str = ""
    """The nodes that need a rolling update after a change: ``control-plane``, ``workers``, ``all`` or ""."""
    needs_pki: bool = False
    """Whether it needs a certificate authority and a cert-manager issuer of its own."""
    prune: tuple[PruneKind, ...] | None = None
    """Kinds of objects that are removed when the manifest no longer has them; None: nothing."""
    built_from: tuple[FieldPath, ...] = ()
    """Paths that were read to build it."""

    @property
    def key(self) -> str:
        """Name and id, which make up kOps' name of the manifest's resource."""
        return f"{self.name}-{self.id}" if self.id else self.name

    @property
    def location(self) -> str:
        """Path of the manifest below the cluster's base."""
        return f"addons/{self.manifest}"

    @property
    def manifest_hash(self) -> str | Template:
        """SHA-256 of the manifest in hexadecimal, known once the manifest's references are."""
        digest = Template.of(Digest(self.contents, hexadecimal=True))
        known = digest.resolve(lambda _: None)
        return digest if known is None else known


CHANNEL_LOCATION = "addons/bootstrap-channel.yaml"
"""Path of the bootstrap channel below the cluster's base."""


def bootstrap_channel(addons: Sequence[Addon]) -> Object:
    """The document from which the control plane applies add-ons, in the order given."""
    return {
        "kind": "Addons",
        "metadata": {"name": "bootstrap"},
        "spec": {"addons": [_entry(addon) for addon in addons]},
    }


def _entry(addon: Addon) -> Object:
    return fields(
        name=addon.name,
        id=addon.id or None,
        manifest=addon.manifest,
        manifestHash=addon.manifest_hash,
        needsPKI=addon.needs_pki or None,
        needsRollingUpdate=addon.needs_rolling_update or None,
        prune=None if addon.prune is None else {"kinds": [_prune(kind) for kind in addon.prune]},
        selector=addon.selector or None,
    ) | ({} if addon.selector else {"selector": None})


def _prune(rule: PruneKind) -> Document:
    return fields(
        group=rule.group or None,
        kind=rule.kind,
        labelSelector=rule.label_selector,
        namespaces=rule.namespaces or None,
    )
