"""Every document of the corpus is read, and written again as kOps wrote it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from kops_core.api.canonical import to_yaml
from kops_core.api.documents import Document, read_documents
from tests.corpus import corpus_dir

WRITTEN_BY_KOPS = (
    "upstream/*/*/completed.yaml",
    "upstream/create/*/expected.yaml",
    "mutated/*/completed.yaml",
)
GENERATED = ("generated/*/cluster.yaml", "generated/*/completed.yaml")
BY_HAND = ("upstream/update/*/cluster.yaml", "mutated/*/cluster.yaml")


def files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in corpus_dir().glob(pattern))


@cache
def documents(path: Path) -> list[Document]:
    return read_documents(path.read_bytes(), path.name, keep_unknown=True)


@pytest.mark.parametrize("pattern", [*WRITTEN_BY_KOPS, *GENERATED])
def test_what_kops_wrote_is_written_again_byte_for_byte(pattern: str) -> None:
    different = []
    for path in files(pattern):
        separator = "\n---\n\n" if path.name == "expected.yaml" else "\n---\n"
        text = separator.join(to_yaml(document.tree) for document in documents(path))
        if text != path.read_text():
            different.append(str(path))
    assert different == []


@pytest.mark.parametrize("pattern", BY_HAND)
def test_what_people_wrote_is_read_and_kept(pattern: str) -> None:
    for path in files(pattern):
        found = documents(path)
        assert found
        for document in found:
            again = read_documents(to_yaml(document.tree), keep_unknown=True)[0]
            assert to_yaml(again.tree) == to_yaml(document.tree), path
