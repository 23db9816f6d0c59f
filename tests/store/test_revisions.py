"""The revisions of a cluster: who wrote what, the newest first, and none of an earlier cluster."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from kops_core.errors import ObjectNotFound, StoreError
from kops_core.store.conflict import changed
from kops_core.store.memory import MemoryBackend
from kops_core.store.revisions import Revisions, digest

AT = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
FIRST, SECOND = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def _config(created: str = FIRST, size: int = 1) -> bytes:
    head = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n"
    return f"{head}  creationTimestamp: {created}\n  name: c\nspec:\n  size: {size}\n".encode()


@pytest.fixture
def backend() -> MemoryBackend:
    return MemoryBackend()


def _write(
    revisions: Revisions, number: int, before: dict[str, bytes], after: dict[str, bytes | None]
) -> str:
    at = AT + timedelta(minutes=number)
    return revisions.record(
        at=at, by="ann", what=f"edit {number}", before=before, after=after, command="x"
    ).id


def test_a_revision_is_read_as_it_was_written(backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c")
    made = revisions.record(
        at=AT,
        by="ann@laptop",
        what="edit",
        before={"config": _config(), "instancegroup/a": b"\xff"},
        after={"config": _config(size=2), "instancegroup/a": None},
        command="kops-tui edit",
    )
    assert made == revisions.read(made.id)
    assert (made.at, made.by, made.what, made.command) == (AT, "ann@laptop", "edit", "kops-tui edit")
    assert made.at.tzinfo is UTC
    assert made.id.startswith("20260301T100000.000000Z-")
    assert made.before == {"config": _config().decode(), "instancegroup/a": "\ufffd"}
    assert made.wrote == {"config": hashlib.sha256(_config(size=2)).hexdigest(), "instancegroup/a": ""}
    assert (made.created, made.created_before) == (FIRST, FIRST)
    assert list(backend.keys()) == [f".kops-tui/c/revisions/{made.id}.json"]
    bare = revisions.record(at=AT, by="b", what="w", before={}, after={})
    assert (bare.created, bare.created_before, bare.command) == ("", "", "")


def test_the_newest_is_first_and_other_files_are_none(backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c")
    ids = [_write(revisions, number, {}, {}) for number in (1, 3, 2)]
    backend.put(".kops-tui/c/revisions/notes.txt", b"")
    backend.put(".kops-tui/d/revisions/x.json", b"")
    assert revisions.ids() == [ids[1], ids[2], ids[0]]
    assert [each.what for each in revisions.newest_first()] == ["edit 3", "edit 2", "edit 1"]


def test_revisions_of_an_earlier_cluster_of_the_name_are_left_out(backend: MemoryBackend) -> None:
    every = Revisions(backend, "c")
    _write(every, 1, {}, {"config": _config(FIRST)})
    _write(every, 2, {"config": _config(FIRST)}, {"config": _config(FIRST, 2)})
    _write(every, 3, {}, {"config": _config(SECOND)})
    _write(every, 4, {"config": _config(SECOND)}, {"config": _config(SECOND, 2)})
    _write(every, 5, {"config": _config(SECOND, 2)}, {"instancegroup/a": None})

    def seen(created: str) -> list[str]:
        return [each.what for each in Revisions(backend, "c", created).newest_first()]

    assert seen(SECOND) == ["edit 5", "edit 4", "edit 3"]
    assert seen(FIRST) == []
    assert seen("") == ["edit 5", "edit 4", "edit 3"], "the newest tell which cluster it is"


def test_a_record_of_an_earlier_version_has_neither_command_nor_incarnation(backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c", FIRST)
    one = _write(revisions, 1, {"config": _config()}, {"config": _config(size=2)})
    key = f".kops-tui/c/revisions/{one}.json"
    content = json.loads(backend.read(key).data)
    backend.put(
        key, json.dumps({k: v for k, v in content.items() if k not in {"created", "command"}}).encode()
    )
    (found,) = revisions.newest_first()
    assert (found.created, found.command, found.created_before) == ("", "", FIRST)


@pytest.mark.parametrize("damaged", [b"", b"[]", b"{}", b'{"at": "x"}', b"\xff"])
def test_a_damaged_record_is_named(damaged: bytes, backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c")
    backend.put(".kops-tui/c/revisions/x.json", damaged)
    with pytest.raises(StoreError, match="the record of this revision is damaged") as refused:
        revisions.read("x")
    assert refused.value.where == ".kops-tui/c/revisions/x.json"
    with pytest.raises(ObjectNotFound):
        revisions.read("y")


def test_who_wrote_a_content_is_the_last_who_did_so(backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c")
    for number, data in enumerate((b"1", b"2", b"1", None, b"3"), 1):
        _write(revisions, number, {}, {"config": data})
    authors = {data: revisions.author_of("config", data) for data in (b"1", b"2", b"3", b"4", None)}
    assert {data: each.what if each else None for data, each in authors.items()} == {
        b"1": "edit 3",
        b"2": "edit 2",
        b"3": "edit 5",
        b"4": None,
        None: "edit 4",
    }
    assert revisions.author_of("other", b"1") is None
    assert revisions.author_of("config", b"2", look_back=3) is None
    assert revisions.author_of("config", b"1", look_back=3) is not None
    assert digest(b"1") == hashlib.sha256(b"1").hexdigest()


def test_whoever_lost_a_race_is_told_who_won_and_what_differs(backend: MemoryBackend) -> None:
    revisions = Revisions(backend, "c")
    backend.put("c/config", _config())
    before = backend.read("c/config")

    def told() -> str:
        error = changed(backend, revisions, "c", "config", before)
        assert (error.where, error.remedy) == (
            "memfs://store/c/config",
            "read it again and repeat the change",
        )
        return error.what.removeprefix("changed since it was read: ")

    _write(revisions, 1, {"config": _config()}, {"config": _config(size=2)})
    backend.put("c/config", _config(size=2))
    assert told() == "ann did at 2026-03-01 10:01:00 UTC (edit 1): spec.size: 1 -> 2"
    backend.put("c/config", _config(size=3))
    modified = backend.read("c/config").modified
    assert told() == f"somebody did at {modified:%Y-%m-%d %H:%M:%S} UTC: spec.size: 1 -> 3"
    backend.put("c/config", _config() + b"# words\n")
    assert told().endswith(": only its form")
    group = b"apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\nmetadata:\n  name: a\n"
    backend.put("c/config", _config() + b"---\n" + group)
    assert told().endswith(": 2 documents, 1 before")
    backend.put("c/config", b"a: [")
    assert told().endswith(": it can't be read now")
    backend.delete("c/config")
    assert told() == "somebody deleted it: it is gone"
    _write(revisions, 2, {"config": _config()}, {"config": None})
    assert told() == "ann did at 2026-03-01 10:02:00 UTC (edit 2): it is gone"
