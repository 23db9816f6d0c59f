"""Tests of the fleet's status by a glance: what counts as edited, as outdated, and what a failure hides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from kops_core.cloud.ports import GroupState, Instance
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, GroupSummary, Pending
from kops_core.engine.fleet.status import glances
from kops_core.engine.settings import Settings
from kops_core.engine.stores import Stores
from kops_core.errors import CloudError, StoreError
from kops_core.store.applied_state import AppliedRecord, write_applied
from kops_core.store.open import StoreOpener

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Account:
    """A provider and the clouds of a run: groups by region, calls counted."""

    def __init__(self, regions: Mapping[str, Mapping[str, Mapping[str, GroupState]]]) -> None:
        self._regions = regions
        self.calls: Counter[str] = Counter()

    def of(self, cluster: Any) -> Account:
        return self

    def region_of_zone(self, zone: str) -> str:
        return zone[:-1]

    def groups_of_all_clusters(self, region: str) -> Mapping[str, Mapping[str, GroupState]]:
        self.calls[region] += 1
        if region not in self._regions:
            raise CloudError(f"{region} does not answer")
        return self._regions[region]


def group(cluster: str, *templates: str, wanted: str = "lt-1:2", desired: int = 1) -> dict[str, GroupState]:
    name = f"nodes.{cluster}"
    instances = tuple(Instance(f"i-{n}", "InService", True, each) for n, each in enumerate(templates))
    return {name: GroupState(name, wanted, 1, 3, desired, instances)}


def summary(
    name: str, *, zone: str = "us-east-1a", edited: float = -1.0, applied: bool = True
) -> ClusterSummary:
    """edited: minutes after it was applied."""
    return ClusterSummary(
        "s3://a",
        name,
        cloud="aws",
        zones=(zone,),
        groups=(GroupSummary("nodes", "Node", "t3.medium", 1, 3, ("a",)),),
        applied=applied,
        applied_at=NOW if applied else None,
        changed_at=NOW + timedelta(minutes=edited),
    )


def looked_at(
    account: Account, *summaries: ClusterSummary, edited: Any = lambda each: each.changed_at > each.applied_at
) -> dict[str, ClusterStatus]:
    found = glances(summaries, cast("Any", account), edited, lambda name: ClusterStatus(name, NOW))
    return {each.name: each for each in found}


def test_what_is_told_and_that_no_plan_told_it() -> None:
    there = {name: group(name, "lt-1:2") for name in ("same", "edited")}
    there["old"] = group("old", "lt-1:2", "lt-1:1", desired=3)
    found = looked_at(
        Account({"us-east-1": there}),
        summary("same"),
        summary("edited", edited=1),
        summary("old"),
        summary("new", applied=False),
        summary("gone"),
    )
    assert {name: each.pending for name, each in found.items()} == {
        "same": Pending.UP_TO_DATE,
        "edited": Pending.CHANGES,
        "old": Pending.ROLL,
        "new": Pending.NEVER_APPLIED,
        "gone": Pending.NEVER_APPLIED,
    }
    assert found["old"].nodes == (2, 3)
    assert found["old"].groups_to_roll == ("nodes",)
    assert not any(each.planned for each in found.values())


def test_an_account_is_asked_once_a_region_whatever_it_has() -> None:
    names = [f"c{number:03}" for number in range(300)]
    regions = {"us-east-1": {each: group(each, "lt-1:2") for each in names}, "eu-west-1": {}}
    account = Account(regions)
    found = looked_at(account, *map(summary, names), summary("far", zone="eu-west-1b"))
    assert account.calls == {"us-east-1": 1, "eu-west-1": 1}
    assert len(found) == 301


def test_a_region_or_a_store_that_fails_hides_no_other() -> None:
    def edited(each: ClusterSummary) -> bool:
        if each.name == "broken":
            raise StoreError("the bucket does not answer")
        return False

    account = Account({"us-east-1": {name: group(name, "lt-1:2") for name in ("good", "broken")}})
    found = looked_at(
        account, summary("good"), summary("broken"), summary("far", zone="mars-1a"), edited=edited
    )
    assert found["good"].pending is Pending.UP_TO_DATE
    assert not found["good"].error
    assert "does not answer" in found["broken"].error
    assert found["broken"].nodes == (1, 1), "what the account told is shown all the same"
    assert "mars-1 does not answer" in found["far"].error


@pytest.mark.parametrize(
    ("edited", "recorded", "expected"),
    [(-1, False, False), (1, False, True), (1, True, False), (-1, True, False)],
)
def test_a_spec_is_edited_if_it_is_newer_than_the_completed_one_and_than_our_record(
    tmp_path: Path, edited: float, recorded: bool, expected: bool
) -> None:
    """This program leaves a completed spec alone that an apply did not change; kOps writes it each time."""
    stores = Stores(Settings(stores=(str(tmp_path),)), lambda: NOW, lambda *_: None, StoreOpener({}))
    store = stores.at(str(tmp_path))
    if recorded:
        write_applied(store.backend, "a", AppliedRecord(NOW, "ann", "", {}))
    about = replace(summary("a", edited=edited), store=str(tmp_path))
    assert stores.edited_since_applied(about) is expected
