"""Which channel a name stands for."""

from __future__ import annotations

from kops_core.engine.channels import load


def test_the_channel_none_recommends_nothing_and_is_not_fetched() -> None:
    for offline in (True, False):
        assert (
            load("none", {"KOPS_CHANNEL_BASE": "https://unreachable.invalid"}, offline=offline).document == {}
        )
