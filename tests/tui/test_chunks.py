"""A short run of ``tests.tui.chunks``: random bytes over a terminal on every screen, and a count of writes.

The long one: ``make chunks``.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.tui.chunks import Session, chunk, load, run
from tests.tui.world import STAGE


@pytest.mark.sweep
def test_no_write_reaches_the_store_without_its_confirmation(tmp_path: Path) -> None:
    with load(1):
        tally = run(120, seed=20, folder=tmp_path)
    assert tally.chunks == 120
    assert not tally.unconfirmed, tally.evidence
    assert not tally.faults, tally.evidence


@pytest.mark.full
def test_the_count_sees_what_it_is_there_for(tmp_path: Path) -> None:
    """A yes on purpose reaches the store and is counted, so that none without one would be missed."""
    session = Session(tmp_path)
    try:
        session.ask()
        session.send(b"P")
        session.ask()
        session.send(b"A")
        asked = session.ask()
        assert asked is not None
        assert (asked["asks"], asked["writes"]) == (True, [])
        session.send(b"y")
        done = session.ask(ended=True)
        assert done is not None
        writes = done["writes"]
        assert isinstance(writes, list)
        assert f"{STAGE}/cluster-completed.spec" in writes
        assert any(each.startswith("update LaunchTemplate/nodes") for each in writes)
    finally:
        session.close()


def test_chunks_are_of_1_to_40_bytes() -> None:
    sizes = {len(chunk(random.Random(seed))) for seed in range(2000)}
    assert (min(sizes), max(sizes)) == (1, 40)
