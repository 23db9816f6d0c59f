"""Builds add-ons of corpus cases and reads their objects."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from kops_core.api.path import get, set_at
from kops_core.api.values import UNSET, Tree, Value
from kops_core.cloud.aws.addons.catalog import CATALOG
from kops_core.cloud.aws.model import AWS
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from kops_core.model.addons.addon import Addon
from kops_core.model.addons.catalog import addons
from kops_core.model.addons.manifest import plain
from kops_core.model.context import ModelSettings
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import inputs

SETTINGS = ModelSettings(
    cloud=AWS, kops_version="1.37.0", asset_hash=lambda url, place: hashlib.sha256(url.encode()).hexdigest()
)


@cache
def case_inputs(name: str, suite: str = "upstream/update") -> Inputs:
    """The inputs of a case of the corpus."""
    return inputs(corpus_dir() / suite / name, suite)


def built(given: Inputs, settings: ModelSettings = SETTINGS) -> dict[str, Addon]:
    """The add-ons of a cluster, by name."""
    return {addon.name: addon for addon in addons(CATALOG, infer(given), settings)}


def changed(given: Inputs, **fields: Value) -> Inputs:
    """Inputs with other fields of the cluster's spec; a name with ``__`` between its parts is a path."""
    cluster = given.cluster
    for name, value in fields.items():
        cluster = set_at(cluster, ("spec", *name.split("__")), value)
    return replace(given, cluster=cluster)


def trees(addon: Addon) -> list[Tree]:
    """The objects as plain trees, with empty strings for references."""
    return [tree for each in addon.objects if isinstance(tree := plain(_known(each)), dict)]


def _known(value: object) -> Value:
    if isinstance(value, dict):
        return {name: _known(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value if value is None or isinstance(value, str | int | float | bool) else ""


def of_kind(addon: Addon, *kinds: str) -> list[Tree]:
    """The objects of some kinds."""
    return [tree for tree in trees(addon) if tree["kind"] in kinds]


def one(addon: Addon, kind: str, name: str) -> Tree:
    """The object of a kind and name."""
    (found,) = (tree for tree in of_kind(addon, kind) if at(tree, "metadata", "name") == name)
    return found


def at(tree: Value, *path: str | int) -> Value:
    """A value by its path, or None."""
    found = get(tree, path)
    return None if found is UNSET else found


def items(tree: Value, *path: str | int) -> list[Value]:
    """A list by its path, or an empty one."""
    found = at(tree, *path)
    return found if isinstance(found, list) else []


def table(tree: Value, *path: str | int) -> Tree:
    """A structure by its path, or an empty one."""
    found = at(tree, *path)
    return found if isinstance(found, dict) else {}


def containers(workload: Tree) -> Iterator[Tree]:
    """The containers and init containers of a workload's pods."""
    for field in ("initContainers", "containers"):
        for each in items(workload, "spec", "template", "spec", field):
            assert isinstance(each, dict)
            yield each


def arguments(addon: Addon, kind: str, name: str, container: int = 0) -> Sequence[Value]:
    """The command line of a container of a workload."""
    whole = at(one(addon, kind, name), "spec", "template", "spec", "containers", container)
    return [*items(whole, "command"), *items(whole, "args")]
