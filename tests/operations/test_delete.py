"""Deleting a cluster leaves the account as it was found, whatever happens on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.operations.deleting import belongings, delete, listing

CASE = "minimal-1.35"


@pytest.mark.parametrize("case", ["minimal-1.35", "privatecilium", "many-addons", "minimal-ipv6"])
def test_the_account_is_as_it_was_found(case: str, account: Account, tmp_path: Path) -> None:
    before = listing(account)
    cluster = desired(case, account.zone)
    applied = account.apply(cluster, tmp_path / "apply")
    assert applied.ok, applied.failed
    outcome = delete(account, cluster.cluster, tmp_path / "delete")
    assert outcome.ok, outcome.failed
    assert listing(account) == before
    assert belongings(account, cluster.cluster).find().things == ()
