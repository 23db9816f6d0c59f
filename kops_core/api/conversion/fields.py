"""The schema of the internal type, derived from v1alpha2's by the table of differences."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kops_core.api.conversion.table import CLOUD_PROVIDERS, MOVED, RENAMED
from kops_core.api.path import FieldPath, parse
from kops_core.api.schema import Children, Field, Schema, Struct, Type, schema

_TEXTS = Type(item=Type(scalar="string"))

# The few fields that have another type in the internal type.
_OTHER_TYPES = {
    "spec.authentication.oidc.groupsClaims": _TEXTS,
    "spec.authentication.oidc.requiredClaims": Type(value=Type(scalar="string")),
    "spec.networking.topology.dns": Type(scalar="string"),
}


# Structs that are not pointers, so they always exist.
_BY_VALUE = ("api", "networking", "configStore", "cloudProvider")


@cache
def internal_schema() -> Schema:
    """The internal type, with v1alpha2's type names; containers it adds are named by their path."""
    known = schema()
    structs = {name: _renamed(struct) for name, struct in known.structs.items()}
    result = Schema(structs, known.kinds)
    del structs["ClusterSpec"].fields["cloudProvider"]
    for kind, moves in MOVED.items():
        for old, new in moves.items():
            parent = known.field(kind, parse(old)[:-1]).type.struct
            structs[parent].fields.pop(str(parse(old)[-1]))
            _add_field(result, kind, parse(new), known.field(kind, parse(old)))
    for key in CLOUD_PROVIDERS.values():
        _container(result, "Cluster", ("spec", "cloudProvider", key))
    for key in _BY_VALUE:
        spec = structs["ClusterSpec"].fields
        spec[key] = replace(spec[key], zero="written")
    for path, type_ in _OTHER_TYPES.items():
        at = parse(path)
        _add_field(result, "Cluster", at, Field(str(at[-1]), type_, "unset", "", ()))
    return result


def _renamed(struct: Struct) -> Struct:
    names = RENAMED.get(struct.name, {})
    fields: Children = {}
    for name, field in struct.fields.items():
        if field.zero != "lost":
            new = names.get(name, name)
            fields[new] = replace(field, name=new)
    fields.pop("disable" if struct.name == "ExternalDNSConfig" else "", None)
    return Struct(struct.name, struct.about, fields)


def _add_field(result: Schema, kind: str, at: FieldPath, field: Field) -> None:
    parent = _container(result, kind, at[:-1])
    parent.fields[str(at[-1])] = replace(field, name=str(at[-1]))


def _container(result: Schema, kind: str, at: FieldPath) -> Struct:
    """The struct at a path; added where the internal type has one more level than v1alpha2."""
    here = result.structs[kind]
    for end, part in enumerate(at, start=1):
        key = str(part)
        if key not in here.fields:
            name = ".".join(map(str, at[:end]))
            result.structs[name] = Struct(name, "", {})
            here.fields[key] = Field(key, Type(struct=name), "kept", "", ())
        here = result.structs[here.fields[key].type.struct]
    return here
