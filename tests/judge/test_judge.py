"""All that follows from the judge's clusters is as it was reviewed; ``make judge`` shows what differs."""

from __future__ import annotations

import pytest

from tests.judge.outcome import CLUSTERS, differences

_SHOWN = 4_000
"""Characters of a difference that a failure shows."""


@pytest.mark.parametrize("name", sorted(each.name for each in CLUSTERS.iterdir()))
def test_what_follows_from_a_cluster_is_as_it_was_reviewed(name: str) -> None:
    found = differences(name)
    assert not found, f"make judge shows all of it, and make judge ACCEPT=1 keeps it:\n{found[:_SHOWN]}"


def test_there_are_enough_clusters_to_judge_by() -> None:
    assert len(list(CLUSTERS.iterdir())) >= 20
