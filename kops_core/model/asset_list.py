"""Images and files that a cluster downloads: where they are published, and where the cluster takes them from.

What is published is read from the desired resources of the same spec without ``spec.assets``, so nothing has
to be told twice. Facts: kOps' ``pkg/assets/builder.go``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kops_core.api.path import parse, unset_at
from kops_core.infer.common import remap_image
from kops_core.infer.inference import Inference
from kops_core.model.build import desired_resources
from kops_core.model.context import Context, ModelSettings
from kops_core.model.nodes.assets import (
    ARCHITECTURES,
    in_repository,
    node_assets,
    nodeup,
    preloaded_images,
)
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Template

_IMAGE: Final = re.compile(r"^\s*(?:- )?(?:image|reference): [\"']?([^\s\"']+)", re.MULTILINE)
_COMPONENTS: Final = (
    "spec.kubeAPIServer.image",
    "spec.kubeControllerManager.image",
    "spec.kubeProxy.image",
    "spec.kubeScheduler.image",
    "spec.containerd.sandboxImage",
)
"""Images in the configuration of nodes."""
_MANIFESTS: Final = ("addons/", "manifests/")
"""Folders of the state store with manifests of pods."""


@dataclass(frozen=True)
class ImageAsset:
    """An image of a container."""

    canonical: str
    """Where it is published."""
    download: str
    """Where the cluster pulls it from."""


@dataclass(frozen=True)
class FileAsset:
    """A file that nodes download."""

    canonical: str
    download: str
    sha: str
    """SHA-256, in hexadecimal."""


@dataclass(frozen=True)
class AssetList:
    """All assets of a cluster, each once, sorted by where they are published."""

    images: tuple[ImageAsset, ...]
    files: tuple[FileAsset, ...]


def asset_list(inference: Inference, settings: ModelSettings) -> AssetList:
    """The assets of a completed spec. Raises InvalidSpec, MissingFact, UnknownHash."""
    inputs = inference.inputs
    plain = inference.after(replace(inputs, cluster=unset_at(inputs.cluster, parse("spec.assets"))))
    reader = inference.reader()
    repository = reader.string("spec.assets.fileRepository") or ""
    return AssetList(
        tuple(ImageAsset(each, remap_image(reader, each)) for each in sorted(_images(plain, settings))),
        tuple(
            FileAsset(url, in_repository(repository, url), sha)
            for url, sha in sorted(dict(_files(Context(plain, settings))).items())
        ),
    )


def _images(inference: Inference, settings: ModelSettings) -> set[str]:
    context = Context(inference, settings)
    found = {name for path in _COMPONENTS if (name := context.read.string(path))}
    for group in context.groups:
        found.update(group.strings("warmPool.additionalImages"))
    for text in _manifests(desired_resources(inference, settings).resources):
        found.update(_IMAGE.findall(text))
    return found


def _manifests(resources: Iterable[Resource]) -> Iterator[str]:
    for each in resources:
        if isinstance(each, ManagedFile) and each.location.startswith(_MANIFESTS):
            contents = each.contents
            parts = contents.parts if isinstance(contents, Template) else (contents,)
            yield "".join(part for part in parts if isinstance(part, str))


def _files(c: Context) -> Iterator[tuple[str, str]]:
    """URL and hash of each file."""
    for architecture in ARCHITECTURES:
        program = nodeup(c, architecture)
        yield program.url, program.sha256
        for group in c.groups:
            for each in node_assets(c, group, architecture):
                sha, _, urls = each.partition("@")
                yield urls.partition(",")[0], sha
            for archive in preloaded_images(c, group, architecture):
                yield archive.url, archive.sha256
