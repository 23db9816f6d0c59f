"""Custom resource definitions from field tables.

A table is a data file beside its add-on, ``NAME.crd``, with the facts of some definitions: names, versions,
columns, and each field's type, default, bounds, pattern, list keys and rules. `notation` reads its lines,
`schema` turns field lines into OpenAPI v3, `rules` turns conditions into CEL, `table` builds the
definitions, and `facts` compares two definitions by their effect on the API server. The notation is
described in `docs/crd-tables.md`.
"""

from __future__ import annotations

from kops_core.model.addons.crd.table import Table, read_table

__all__ = ["Table", "read_table"]
