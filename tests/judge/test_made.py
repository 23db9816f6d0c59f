"""Each of the judge's clusters is what ``create cluster`` makes of its words, with its edits."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from kops_core.api.documents import read_documents
from kops_core.api.path import FieldPath, leaves, parse
from kops_core.api.values import Tree
from tests.judge.clusters import CLUSTERS as MADE
from tests.judge.making import made
from tests.judge.outcome import CLUSTERS, SPECIFICATION

_OF_THE_STORE = parse("spec.configBase")


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_cluster_of_the_judge_is_made_by_its_words(name: str) -> None:
    kept = read_documents((CLUSTERS / name / SPECIFICATION).read_bytes(), name)
    assert _fields(made(name)) == _fields(each.tree for each in kept)


def _fields(trees: Iterable[Tree]) -> list[tuple[FieldPath, str]]:
    return sorted(
        ((*parse(str(tree["kind"])), *path), repr(value))
        for tree in trees
        for path, value in leaves(tree)
        if path != _OF_THE_STORE
    )


def test_every_cluster_of_the_judge_has_its_words() -> None:
    assert sorted(MADE) == sorted(each.name for each in CLUSTERS.iterdir())
