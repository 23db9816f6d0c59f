"""Each of the judge's clusters is what ``create cluster`` makes of its words, but for its edits."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from kops_core.api.documents import read_documents
from kops_core.api.path import get, leaves, parse, render
from kops_core.api.values import Tree
from kops_core.engine.channels import shipped
from kops_core.infer.create.create import create
from kops_core.infer.create.flags import from_flags
from tests.create.create_cases import settings
from tests.judge.clusters import CLUSTERS as MADE
from tests.judge.outcome import CLUSTERS, DATA, SPECIFICATION

_OF_THE_STORE = ("metadata.creationTimestamp", "metadata.labels", "spec.configBase")


def _title(tree: Tree) -> str:
    """As edits name it."""
    return "cluster" if tree["kind"] == "Cluster" else str(get(tree, parse("metadata.name")))


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_cluster_of_the_judge_is_made_by_its_words(name: str) -> None:
    facts: Tree = json.loads((DATA / "facts.json").read_text(encoding="utf-8"))
    made = MADE[name]
    found = create(
        from_flags(made.arguments(name)),
        facts,
        shipped("stable").document,
        settings("s3://judge-state"),
        datetime(2026, 11, 30, tzinfo=UTC),
    ).manifest()
    kept = [each.tree for each in read_documents((CLUSTERS / name / SPECIFICATION).read_bytes(), name)]
    assert len(found) == len(kept)
    for ours, theirs in zip(sorted(found, key=_title), sorted(kept, key=_title), strict=True):
        title = _title(theirs)
        edited = [field.partition("[")[0] for of, field, _ in made.edits if of == title]
        edited += [field for of, field in made.removed if of == title]
        skipped = (*_OF_THE_STORE, *edited)

        def plain(tree: Tree, skipped: tuple[str, ...] = skipped) -> dict[str, object]:
            return {
                render(path): value for path, value in leaves(tree) if not render(path).startswith(skipped)
            }

        assert plain(ours) == plain(theirs)
