"""Custom resource definitions from field tables.

A table is a data file beside its add-on, ``NAME.crd``, that states the facts of some
definitions: names, versions, columns, and each field's type, default, bounds, pattern, list
keys and rules. `notation` reads its lines, `schema` makes OpenAPI v3 of field lines, `rules`
makes CEL of conditions, `table` makes the definitions, and `facts` tells whether two
definitions ask the API server for the same. The notation is described in `docs/crd-tables.md`.
"""

from __future__ import annotations

from kops_core.model.addons.crd.table import Table, read_table

__all__ = ["Table", "read_table"]
