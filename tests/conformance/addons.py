"""Conformance of add-ons: bootstrap channel and manifests, at level 4 of the corpus."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path

from ruamel.yaml import YAML

from kops_core.api.path import unset_at
from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.addons.catalog import CATALOG
from kops_core.cloud.aws.model import AWS
from kops_core.infer.complete import infer
from kops_core.model.addons.addon import Addon, bootstrap_channel
from kops_core.model.addons.catalog import addons
from kops_core.model.addons.crd.facts import meaning
from kops_core.model.addons.manifest import SEPARATOR, document_text
from kops_core.model.context import ModelSettings
from kops_core.model.template import Template
from tests.conformance.suite import Suite, first_difference
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases, feature_flags, inputs

ENVIRONMENT = {"KOPS_RUN_TOO_NEW_VERSION": "1"}
"""kOps' own environment when the corpus was generated."""
SCRIPTS = ("postStart:", "userData:")
"""Fields with scripts of our own, which are equivalent to kOps'."""
_FILE = re.compile(r"aws_s3_object_.*-addons-(.*)_content\Z")


def suites() -> list[Suite]:
    """The channel and the manifests of each part of the corpus."""
    return [
        Suite(f"{level} {suite}", partial(names, suite), partial(check, suite))
        for level, names, check in (
            ("addons channel", channel_cases, channel),
            ("addons channel text", channel_cases, channel_text),
            ("addons manifests", manifest_cases, manifests),
            ("addons text", manifest_cases, text),
        )
        for suite in SUITES
    ]


def channel_cases(suite: str) -> list[str]:
    """Cases that keep the bootstrap channel."""
    return [case.name for case in completed_cases(suite) if "bootstrap" in files(case)]


def manifest_cases(suite: str) -> list[str]:
    """Manifests that the corpus keeps, as ``case:addon``."""
    return [
        f"{case.name}:{key}" for case in completed_cases(suite) for key in files(case) if key != "bootstrap"
    ]


def channel(suite: str, name: str) -> str:
    """The first difference of a case's bootstrap channel, hashes aside."""
    case = corpus_dir() / suite / name
    (expected,) = documents(files(case)["bootstrap"])
    (actual,) = parsed(document_text(bootstrap_channel(built(suite, name))))
    return first_difference(_without_hashes(expected), _without_hashes(actual))


def channel_text(suite: str, name: str) -> str:
    """The first line of a bootstrap channel that differs from kOps'.

    The hash of a manifest has to be equal if the corpus has the manifest, and ours is the same.
    """
    kept = files(corpus_dir() / suite / name)
    return first_channel_line(kept, built(suite, name))


def first_channel_line(kept: Mapping[str, Path], ours: Sequence[Addon]) -> str:
    """The same for the kept files of any case."""
    equal: set[str] = set()
    for addon in ours:
        known = addon.contents.resolve(lambda ref: None)
        if known is not None and addon.key in kept and _kept_text(kept[addon.key]) == known:
            equal.add(str(addon.manifest_hash))
    actual = document_text(bootstrap_channel(ours)).resolve(lambda ref: "")
    assert actual is not None
    pairs = zip_longest(_kept_text(kept["bootstrap"]).split("\n"), actual.removesuffix("\n").split("\n"))
    for at, (one, other) in enumerate(pairs, 1):
        other_hash = one and other and all(each.strip().startswith("manifestHash:") for each in (one, other))
        if one != other and not (other_hash and one.split()[-1] not in equal):
            return f"line {at}: expected {one!r}, is {other!r}"
    return ""


def _kept_text(path: Path) -> str:
    """A file of the corpus without the newline at its end, which kOps' own have or not."""
    return path.read_text().removesuffix("\n")


def manifests(suite: str, name: str) -> str:
    """The first difference of one manifest."""
    case_name, _, key = name.partition(":")
    case = corpus_dir() / suite / case_name
    addon = next((each for each in built(suite, case_name) if each.key == key), None)
    if addon is None:
        return "no such add-on"
    expected = {identity(each): each for each in documents(files(case)[key])}
    actual = {identity(each): each for each in parsed(addon.contents)}
    for place, one in expected.items():
        if place not in actual:
            return f"{place}: missing"
        found = first_difference(compared(one), compared(actual[place]))
        if found:
            return f"{place}: {found}"
    return "".join(f"{place}: not expected" for place in actual if place not in expected)


def text(suite: str, name: str) -> str:
    """The first line of a manifest that differs from kOps', which compares text.

    Ignored: definitions of custom resources, whose descriptions are left out, and scripts of our own.
    """
    case_name, _, key = name.partition(":")
    case = corpus_dir() / suite / case_name
    contents = next((each.contents for each in built(suite, case_name) if each.key == key), None)
    known = None if contents is None else contents.resolve(lambda ref: f"<{ref}>")
    if known is None:
        return "no such add-on"
    return first_line(_kept_text(files(case)[key]), known)


def first_line(theirs: str, ours: str) -> str:
    """The first line at which two manifests differ, definitions and scripts aside; "" if there is none."""
    pairs = zip_longest(_comparable(theirs), _comparable(ours))
    return next(
        (
            f"line {at}: expected {one!r}, is {other!r}"
            for at, (one, other) in enumerate(pairs, 1)
            if one != other
        ),
        "",
    )


def _comparable(manifest: str) -> list[str]:
    documents = [
        each for each in manifest.split(SEPARATOR) if "\nkind: CustomResourceDefinition\n" not in each
    ]
    found: list[str] = []
    inside: int | None = None
    for line in SEPARATOR.join(documents).split("\n"):
        indent = len(line) - len(line.lstrip())
        if inside is not None and line and indent <= inside:
            inside = None
        if inside is None:
            inside = indent if line.lstrip().startswith(SCRIPTS) else None
            found.append(line if inside is None else line.partition(":")[0])
    return found


@cache
def built(suite: str, name: str) -> list[Addon]:
    """The add-ons of a case."""
    case = corpus_dir() / suite / name
    version = "1.37.0-alpha.1" if suite == "generated" else "1.34.0-beta.1"
    settings = ModelSettings(
        cloud=AWS,
        kops_version=version,
        feature_flags=frozenset(feature_flags(case)),
        additional_objects=tuple(
            each
            for each in documents(case / "cluster.yaml")
            if each.get("kind") not in ("Cluster", "InstanceGroup")
        ),
        environment=ENVIRONMENT,
        asset_hash=lambda url, place: hashlib.sha256(url.encode()).hexdigest(),
    )
    return addons(CATALOG, infer(inputs(case, suite)), settings)


@cache
def files(case: Path) -> dict[str, Path]:
    """The kept files about add-ons by the key of the add-on."""
    found = {}
    for path in sorted((case / "terraform" / "data").glob("aws_s3_object_*-addons-*_content")):
        match = _FILE.match(path.name)
        if match:
            found[match[1]] = path
    return found


def documents(path: Path) -> list[Tree]:
    """The documents of a file that are not empty."""
    return [each for each in YAML(typ="safe", pure=False).load_all(path.read_text()) if each]


def identity(document: Tree) -> str:
    """Kind, namespace and name."""
    metadata = document.get("metadata")
    head: Mapping[str, Value] = metadata if isinstance(metadata, dict) else {}
    return " ".join(str(part) for part in (document.get("kind"), head.get("namespace", ""), head.get("name")))


def compared(document: Tree) -> Value:
    """The compared parts: without descriptions of definitions, empty values and scripts of our own."""
    if document.get("kind") == "CustomResourceDefinition":
        return meaning(document)
    return _without_empty(_without_template_name(document))


def _without_template_name(document: Tree) -> Tree:
    """The object without a name in its pods' template, which Kubernetes ignores."""
    for field in ("name", "namespace"):
        document = unset_at(document, ("spec", "template", "metadata", field))
    return document


def _without_empty(value: Value) -> Value:
    if isinstance(value, dict):
        return {
            key: kept
            for key, item in value.items()
            if key not in ("postStart", "userData") and (key, item) != ("readOnly", False)
            if (kept := _without_empty(item)) not in (None, {}, []) or key == "emptyDir"
        }
    if isinstance(value, str) and value.startswith("{") and "\n" in value:
        with suppress(ValueError):
            parsed: Value = json.loads(value.replace("__CNI_MTU__", "0"))
            return parsed
    return [_without_empty(item) for item in value] if isinstance(value, list) else value


def _without_hashes(document: Value) -> Value:
    if isinstance(document, dict):
        return {key: _without_hashes(item) for key, item in document.items() if key != "manifestHash"}
    return [_without_hashes(item) for item in document] if isinstance(document, list) else document


def parsed(contents: Template) -> list[Tree]:
    """The documents of a text whose references are not known yet."""
    text = contents.resolve(lambda ref: f"<{ref}>")
    assert text is not None
    return [each for each in YAML(typ="safe", pure=False).load_all(text) if each]
