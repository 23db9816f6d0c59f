"""The definitions of all tables, for tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import kops_core.model.addons
from kops_core.api.values import Tree
from kops_core.model.addons.crd.table import read_table
from kops_core.model.addons.manifest import plain

ROOT = Path(kops_core.model.addons.__file__).parent
NAMES = tuple(sorted(str(path.relative_to(ROOT).with_suffix("")) for path in ROOT.glob("**/*.crd")))
"""Every table that ships."""


@cache
def definitions() -> dict[str, Tree]:
    """Every definition by its table and kind, e.g. ``karpenter/karpenter NodePool``."""
    found: dict[str, Tree] = {}
    for name in NAMES:
        table = read_table(name)
        for kind in table.kinds:
            tree = plain(table.definition(kind))
            assert isinstance(tree, dict)
            found[f"{name} {kind}"] = tree
    return found
