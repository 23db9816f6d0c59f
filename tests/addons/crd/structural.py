"""Defaulting and validation of custom resources, like the API server's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kops_core.api.values import Tree, Value
from tests.addons.crd.cel import holds

_KINDS: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}
_FLAGS = re.compile(r"^\^\(\?i\)")
_BOUNDS = (
    ("minLength", "maxLength", str),
    ("minItems", "maxItems", list),
    ("minProperties", "maxProperties", dict),
)


def schema_of(definition: Tree, version: str = "") -> Tree:
    """The schema of a version, by default of the one that is stored."""
    for each in _trees(as_tree(definition["spec"])["versions"]):
        if each["name"] == version or (not version and each["storage"]):
            return as_tree(as_tree(each["schema"])["openAPIV3Schema"])
    raise AssertionError(f"there is no version {version}")


def errors(value: Value, schema: Tree, old: Value = None, at: str = "") -> list[str]:
    """The errors of an object, each with its path; also unknown fields, as in strict validation."""
    return list(_errors(value, schema, old, at))


def defaulted(value: Value, schema: Tree) -> Value:
    """The object with the defaults of its schema."""
    if isinstance(value, dict):
        found = dict(value)
        for name, each in as_tree(schema.get("properties")).items():
            if name not in found and "default" in as_tree(each):
                found[name] = as_tree(each)["default"]
        properties = as_tree(schema.get("properties"))
        others = as_tree(schema.get("additionalProperties"))
        return {name: defaulted(item, as_tree(properties.get(name, others))) for name, item in found.items()}
    if isinstance(value, list):
        return [defaulted(item, as_tree(schema.get("items"))) for item in value]
    return value


def compiled(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern of Go, which may have flags after its first character."""
    return re.compile(_FLAGS.sub("(?i)^", pattern), re.ASCII)


def _errors(value: Value, schema: Tree, old: Value, at: str) -> Iterator[str]:
    if schema.get("nullable") and value is None:
        return
    if schema.get("x-kubernetes-int-or-string"):
        if isinstance(value, bool) or not isinstance(value, int | str):
            yield f"{at}: must be a number or a string"
            return
    elif "type" in schema:
        kind = str(schema["type"])
        if not isinstance(value, _KINDS[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{at}: must be {kind}"
            return
    yield from _value_errors(value, schema, at)
    if isinstance(value, dict):
        yield from _object_errors(value, schema, old, at)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _errors(item, as_tree(schema.get("items")), None, f"{at}[{position}]")
    for rule in _trees(schema.get("x-kubernetes-validations", [])):
        expression = str(rule["rule"])
        if ("oldSelf" not in expression or old is not None) and not holds(expression, value, old):
            yield f"{at}: {rule['message']}"


def _value_errors(value: Value, schema: Tree, at: str) -> Iterator[str]:
    enum = schema.get("enum")
    if isinstance(enum, list) and value not in enum:
        yield f"{at}: must be one of {enum}"
    if isinstance(value, str) and "pattern" in schema and not compiled(str(schema["pattern"])).search(value):
        yield f"{at}: must match {schema['pattern']}"
    if isinstance(value, int | float):
        if not _within(value, schema.get("minimum"), schema.get("maximum")):
            yield f"{at}: out of bounds"
        if schema.get("format") == "int32" and not -(2**31) <= value < 2**31:
            yield f"{at}: no int32"
    for least, most, kind in _BOUNDS:
        if isinstance(value, kind):
            assert isinstance(value, str | list | dict)
            if not _within(len(value), schema.get(least), schema.get(most)):
                yield f"{at}: too many or too few"
    yield from _choice_errors(value, schema, at)
    if isinstance(value, list) and schema.get("x-kubernetes-list-type") == "set":
        texts = [str(item) for item in value]
        if len(set(texts)) < len(texts):
            yield f"{at}: an item is there twice"


def _choice_errors(value: Value, schema: Tree, at: str) -> Iterator[str]:
    choices = schema.get("oneOf")
    if isinstance(choices, list) and sum(not errors(value, as_tree(each)) for each in choices) != 1:
        yield f"{at}: exactly one of several forms is expected"
    for each in _trees(schema.get("allOf", [])):
        yield from _value_errors(value, each, at)


def _object_errors(value: Tree, schema: Tree, old: Value, at: str) -> Iterator[str]:
    properties = as_tree(schema.get("properties"))
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if str(name) not in value:
            yield f"{at}.{name}: is required"
    for name, item in value.items():
        before = old.get(name) if isinstance(old, dict) else None
        if name in properties:
            yield from _errors(item, as_tree(properties[name]), before, f"{at}.{name}")
        elif "additionalProperties" in schema:
            yield from _errors(item, as_tree(schema["additionalProperties"]), before, f"{at}.{name}")
        elif properties and not schema.get("x-kubernetes-preserve-unknown-fields"):
            yield f"{at}.{name}: unknown field"


def _within(value: float, least: Value, most: Value) -> bool:
    return (not isinstance(least, int) or value >= least) and (not isinstance(most, int) or value <= most)


def as_tree(value: Value) -> Tree:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def _trees(value: Value) -> list[Tree]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
