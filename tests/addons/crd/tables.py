"""The definitions of all tables, for tests."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from kops_core.api.values import Tree
from kops_core.model.addons.crd.table import read_table
from kops_core.model.addons.manifest import plain

PACKAGES = ("kops_core.model.addons", "kops_core.cloud.aws.addons")
TABLES = tuple(
    (str(path.relative_to(root).with_suffix("")), package)
    for package in PACKAGES
    for root in [Path(str(files(package)))]
    for path in sorted(root.glob("**/*.crd"))
)
"""All shipped tables: name and package."""


@cache
def definitions() -> dict[str, Tree]:
    """Every definition by its table and kind, e.g. ``karpenter/karpenter NodePool``."""
    found: dict[str, Tree] = {}
    for name, package in TABLES:
        table = read_table(name, package)
        for kind in table.kinds:
            tree = plain(table.definition(kind))
            assert isinstance(tree, dict)
            found[f"{name} {kind}"] = tree
    return found
