"""Conformance of desired resources with kOps' dry run. Their arguments are compared as Terraform."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kops_core.cloud.aws.model import AWS
from kops_core.model.build import DesiredState
from kops_core.model.context import ModelSettings
from kops_core.model.template import Key
from tests.conformance.suite import Suite
from tests.corpus import corpus_dir
from tests.entry import planned, settings_of, ssh_public_key
from tests.infer.corpus_cases import completed_cases

_FILE = re.compile(r"\$\{file(?:base64)?\(\"\$\{path\.module\}/(data/[^\"]+)\"\)\}")
_JSON = ("policy", "assume_role_policy", "event_pattern")
_UNORDERED = ("vpc_zone_identifier", "security_groups", "subnet_mapping", "target_group_arns")


def suites() -> list[Suite]:
    """Where the corpus has dry runs."""
    return [Suite("resource names generated", _names, listed)]


def _names() -> list[str]:
    return [
        case.name
        for case in completed_cases("generated")
        if (case / "terraform" / "kubernetes.json").is_file()
    ]


def listed(name: str) -> str:
    """The first difference between our plan and kOps' dry run.

    Not compared: add-ons, and entries of kOps that create nothing.
    """
    text = (corpus_dir() / "generated" / name / "dryrun.txt").read_text().partition("Will modify")[0]
    expected = {
        Key(match[1], match[2])
        for match in re.finditer(r"^  ([A-Z]\w+)/(\S+)", text, re.MULTILINE)
        if match[1] not in ("AddonManifest", "BootstrapChannel", "WarmPool")
    }
    resources = desired("generated", name).resources
    expected -= {resource.key for resource in resources if resource.absent}
    actual = {
        resource.key
        for resource in resources
        if not (resource.shared or resource.absent)
        and resource.key.kind not in ("AddonManifest", "BootstrapChannel", "WarmPool")
    }
    wrong = [f"{key}: missing" for key in expected - actual] + [f"{key}: extra" for key in actual - expected]
    return min(wrong, default="")


def desired(suite: str, name: str) -> DesiredState:
    """The desired state of a case, as a command computes it."""
    return planned(corpus_dir() / suite / name, suite)


def settings(case: Path, suite: str) -> ModelSettings:
    """kOps' settings for a case, for tests that build it themselves."""
    key, run = ssh_public_key(case, suite), settings_of(case, suite)
    return ModelSettings(
        AWS,
        run.kops_version,
        (key,) if key else (),
        frozenset(run.feature_flags),
        asset_hash=hash_lookup(hashes()),
        additional_objects=tuple(_additional(case)),
    )


def hash_lookup(known: Mapping[str, str]) -> Callable[[str, str], str]:
    """The SHA-256 of downloads by URL; of unknown ones, that of the URL itself."""
    return lambda url, place: known.get(url) or hashlib.sha256(url.encode()).hexdigest()


@cache
def hashes() -> dict[str, str]:
    """The hashes of well-known downloads."""
    found: dict[str, str] = {}
    for path in sorted((corpus_dir() / "asset-hashes").glob("*.yaml")):
        document = YAML(typ="safe", pure=False).load(path.read_text())
        for store in document["filestores"]:
            found |= {store["base"] + each["name"]: each["sha256"] for each in document["files"]}
    return found


def _additional(case: Path) -> Iterator[dict[str, Any]]:
    for document in YAML(typ="safe", pure=False).load_all((case / "cluster.yaml").read_text()):
        if document and document.get("kind") not in ("Cluster", "InstanceGroup"):
            yield document
