"""Conformance of custom resource definitions: all facts that an API server acts on, compared with kOps'.

A fact is a keyword of a field with its value, a required field, a column, a name, and so on; of a rule, which
is an expression, that there is one at its path.

Not counted, because the API server does not act on them: descriptions, messages, the text of a
deprecation's warning, an empty status, and which generator wrote the file. ``apiVersion``, ``kind``
and ``metadata`` of the object as a whole are not counted either: every object has them, and a
third of kOps' definitions leave some out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from kops_core.api.values import Tree, Value
from tests.addons.crd.structural import as_tree
from tests.conformance.addons import built, documents, files, parsed
from tests.conformance.suite import Suite
from tests.infer.corpus_cases import SUITES, completed_cases

DEFINITION = "CustomResourceDefinition"
EXCEPTIONS: Mapping[str, str] = {}
"""Facts of kOps' that ours omit on purpose, with the reason."""
_GENERATOR = "controller-gen.kubebuilder.io/version"
_FOR_PEOPLE = ("description", "title", "example", "externalDocs")
_IMPLIED = ("apiVersion", "kind", "metadata")
_NESTED = ("properties", "items", "additionalProperties", "required", "x-kubernetes-validations")


@dataclass(frozen=True)
class Pair:
    """One definition of kOps, and ours."""

    theirs: Tree
    ours: Tree


def suites() -> list[Suite]:
    """The definitions one by one, equal both ways; and the facts one by one."""
    return [
        Suite("definitions", lambda: list(pairs()), check),
        Suite("definitions facts", lambda: list(fact_cases()), check_fact),
    ]


@cache
def pairs() -> dict[str, Pair]:
    """Each definition of the corpus that differs from those before it, by add-on and name."""
    found: dict[str, Pair] = {}
    seen: set[str] = set()
    for suite in SUITES:
        for case in completed_cases(suite):
            for key, path in files(case).items():
                if f"kind: {DEFINITION}" not in path.read_text():
                    continue
                theirs = [each for each in documents(path) if each["kind"] == DEFINITION]
                fresh = [each for each in theirs if _identity(each) not in seen]
                if not fresh:
                    continue
                (addon,) = (each for each in built(suite, case.name) if each.key == key)
                ours = {_name(each): each for each in parsed(addon.contents) if each["kind"] == DEFINITION}
                for each in fresh:
                    seen.add(_identity(each))
                    name = f"{key}: {_name(each)}"
                    assert name not in found, "kOps writes a definition in two ways"
                    found[name] = Pair(each, ours.get(_name(each), {}))
    return found


def check(name: str) -> str:
    """The first fact that only one of the two definitions has."""
    pair = pairs()[name]
    theirs, ours = set(facts(pair.theirs)), set(facts(pair.ours))
    missing = sorted(theirs - ours - EXCEPTIONS.keys())
    added = sorted(ours - theirs)
    return next(
        (f"missing: {each}" for each in missing), next((f"not expected: {each}" for each in added), "")
    )


def check_fact(case: str) -> str:
    """Whether our definition has a fact of kOps'."""
    name, fact = fact_cases()[case]
    return "" if fact in _our_facts(name) else "missing"


@cache
def fact_cases() -> dict[str, tuple[str, str]]:
    """Each fact of kOps', by a name of its own: the definition's name, and the fact."""
    return {
        f"{name}: {fact}": (name, fact)
        for name, pair in pairs().items()
        for fact in sorted(set(facts(pair.theirs)))
    }


@cache
def _our_facts(name: str) -> frozenset[str]:
    return frozenset(facts(pairs()[name].ours))


def facts(definition: Tree) -> Iterator[str]:
    """All facts that the API server acts on, a line each."""
    metadata, spec = as_tree(definition.get("metadata")), as_tree(definition.get("spec"))
    for key, value in as_tree(metadata.get("annotations")).items():
        if key != _GENERATOR:
            yield f"annotation {key}={value}"
    for key, value in spec.items():
        if key not in ("versions", "names") and (key, value) != ("preserveUnknownFields", False):
            yield f"{key}={_text(value)}"
    for key, value in as_tree(spec.get("names")).items():
        yield f"names {key}={_text(value)}"
    for version in _trees(spec.get("versions")):
        yield from _version(version, str(version.get("name")))


def _version(version: Tree, at: str) -> Iterator[str]:
    yield at
    for key, value in version.items():
        if key == "schema":
            yield from _schema(as_tree(as_tree(value).get("openAPIV3Schema")), f"{at} ")
        elif key == "additionalPrinterColumns":
            for number, column in enumerate(_trees(value)):
                shown = {one: item for one, item in column.items() if one != "description"}
                yield f"{at} column {number} {_text(shown)}"
        elif key == "deprecationWarning":
            yield f"{at} warns"
        elif key == "subresources":
            yield from (f"{at} subresource {one}={_text(item)}" for one, item in as_tree(value).items())
        elif key != "name":
            yield f"{at} {key}={_text(value)}"


def _schema(schema: Tree, at: str) -> Iterator[str]:
    for key, value in schema.items():
        if key not in _FOR_PEOPLE and key not in _NESTED:
            yield f"{at} {key}={_text(value)}"
    for name in _list(schema.get("required")):
        yield f"{at} requires {name}"
    rules = len(_list(schema.get("x-kubernetes-validations")))
    yield from (f"{at} rule {number} of {rules}" for number in range(1, rules + 1))
    for name, item in as_tree(schema.get("properties")).items():
        if not (at.endswith(" ") and name in _IMPLIED):
            yield f"{at}.{name}"
            yield from _schema(as_tree(item), f"{at}.{name}")
    if "items" in schema:
        yield from _schema(as_tree(schema["items"]), f"{at}[]")
    if "additionalProperties" in schema:
        yield from _schema(as_tree(schema["additionalProperties"]), f"{at}{{}}")


def facts_digest(definition: Tree) -> str:
    """SHA-256 of all facts of a definition."""
    return hashlib.sha256("\n".join(sorted(set(facts(definition)))).encode()).hexdigest()


def _identity(definition: Tree) -> str:
    return _name(definition) + _text(definition.get("spec"))


def _name(definition: Tree) -> str:
    return str(as_tree(definition.get("metadata")).get("name"))


def _text(value: Value) -> str:
    return json.dumps(value, sort_keys=True)


def _list(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _trees(value: Value) -> list[Tree]:
    return [each for each in _list(value) if isinstance(each, dict)]
