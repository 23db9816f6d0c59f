"""Journals survive what happens to files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.errors import OperationFailed
from kops_core.operations.journal import Journal, find_unfinished, read
from tests.aws.account import FakeClock


def _start(folder: Path, operation: str = "one") -> Journal:
    return Journal.start(folder, "apply", "c.example.com", "ann@laptop", operation, FakeClock().now)


def test_an_unfinished_operation_is_gone_on_with_and_a_finished_one_is_not(tmp_path: Path) -> None:
    with _start(tmp_path) as journal:
        journal.begin("VPC/c")
    with _start(tmp_path, "two") as journal:
        assert journal.operation == "one"
        assert journal.before.by == "ann@laptop"
        assert set(journal.before.open_steps) == {"VPC/c"}
        journal.end("VPC/c", id="vpc-1")
        journal.write("finished", ok="true")
    assert find_unfinished(tmp_path, "apply", "c.example.com") is None
    with _start(tmp_path, "three") as journal:
        assert journal.operation == "three"
    assert len(list(tmp_path.iterdir())) == 2


@given(torn=st.integers(min_value=0))
def test_a_torn_end_loses_only_the_line_that_it_tore(
    tmp_path_factory: pytest.TempPathFactory, torn: int
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    with _start(folder) as journal:
        for step in ("a", "b"):
            journal.begin(step)
            journal.end(step)
        journal.begin("c")
    path = next(folder.iterdir())
    data = path.read_bytes()
    first_line = data.index(b"\n") + 1
    path.write_bytes(data[: first_line + torn % (len(data) - first_line)])
    before = read(path)
    assert before is not None
    with _start(folder) as journal:
        journal.begin("d")
    after = read(path)
    assert after is not None
    assert after.entries[: len(before.entries)] == before.entries
    assert [entry.what for entry in after.entries[len(before.entries) :]] == ["started", "begin"]


def test_without_room_for_a_journal_nothing_begins(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OperationFailed, match="can't be written"):
        _start(tmp_path / "file")
