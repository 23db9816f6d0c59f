"""The notation of field tables, and errors with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.api.values import Tree, Value
from kops_core.model.addons.crd.notation import TableError
from kops_core.model.addons.crd.table import Table
from kops_core.model.addons.manifest import plain
from kops_core.model.addons.objects import Object
from tests.addons.crd.structural import schema_of

HEAD = "kind Thing\n  group example.com\n  version v1\n"


def _definition(fields: str, before: str = "") -> Tree:
    return _plain(Table(f"{before}{HEAD}{_indented(fields)}", "x.crd").definition("Thing"))


def _plain(made: Object) -> Tree:
    found = plain(made)
    assert isinstance(found, dict)
    return found


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _field(text: str, before: str = "") -> Value:
    """The schema of the field ``a``."""
    properties = schema_of(_definition(text, before))["properties"]
    assert isinstance(properties, dict)
    return properties["a"]


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ("a: string", {"type": "string"}),
        ("a: bool", {"type": "boolean"}),
        ("a: bytes", {"type": "string", "format": "byte"}),
        ("a: int", {"type": "integer"}),
        ("a: int32 0..", {"type": "integer", "format": "int32", "minimum": 0}),
        ("a: int64 ..9", {"type": "integer", "format": "int64", "maximum": 9}),
        ("a: number -1..1", {"type": "number", "minimum": -1, "maximum": 1}),
        ("a: time nullable", {"type": "string", "format": "date-time", "nullable": True}),
        ("a: any", {"x-kubernetes-preserve-unknown-fields": True}),
        ("a: object open", {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
        (
            "a: int-or-string `^.$`",
            {
                "anyOf": [{"type": "integer"}, {"type": "string"}],
                "pattern": "^.$",
                "x-kubernetes-int-or-string": True,
            },
        ),
        (
            'a: string len 1..3 in(x, y z, "", "b,c") = "x" `^[^)]`',
            {
                "type": "string",
                "minLength": 1,
                "maxLength": 3,
                "enum": ["x", "y z", "", "b,c"],
                "default": "x",
                "pattern": "^[^)]",
            },
        ),
        (
            "a: [string len 1..] items ..2 set",
            {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "maxItems": 2,
                "x-kubernetes-list-type": "set",
            },
        ),
        (
            "a: {[int]} keys 1..1 granular",
            {
                "type": "object",
                "additionalProperties": {"type": "array", "items": {"type": "integer"}},
                "minProperties": 1,
                "maxProperties": 1,
                "x-kubernetes-map-type": "granular",
            },
        ),
        (
            'a: [object atomic] by(b) = [{"b": "x"}]\n  b!: string\n  c: bool',
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "x-kubernetes-map-type": "atomic",
                    "properties": {"b": {"type": "string"}, "c": {"type": "boolean"}},
                    "required": ["b"],
                },
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["b"],
                "default": [{"b": "x"}],
            },
        ),
        ('a: object & {"minProperties": 1}', {"type": "object", "minProperties": 1}),
        (
            "a: [string]\n  rule not empty\n  list rule not empty",
            {
                "type": "array",
                "items": {
                    "type": "string",
                    "x-kubernetes-validations": [
                        {"rule": "size(self) > 0", "message": "this can't be empty"}
                    ],
                },
                "x-kubernetes-validations": [{"rule": "size(self) > 0", "message": "this can't be empty"}],
            },
        ),
    ],
)
def test_a_field_s_schema(text: str, schema: Tree) -> None:
    assert _field(text) == schema


def test_shapes_and_words_are_named_once_and_used_with_more_facts() -> None:
    before = "words Colours: red,\n  green\nshape Name: string len ..9\nshape Pair:\n  b: Name\n"
    assert _field("a: Pair\n  d!: int\n  c!: Name in(@Colours, blue)", before) == {
        "type": "object",
        "properties": {
            "b": {"type": "string", "maxLength": 9},
            "c": {"type": "string", "maxLength": 9, "enum": ["red", "green", "blue"]},
            "d": {"type": "integer"},
        },
        "required": ["c", "d"],
    }
    # Using a shape with more fields leaves the shape as it is.
    properties = schema_of(_definition("a: Pair\n  c: bool\nb: Pair", before))["properties"]
    assert isinstance(properties, dict)
    assert properties["b"] == {"type": "object", "properties": {"b": {"type": "string", "maxLength": 9}}}


def test_a_definition_says_what_its_kind_and_versions_say() -> None:
    text = """
    # A comment
    kind Party
      group example.com
      plural parties
      singular partie
      short p pa
      categories all
      cluster
      unlisted
      annotation example.com/a b c
      version v1 unserved unstored deprecated
        warning use v2
        column Ready string .status.conditions[?(@.type == "Ready")].status
        column Age date .metadata.creationTimestamp 1
        selectable .spec.a .spec.b
        status
        scale .spec.replicas .status.replicas
        needs metadata
        open
        spec!:
    """
    dedented = "".join(f"{line[4:]}\n" for line in text.splitlines())
    found = plain(Table(dedented, "x.crd").definition("Party", {"x": "y"}))
    assert found == {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": "parties.example.com",
            "labels": {"x": "y"},
            "annotations": {"example.com/a": "b c"},
        },
        "spec": {
            "group": "example.com",
            "names": {
                "kind": "Party",
                "plural": "parties",
                "singular": "partie",
                "shortNames": ["p", "pa"],
                "categories": ["all"],
            },
            "scope": "Cluster",
            "versions": [
                {
                    "name": "v1",
                    "served": False,
                    "storage": False,
                    "deprecated": True,
                    "deprecationWarning": "use v2",
                    "additionalPrinterColumns": [
                        {
                            "name": "Ready",
                            "type": "string",
                            "jsonPath": '.status.conditions[?(@.type == "Ready")].status',
                        },
                        {
                            "name": "Age",
                            "type": "date",
                            "jsonPath": ".metadata.creationTimestamp",
                            "priority": 1,
                        },
                    ],
                    "selectableFields": [{"jsonPath": ".spec.a"}, {"jsonPath": ".spec.b"}],
                    "subresources": {
                        "status": {},
                        "scale": {
                            "specReplicasPath": ".spec.replicas",
                            "statusReplicasPath": ".status.replicas",
                        },
                    },
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {
                                "apiVersion": {"type": "string"},
                                "kind": {"type": "string"},
                                "metadata": {"type": "object"},
                                "spec": {"type": "object"},
                            },
                            "required": ["metadata", "spec"],
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }
    short = _definition("a: int")
    spec = short["spec"]
    assert isinstance(spec, dict)
    assert spec["names"] == {
        "kind": "Thing",
        "listKind": "ThingList",
        "plural": "things",
        "singular": "thing",
    }
    assert spec["scope"] == "Namespaced"


def test_the_documented_example_is_one() -> None:
    text = (Path(__file__).parents[3] / "docs" / "crd-tables.md").read_text()
    example = "".join(
        line.removeprefix("    ") + "\n"
        for line in text[text.index("    # Certificates") :].partition("\nEach level")[0].splitlines()
    )
    spec = schema_of(_plain(Table(example, "example").definition("Certificate")))["properties"]
    assert isinstance(spec, dict)
    assert spec["spec"] == {
        "type": "object",
        "properties": {
            "commonName": {"type": "string", "minLength": 1, "maxLength": 64},
            "dnsNames": {
                "type": "array",
                "items": {"type": "string"},
                "x-kubernetes-list-type": "atomic",
            },
            "issuerRef": {
                "type": "object",
                "properties": {"kind": {"type": "string"}, "name": {"type": "string"}},
                "required": ["name"],
            },
            "usages": {
                "type": "array",
                "items": {"type": "string", "enum": ["server auth", "client auth", "code signing"]},
            },
            "weight": {
                "type": "integer",
                "format": "int32",
                "minimum": 0,
                "maximum": 100,
                "default": 10,
            },
        },
        "required": ["issuerRef"],
        "x-kubernetes-validations": [
            {
                "rule": "[has(self.commonName), has(self.dnsNames)].filter(there, there).size() == 1",
                "message": "set exactly one of commonName, dnsNames",
            }
        ],
    }


@pytest.mark.parametrize(
    ("fields", "line", "what"),
    [
        # What is written is not known
        ("a: strin", 4, "there is no type 'strin'"),
        ("a: string maybe", 4, "there is no fact 'maybe'"),
        ("a: string = red", 4, "expected a JSON value"),
        ("a: string in(x", 4, "expected ','"),
        ("a: string in()", 4, "expected a name"),
        ("a: string in(@Nothing)", 4, "there are no words named 'Nothing'"),
        ("a: string `^x", 4, "expected '`'"),
        ("a: [string", 4, "expected ']'"),
        ("a: string]", 4, "nothing was expected"),
        ("a: int ..", 4, "a range has a beginning"),
        ("a: string len", 4, "expected a range"),
        ("a string", 4, "expected a field or a rule"),
        ("a: object\n  rule a or b", 5, "expected a form of rule"),
        ("a: object\n  rule any of a; b", 5, "nothing was expected"),
        ('a: object\n  rule "never":', 5, "a message and CEL are expected"),
        ("a: object & [1]", 4, "expected a JSON object"),
        # It does not fit the type
        ("a: int len ..3", 4, "a value of type integer has no maxLength"),
        ("a: string 1..3", 4, "a value of type string has no minimum"),
        ("a: string items 1..", 4, "a value of type string has no minItems"),
        ("a: [string] keys 1..", 4, "a value of type array has no minProperties"),
        ("a: int in(1)", 4, "a value of type integer has no enum"),
        ("a: object by(b)", 4, "a value of type object has no x-kubernetes-list-type"),
        ("a: string atomic", 4, "a value of type string has no x-kubernetes-map-type"),
        ("a: [string] open", 4, "has no x-kubernetes-preserve-unknown-fields"),
        ("a: string\n  b: string", 5, "only an object has fields"),
        ("a: {string}\n  b: string", 5, "only an object has fields"),
        ("a: string\n  list rule not empty", 5, "there is no list around this"),
        ("a: [string]\n  map rule not empty", 5, "there is no map around this"),
        # It is there twice
        ("a: string len 1.. len 2..", 4, "minLength is said twice"),
        ("a: string\nb: int\na: int", 6, "the field a is there already"),
        ("metadata: string", 4, "the shape has a field metadata already"),
        ("status\nstatus", 5, "expected a field or a rule"),
        # Its place is wrong
        ("a: object\n    b: string", 5, "each level is indented by two blanks"),
        ("a: object\n b: string", 5, "each level is indented by two blanks"),
        ("a: object\n\tb: string", 5, "each level is indented by two blanks"),
        ("a: string ", 4, "blanks at the end"),
        ("status\n  b: string", 5, "nothing can stand below"),
        ("a: object\n  rule not empty\n    b: string", 6, "nothing can stand below"),
        ("column Age date", 4, "expected column NAME TYPE PATH"),
        ("scale .spec.replicas", 4, "expected scale SPEC STATUS"),
        ("warning use v2", 4, "expected a field or a rule"),
        ("needs metadta", 4, "expected a field or a rule"),
    ],
)
def test_a_wrong_line_is_told(fields: str, line: int, what: str) -> None:
    with pytest.raises(TableError) as refused:
        _definition(fields)
    assert str(refused.value).startswith(f"x.crd:{line}: ")
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("kinds Thing\n", 1, "expected use, words, shape or kind"),
        ("kind A\n  group a.b\n  version v1\nkind A\n", 4, "a name of its own"),
        ("kind A\n  version v1\n", 1, "a kind has a group"),
        ("kind A\n  group a.b\n", 1, "a kind has a group"),
        ("kind A\n  group a.b\n  groups a\n", 3, "a kind has no 'groups'"),
        ("kind A\n  group a.b\n  group a.c\n", 3, "or not twice"),
        ("kind A\n  group a b\n", 2, "another number of words"),
        ("kind A\n  short\n", 2, "another number of words"),
        ("kind A\n  version v1 old\n", 2, "a version is not old"),
        ("shape A: string\nshape A: int\n", 2, "there is a type A already"),
        ("shape string: int\n", 1, "expected use, words, shape or kind"),
        ("shape A\n", 1, "expected use, words, shape or kind"),
        ("shape A:string\n", 1, "expected use, words, shape or kind"),
        ("kind\n", 1, "expected use, words, shape or kind"),
        ("use crd/kubernetes\nshape Condition: string\n", 2, "there is a type Condition already"),
        ("shape Condition: string\nuse crd/kubernetes\n", 2, "both tables have Condition"),
        ("words a: b\n", 1, "a name that is free"),
        ("words A: b\nwords A: c\n", 2, "a name that is free"),
        ("words A\n", 1, "expected words NAME"),
        ("shape A:\n  a: A\nkind A\n  group a.b\n  version v1\n    a: A\n", 2, "the shape A holds itself"),
    ],
)
def test_a_wrong_table_is_told(text: str, line: int, what: str) -> None:
    with pytest.raises(TableError) as refused:
        Table(text, "x.crd").definitions()
    assert str(refused.value).startswith(f"x.crd:{line}: ")
    assert what in str(refused.value)
