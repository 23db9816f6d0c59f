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


@pytest.mark.parametrize(
    ("kind", "cluster", "created", "found"),
    [
        ("apply", "c", "", "one"),
        ("apply", "c", "2026", "one"),
        ("apply", "c", "2027", None),
        ("apply", "other", "", None),
        ("apply", "other", "2026", None),
        ("delete", "c", "", None),
        ("delete", "c", "2026", None),
    ],
)
def test_only_an_operation_of_the_kind_on_this_very_cluster_is_gone_on_with(
    kind: str, cluster: str, created: str, found: str | None, tmp_path: Path
) -> None:
    now = FakeClock().now
    with Journal.start(tmp_path, "apply", "c", "ann", "one", now, created="2026") as journal:
        journal.begin("VPC/c")
    history = find_unfinished(tmp_path, kind, cluster, created=created)
    assert (history.operation if history is not None else None) == found
    with Journal.start(tmp_path, kind, cluster, "ann", "two", now, created=created) as journal:
        assert journal.operation == (found or "two")
        assert set(journal.begun) == ({"VPC/c"} if found else set())
        assert set(journal.before.open_steps) == ({"VPC/c"} if found else set())


def test_the_journal_of_an_earlier_version_is_believed_for_any_cluster_of_the_name(tmp_path: Path) -> None:
    now = FakeClock().now
    with Journal.start(tmp_path, "apply", "c", "ann", "one", now):
        pass
    found = find_unfinished(tmp_path, "apply", "c", created="2026")
    assert found is not None
    assert (found.operation, found.created) == ("one", "")


def test_the_latest_operation_counts_and_what_has_failed_is_not_finished(tmp_path: Path) -> None:
    clock = FakeClock()
    for number in range(3):
        clock.sleep(60)
        with Journal.start(tmp_path, "apply", "c", "ann", f"op-{number}", clock.now) as journal:
            journal.begin("a", token=f"{number}")
            journal.end("a", id=f"vpc-{number}")
            journal.begin("b")
            journal.write("undone", "b")
            journal.write("finished", ok="true")
    assert find_unfinished(tmp_path, "apply", "c") is None
    with Journal.start(tmp_path, "apply", "c", "ann", "op-3", clock.now) as journal:
        assert journal.operation == "op-3"
        assert set(journal.begun) == {"a", "b"}, "earlier operations are remembered"
        assert journal.before.open_steps == journal.before.done_steps == {}
        journal.write("finished", ok="false")
    history = find_unfinished(tmp_path, "apply", "c")
    assert history is not None
    assert not history.finished
    first, *_ = sorted(tmp_path.iterdir())
    read_again = read(first)
    assert read_again is not None
    assert read_again.open_steps == {}
    assert {step: entry.details for step, entry in read_again.done_steps.items()} == {"a": {"id": "vpc-0"}}
    assert [entry.what for entry in read_again.entries] == [
        "started",
        "begin",
        "end",
        "begin",
        "undone",
        "finished",
    ]
