"""Makes the specification of a judge's cluster from its words and edits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from ruamel.yaml import YAML

from kops_core import to_yaml
from kops_core.api.path import get, parse, set_at, unset_at
from kops_core.api.set_expression import set_field
from kops_core.api.values import Tree
from kops_core.engine.channels import shipped
from kops_core.infer.create.create import create
from kops_core.infer.create.flags import from_flags
from tests.create.create_cases import settings
from tests.judge.clusters import CLUSTERS as MADE
from tests.judge.made import Made
from tests.judge.outcome import CLUSTERS, DATA, SPECIFICATION

_AT = datetime(2026, 11, 30, tzinfo=UTC)
_MADE_AT = ("metadata", "creationTimestamp")
_YAML = ("{", "[", "'", '"')
"""What an edit begins with whose text is YAML; others are as ``edit --set`` takes them."""


def created(name: str) -> Sequence[Tree]:
    """What ``create cluster`` makes of a cluster's words."""
    facts: Tree = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))
    return create(
        from_flags(MADE[name].arguments(name)),
        facts,
        shipped("stable").document,
        settings("s3://judge-state"),
        _AT,
    ).manifest()


def made(name: str) -> Sequence[Tree]:
    """A cluster's objects, with the edits."""
    return [
        set_at(_edited(tree, MADE[name]), _MADE_AT, f"{_AT:%Y-%m-%dT%H:%M:%SZ}") for tree in created(name)
    ]


def make(name: str) -> None:
    """Write a cluster's specification."""
    path = CLUSTERS / name / SPECIFICATION
    path.parent.mkdir(exist_ok=True)
    path.write_text("---\n".join(map(to_yaml, made(name))), encoding="utf-8")


def _edited(tree: Tree, cluster: Made) -> Tree:
    title = "cluster" if tree["kind"] == "Cluster" else str(get(tree, parse("metadata.name")))
    kind = str(tree["kind"])
    for of, field, text in cluster.edits:
        if of == title and text.startswith(_YAML):
            tree = set_at(tree, parse(field), YAML(typ="safe", pure=True).load(text))
        elif of == title:
            tree = set_field(tree, kind, field, text, either=True)
    for of, field in cluster.removed:
        if of == title:
            tree = unset_at(tree, parse(field))
    return tree
