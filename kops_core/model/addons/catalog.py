"""The add-ons of one cluster: those of its cloud's catalogue that its spec asks for, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kops_core.api.path import FieldPath
from kops_core.api.values import Tree
from kops_core.infer.common import remap_image
from kops_core.infer.inference import Inference
from kops_core.model.addons.addon import Addon
from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.entry import Entry
from kops_core.model.addons.manifest import (
    ADDON_NAME,
    manifest_text,
    marked,
    prune_rules,
    structure,
    with_images,
)
from kops_core.model.addons.objects import Object
from kops_core.model.context import ModelSettings

CUSTOM = "cluster-addons.kops.k8s.io"
"""Name of the add-on that holds the user's additional objects."""
FOR_NODES = (("kubescheduler.config.k8s.io", "KubeSchedulerConfiguration"),)
"""Group and kind of additional objects that nodes read from a file and that are not applied."""


@dataclass(frozen=True)
class AddonCatalog:
    """All add-ons that a cluster on one cloud may have."""

    entries: tuple[Entry, ...]
    """In the order in which the control plane applies them."""
    with_workload_identity: Callable[[Object, str, AddonContext], Object]
    """A workload with the credentials of its service account's cloud role; any other object unchanged."""


def addons(
    catalog: AddonCatalog, inference: Inference, settings: ModelSettings, *, without: str = ""
) -> list[Addon]:
    """The add-ons of a cluster, in the order of the bootstrap channel.

    without: name of one to leave out. Raises InvalidSpec for a spec that can't be read and
    MissingFact for a cloud fact that was not read.
    """
    users = settings.additional_objects
    found: list[Addon] = []
    for entry in catalog.entries:
        c = AddonContext(inference, settings)
        if (
            entry.name != without
            and entry.wanted(c)
            and not (entry.replaceable and _brings(users, entry.name))
        ):
            found.append(_build(catalog, entry, c))
    return [*found, *_custom(users)]


def _build(catalog: AddonCatalog, entry: Entry, c: AddonContext) -> Addon:
    selector = {"k8s-addon": entry.name} if entry.selector is None else entry.selector
    objects: Sequence[Object] = ()
    if entry.objects is not None:
        objects = [
            _finished(catalog, each, entry, c) for each in marked(entry.objects(c), entry.name, selector)
        ]
    return Addon(
        name=entry.name,
        id=entry.id,
        manifest=f"{entry.name}/{entry.file or entry.id}.yaml",
        selector=selector,
        objects=tuple(objects),
        contents=manifest_text(objects),
        needs_rolling_update=entry.rolls,
        needs_pki=entry.needs_pki(c),
        prune=prune_rules(objects, entry.name, entry.prunes_also) if entry.prunes else None,
        built_from=_paths(c),
    )


def _finished(catalog: AddonCatalog, each: Object, entry: Entry, c: AddonContext) -> Object:
    if entry.account and c.irsa and _has_role(entry, c):
        each = catalog.with_workload_identity(each, entry.account, c)
    return structure(with_images(each, partial(remap_image, c.read)))


def _has_role(entry: Entry, c: AddonContext) -> bool:
    return entry.account != "cert-manager" or bool(c.read.strings("spec.certManager.hostedZoneIDs"))


def _paths(c: AddonContext) -> tuple[FieldPath, ...]:
    return tuple(path for path in c.read.seen() if path and str(path[0])[:1] != "@")


def _brings(users: Sequence[Tree], name: str) -> bool:
    """Whether the user's objects contain an add-on, with its name as their label."""
    return any(
        structure(structure(each.get("metadata")).get("labels")).get(ADDON_NAME) == name for each in users
    )


def _custom(users: Sequence[Tree]) -> list[Addon]:
    objects: list[Object] = [{**each} for each in users if _group_and_kind(each) not in FOR_NODES]
    if not objects:
        return []
    return [
        Addon(
            name=CUSTOM,
            id="",
            manifest=f"{CUSTOM}/default.yaml",
            selector={"k8s-addon": CUSTOM},
            objects=tuple(objects),
            contents=manifest_text(objects),
        )
    ]


def _group_and_kind(each: Mapping[str, object]) -> tuple[str, str]:
    group, slash, _ = str(each.get("apiVersion", "")).partition("/")
    return (group if slash else "", str(each.get("kind", "")))
