"""Custom resource definitions from small tables.

A definition says what the API server and ``kubectl`` need: names, versions, scope, columns
and subresources. Its schema names the fields that kOps' own objects use and those that have
a default, and keeps all others unread: the add-on that owns the definition checks them.
"""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.model.addons.objects import Object, Words, fields, thing
from kops_core.model.documents import Document

CLUSTER = "Cluster"
NAMESPACED = "Namespaced"
OPEN: Object = {"x-kubernetes-preserve-unknown-fields": True}
AGE = "Age date .metadata.creationTimestamp"
READY = 'Ready string .status.conditions[?(@.type=="Ready")].status'


def definition(
    group: str,
    kind: str,
    *versions: Object,
    scope: str = NAMESPACED,
    plural: str = "",
    singular: str = "",
    short: str = "",
    categories: str = "",
    listed: bool = True,
    labels: Words | None = None,
    annotations: Words | None = None,
) -> Object:
    """The definition of a kind. Short names and categories are joined by blanks.

    plural, singular: names in addresses, if they are not the kind's with and without an s.
    listed: whether the kind of its lists is named.
    """
    many = plural or f"{kind.lower()}s"
    names = fields(
        kind=kind,
        listKind=f"{kind}List" if listed else None,
        plural=many,
        singular=singular or kind.lower(),
        shortNames=short.split() or None,
        categories=categories.split() or None,
    )
    return thing(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        f"{many}.{group}",
        None,
        labels=labels,
        annotations=annotations,
        spec={"group": group, "names": names, "scope": scope, "versions": versions},
    )


def version(
    name: str,
    *columns: str,
    storage: bool = True,
    deprecated: bool = False,
    status: bool = True,
    scale: Words | None = None,
    required: str = "",
    selectable: str = "",
    spec: str | Object = "",
    top: Mapping[str, Object] | None = None,
) -> Object:
    """A version of a kind.

    columns: what ``kubectl get`` shows, each as name, type, path and, if it is for wide
    output only, priority, joined by blanks (a path may have some too). required: fields that must be there.
    selectable: paths that a field selector may use. spec: fields of the specification as
    `known` takes them, or its schema. top: schemas of fields beside or instead of it.
    """
    properties: dict[str, Object] = {"spec": known(spec) if isinstance(spec, str) else spec}
    if status:
        properties["status"] = OPEN | {"type": "object"}
    return fields(
        name=name,
        served=True,
        storage=storage,
        deprecated=True if deprecated else None,
        additionalPrinterColumns=[_column(each) for each in columns] or None,
        schema={"openAPIV3Schema": nested(properties if top is None else top, required)},
        selectableFields=[{"jsonPath": path} for path in selectable.split()] or None,
        subresources=fields(status={} if status else None, scale=scale) or None,
    )


def known(names: str, required: str = "", defaults: Mapping[str, Document] | None = None) -> Object:
    """The schema of a structure: fields joined by blanks, each ``name`` or ``name:type``, others kept.

    A field without a type is a string.
    """
    properties: Object = {}
    for each in names.split():
        name, _, kind = each.partition(":")
        properties[name] = _typed(kind or "string")
    for name, default in (defaults or {}).items():
        properties[name] = OPEN | {"default": default, "type": _type_of(default)}
    return fields(type="object", properties=properties or None, required=required.split() or None) | OPEN


def nested(properties: Mapping[str, Object], required: str = "") -> Object:
    """The schema of a structure whose fields have schemas of their own, others kept."""
    return fields(type="object", properties=properties, required=required.split() or None) | OPEN


def _typed(kind: str) -> Object:
    if kind == "object":
        return OPEN | {"type": kind}
    return {"type": "array", "items": OPEN} if kind == "array" else {"type": kind}


def _type_of(value: Document) -> str:
    names: dict[type, str] = {bool: "boolean", int: "integer", str: "string", list: "array"}
    return names.get(type(value), "object")


def _column(text: str) -> Object:
    name, kind, rest = text.split(" ", 2)
    path, _, priority = rest.rpartition(" ")
    if not priority.isdecimal():
        path, priority = rest, ""
    return fields(name=name, type=kind, jsonPath=path, priority=int(priority) if priority else None)
