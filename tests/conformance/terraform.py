"""Conformance of Terraform: names and arguments of the module, add-on objects, policies, event patterns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from kops_core.cloud.aws.model import AWS
from kops_core.cloud.aws.terraform.render import sections
from kops_core.cloud.terraform.hcl import data_files, text_of
from kops_core.infer.complete import infer
from kops_core.model.lifecycles import read_overrides, with_lifecycles
from tests.conformance.resources import desired
from tests.conformance.suite import Suite, first_difference
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases, inputs
from tests.terraform.module import Parsed, corpus_module, parsed, settings

ADDONS = re.compile(r"aws_s3_object\..*-addons-")
"""Addresses of objects that hold add-ons."""
_DOCUMENT = re.compile(
    r"aws_(iam_role|iam_role_policy|cloudwatch_event_rule|sqs_queue)_.*_(policy|event_pattern)"
)
OVERRIDES = {
    "existing_iam": (
        "IAMRole=ExistsAndWarnIfChanges",
        "IAMRolePolicy=ExistsAndWarnIfChanges",
        "IAMInstanceProfileRole=ExistsAndWarnIfChanges",
    )
}
"""kOps' ``--lifecycle-overrides`` by case."""
_PARTS = ("locals", "output", "provider", "data", "terraform")


def suites() -> list[Suite]:
    """Modules, add-ons' objects, documents and, where all is there, the text, for each part of the corpus."""
    return [
        Suite(
            f"terraform {level} {suite}".replace("  ", " "),
            partial(names, suite),
            partial(_first, check, suite),
        )
        for level, check in (
            ("module", differences),
            ("add-ons", partial(object_differences, ADDONS)),
            ("data", data_differences),
            ("text", text_differences),
        )
        for suite in SUITES
    ]


def names(suite: str) -> list[str]:
    """The cases with Terraform."""
    return [
        each.name for each in completed_cases(suite) if (each / "terraform" / "kubernetes.json").is_file()
    ]


def _first(check: Any, suite: str, name: str) -> str:
    return next(check(suite, name), "")


@dataclass(frozen=True)
class Rendered:
    """The compared parts of a case."""

    parsed: Parsed
    text: str
    documents: Mapping[str, str]
    """Policies and event patterns by their file names."""


@cache
def rendered(suite: str, name: str) -> Rendered:
    """A case, rendered by the target."""
    inference = infer(inputs(corpus_dir() / suite / name, suite))
    state = with_lifecycles(
        desired(suite, name), overrides=read_overrides(OVERRIDES.get(name, ()), AWS.kinds)
    )
    written = sections(state, settings(suite, inference))
    files = {each.name: each.content for section in written for each in data_files(section.body)}
    return Rendered(
        parsed(written),
        text_of(written),
        {file: text for file, text in files.items() if _DOCUMENT.fullmatch(file)},
    )


def differences(suite: str, name: str) -> Iterator[str]:
    """All differences but those of add-on objects."""
    expected, actual = corpus_module(suite, name), rendered(suite, name).parsed
    for part in _PARTS:
        found = first_difference(_ordered(expected.get(part, [])), _ordered(actual.get(part, [])))
        if found:
            yield f"{part}{found}"
    yield from _resources(_rest(expected), _rest(actual))


def object_differences(which: re.Pattern[str], suite: str, name: str) -> Iterator[str]:
    """The differences of objects whose addresses have a prefix."""
    expected, actual = (
        _addressed(each) for each in (corpus_module(suite, name), rendered(suite, name).parsed)
    )
    yield from _resources(
        *({at: block for at, block in side.items() if which.match(at)} for side in (expected, actual))
    )


def _addressed(found: Parsed) -> dict[str, Parsed]:
    return {
        f"{kind}.{name}": block for kind, named in found["resource"].items() for name, block in named.items()
    }


def _rest(found: Parsed) -> dict[str, Parsed]:
    every = _addressed(found)
    return {at: block for at, block in every.items() if not ADDONS.match(at)}


def _resources(expected: dict[str, Parsed], actual: dict[str, Parsed]) -> Iterator[str]:
    for address, block in expected.items():
        if address not in actual:
            yield f"{address}: missing"
            continue
        found = first_difference(_ordered(block), _ordered(actual[address]))
        if found:
            yield f"{address}: {found}"
    yield from (f"{address}: not expected" for address in actual if address not in expected)


_ORDERED = ("override", "output")


def _ordered(value: Any, key: str = "") -> Any:
    """Sorts lists, except those whose order matters."""
    if isinstance(value, dict):
        return {each: _ordered(item, each) for each, item in value.items()}
    if isinstance(value, list):
        items = [_ordered(item) for item in value]
        return items if key in _ORDERED else sorted(items, key=lambda each: json.dumps(each, sort_keys=True))
    return value


def data_differences(suite: str, name: str) -> Iterator[str]:
    """IAM policies and event patterns, as JSON. The corpus does not have all files of kOps' modules."""
    ours = rendered(suite, name).documents
    theirs = _documents(corpus_dir() / suite / name / "terraform" / "data")
    for file, text in theirs.items():
        if file not in ours:
            yield f"{file}: missing"
            continue
        found = first_difference(json.loads(text), json.loads(ours[file]))
        if found:
            yield f"{file}: {found}"
    named = json.dumps(corpus_module(suite, name)["resource"])
    yield from (f"{file}: not expected" for file in ours if f"/{file}" not in named)


@cache
def _documents(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text() for path in sorted(folder.glob("*")) if _DOCUMENT.fullmatch(path.name)
    }


def text_differences(suite: str, name: str) -> Iterator[str]:
    """The first line of ``kubernetes.tf`` that differs, in sections that both sides have, and their order."""
    text = (corpus_dir() / suite / name / "terraform" / "kubernetes.tf").read_text()
    expected, actual = (
        _blind_to_renaming(suite, _texts(each)) for each in (text, rendered(suite, name).text)
    )
    for heading, section in expected.items():
        pairs = zip(section, actual.get(heading, section), strict=False)
        found = next((f"expected {one!r}, is {other!r}" for one, other in pairs if one != other), "")
        if found or len(section) != len(actual.get(heading, section)):
            yield f"{heading} {found or 'has other lines'}"
    if [each for each in expected if each in actual] != [each for each in actual if each in expected]:
        yield "the sections come in another order"


def _texts(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, section in enumerate(text.split("\n\n")):
        heading, *lines = section.rstrip().split("\n")
        found[heading if heading not in found else f"{heading} {number}"] = lines
    return found


_LISTED = re.compile(r"locals \{|output \"\w*_ids\" \{")
"""Sections whose lists kOps sorts by what is in them."""


def _blind_to_renaming(suite: str, texts: dict[str, list[str]]) -> dict[str, list[str]]:
    """Sorts lists of ids by their new names, because the corpus renamed them after kOps had sorted them."""
    if suite != "generated":
        return texts
    ids = "|".join(sorted(f'"{each}"' for each in _renamed(suite)))
    run = re.compile(rf"(?<=\[)(?:{ids})(?:, (?:{ids}))+(?=\])")
    return {
        heading: [run.sub(lambda found: ", ".join(sorted(found[0].split(", "))), line) for line in lines]
        if _LISTED.match(heading)
        else lines
        for heading, lines in texts.items()
    }


@cache
def _renamed(suite: str) -> frozenset[str]:
    held = json.loads((corpus_dir() / "facts" / f"{suite}.json").read_text())
    return frozenset(each["id"] for each in held["subnets"])
