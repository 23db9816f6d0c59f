"""Compiles the models into ``schema.json``, which `kops_core.api.schema` reads.

    {"kinds": [kind],
     "structs": {name: {"about": text, "fields": {key: [type, zero, description, [value]]}}}}

A type is a scalar's name, ``@Struct``, ``[]item`` or ``{}value``; zero is ``kept``,
``unset`` or ``written`` (see `kops_core.api.v1alpha2.types`).
"""

from __future__ import annotations

import json
import types
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from kops_core.api.v1alpha2.cluster import Cluster
from kops_core.api.v1alpha2.host import Host
from kops_core.api.v1alpha2.instancegroup import InstanceGroup
from kops_core.api.v1alpha2.keys import Keyset, SSHCredential
from kops_core.api.v1alpha2.types import Format, Model, OneOf, Zero

KINDS: tuple[type[Model], ...] = (Cluster, InstanceGroup, Keyset, SSHCredential, Host)

TARGET = Path(__file__).with_name("schema.json")

_PLAIN = {str: "string", bool: "boolean"}


def compiled() -> str:
    """The text of ``schema.json``."""
    structs: dict[str, dict[str, Any]] = {}
    waiting: list[type[Model]] = list(KINDS)
    while waiting:
        model = waiting.pop()
        if model.__name__ in structs:
            continue
        fields: dict[str, list[Any]] = {}
        for name, info in model.model_fields.items():
            text, allowed = _type(_annotation(info), waiting)
            zero = next((mark.rule for mark in info.metadata if isinstance(mark, Zero)), "kept")
            if text.startswith(("[]", "{}")) and zero == "kept":
                zero = "unset"
            fields[info.alias or name] = [text, zero, info.description or "", list(allowed)]
        structs[model.__name__] = {"about": (model.__doc__ or "").strip(), "fields": fields}
    return _text(dict(sorted(structs.items())))


def _text(structs: dict[str, dict[str, Any]]) -> str:
    """JSON with one field a line, so that a diff shows the fields that changed."""
    blocks = []
    for name, struct in structs.items():
        lines = ",\n".join(f"  {_json(key)}: {_json(value)}" for key, value in struct["fields"].items())
        blocks.append(f'{_json(name)}: {{"about": {_json(struct["about"])}, "fields": {{\n{lines}\n}}}}')
    kinds = _json([model.__name__ for model in KINDS])
    return f'{{"kinds": {kinds}, "structs": {{\n' + ",\n".join(blocks) + "\n}}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _annotation(info: FieldInfo) -> Any:
    marks = [mark for mark in info.metadata if isinstance(mark, Format | OneOf)]
    annotation: Any = info.annotation
    for mark in marks:
        annotation = Annotated[annotation, mark]
    return annotation


def _type(annotation: Any, found: list[type[Model]]) -> tuple[str, tuple[str, ...]]:  # noqa: PLR0911 - one a form
    """The type's text and its allowed values; models in it are added to ``found``."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        text, allowed = _type(arguments[0], found) if not _format(arguments) else (_format(arguments), ())
        return text, next((mark.values for mark in arguments[1:] if isinstance(mark, OneOf)), allowed)
    if origin in (Union, types.UnionType):
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return _type(inner, found)
    if origin is Literal:
        return "string", arguments
    if origin is list:
        text, allowed = _type(arguments[0], found)
        return f"[]{text}", allowed
    if origin is dict:
        text, allowed = _type(arguments[1], found)
        return f"{{}}{text}", allowed
    if isinstance(annotation, type) and issubclass(annotation, Model):
        found.append(annotation)
        return f"@{annotation.__name__}", ()
    return _PLAIN[annotation], ()


def _format(arguments: tuple[Any, ...]) -> str:
    return next((mark.name for mark in arguments[1:] if isinstance(mark, Format)), "")


if __name__ == "__main__":
    TARGET.write_text(compiled(), encoding="utf-8")
