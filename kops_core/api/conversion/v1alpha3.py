"""kops.k8s.io/v1alpha3: the internal type without the fields that it hides."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from kops_core.api.conversion.fields import internal_schema
from kops_core.api.conversion.table import HIDDEN_IN_V1ALPHA3
from kops_core.api.conversion.trees import to_v1alpha2
from kops_core.api.schema import Schema
from kops_core.api.values import Tree


@cache
def v1alpha3_schema() -> Schema:
    """The schema of v1alpha3 documents."""
    whole = internal_schema()
    structs = {
        name: replace(
            struct,
            fields={
                key: field
                for key, field in struct.fields.items()
                if key not in HIDDEN_IN_V1ALPHA3.get(name, frozenset())
            },
        )
        for name, struct in whole.structs.items()
    }
    return Schema(structs, whole.kinds)


def from_v1alpha3(tree: Tree) -> Tree:
    """A valid v1alpha3 object, converted to v1alpha2."""
    kind = str(tree["kind"])
    return {**to_v1alpha2(tree, kind), "apiVersion": "kops.k8s.io/v1alpha2"}
