"""Desired resources: the arguments of kOps' Terraform, user data and files of the store aside."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kops_core.infer.complete import infer
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import ModelSettings
from kops_core.model.nodes.hashes import from_table, stand_in
from kops_core.model.resource import Key
from tests.conformance.suite import Suite, first_difference
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import FLAGS, SUITES, completed_cases, facts, inputs
from tests.model.terraform_view import TYPES, View

_FILE = re.compile(r"\$\{file(?:base64)?\(\"\$\{path\.module\}/(data/[^\"]+)\"\)\}")
_JSON = ("policy", "assume_role_policy", "event_pattern")
NOT_KEPT = "(not kept in the corpus)"
_STATIC = re.compile(r"manifests-|discovery\.json|keys\.json")
_UNORDERED = ("vpc_zone_identifier", "security_groups", "subnet_mapping", "target_group_arns")


def suites() -> list[Suite]:
    """One for each part of the corpus."""
    return [
        *(Suite(f"resources {suite}", partial(_names, suite), partial(check, suite)) for suite in SUITES),
        Suite("resource names generated", partial(_names, "generated"), listed),
    ]


def _names(suite: str) -> list[str]:
    return [
        case.name for case in completed_cases(suite) if (case / "terraform" / "kubernetes.json").is_file()
    ]


def check(suite: str, name: str) -> str:
    """The first difference of a case."""
    return next(differences(suite, name), "")


def listed(name: str) -> str:
    """The first difference between what we would make and what kOps' dry run lists.

    Not compared: add-ons and static manifests, and what kOps lists although it makes nothing.
    """
    text = (corpus_dir() / "generated" / name / "dryrun.txt").read_text().partition("Will modify")[0]
    expected = {
        Key(match[1], match[2])
        for match in re.finditer(r"^  ([A-Z]\w+)/(\S+)", text, re.MULTILINE)
        if match[1] not in ("AddonManifest", "BootstrapChannel", "WarmPool") and not _STATIC.match(match[2])
    }
    resources = desired("generated", name).resources
    expected -= {resource.key for resource in resources if resource.absent}
    actual = {
        resource.key
        for resource in resources
        if not (resource.shared or resource.absent)
        and resource.key.kind not in ("AddonManifest", "BootstrapChannel", "WarmPool")
        and not _STATIC.match(resource.name)
    }
    wrong = [f"{key}: missing" for key in expected - actual] + [f"{key}: extra" for key in actual - expected]
    return min(wrong, default="")


def differences(suite: str, name: str) -> Iterator[str]:
    """All differences of a case, a line each."""
    case = corpus_dir() / suite / name
    expected = terraform(case)
    actual = View(desired(suite, name).by_key(), facts(suite)).all()
    for address in expected:
        if address not in actual:
            yield f"{address}: missing"
            continue
        one, other = expected[address], ordered(actual[address])
        lost = [key for key, value in one.items() if value == NOT_KEPT]
        one, other = ({key: side[key] for key in side if key not in lost} for side in (one, other))
        found = first_difference(one, json.loads(json.dumps(other)))
        if found:
            yield f"{address}: {found}"
    yield from (f"{address}: not expected" for address in actual if address not in expected)


def desired(suite: str, name: str) -> DesiredState:
    """The desired state of a case."""
    case = corpus_dir() / suite / name
    return desired_resources(infer(inputs(case, suite)), settings(case, suite))


def settings(case: Path, suite: str) -> ModelSettings:
    """The settings that kOps had for a case."""
    keys = [
        path.read_text()
        for path in (case / "id_rsa.pub", corpus_dir() / suite / "id_rsa.pub")
        if path.is_file()
    ]
    if not keys:
        keys = [path.read_text() for path in (case / "terraform" / "data").glob("aws_key_pair_*_public_key")]
    return ModelSettings(
        "1.37.0-alpha.1" if suite == "generated" else "1.34.0-beta.1",
        tuple(keys[:1]),
        frozenset(FLAGS.get(case.name, ())),
        asset_hash=from_table(hashes(), stand_in),
        additional_objects=tuple(_additional(case)),
    )


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


def terraform(case: Path) -> dict[str, dict[str, Any]]:
    """kOps' Terraform resources of the types that are compared, files read and JSON parsed."""
    found: dict[str, dict[str, Any]] = {}
    document = json.loads((case / "terraform" / "kubernetes.json").read_text())
    for kind, named in document["resource"].items():
        if kind not in (*TYPES.values(), "aws_iam_role_policy_attachment", "aws_route53_zone_association"):
            continue
        for name, block in named.items():
            args = block[0] if isinstance(block, list) else block
            found[f"{kind}.{name}"] = ordered(
                {key: _read(case, key, value) for key, value in args.items() if key != "user_data"}
            )
    return found


def _read(case: Path, key: str, value: Any) -> Any:
    match = _FILE.fullmatch(value) if isinstance(value, str) else None
    if match:
        path = case / "terraform" / match[1]
        if not path.is_file():
            return NOT_KEPT
        value = path.read_text().strip()
    return json.loads(value) if key in _JSON and isinstance(value, str) else value


def ordered(value: Any, key: str = "") -> Any:
    """Lists whose order means nothing, sorted; empty ones dropped."""
    if isinstance(value, dict):
        return {each: ordered(item, each) for each, item in value.items() if item not in ([], None)}
    if isinstance(value, list):
        items = [ordered(item) for item in value]
        return sorted(items, key=str) if key in (*_UNORDERED, "block_device_mappings", "tag") else items
    return value
