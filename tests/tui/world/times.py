"""The times of a world, and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.aws.account import FakeClock

NOW = datetime(2026, 3, 1, 14, 2, 11, tzinfo=UTC)
"""When a test begins."""
BUILT_AT = NOW - timedelta(days=2, hours=5, minutes=20)
"""When the clusters were made."""


@dataclass
class WorldClock(FakeClock):
    """A clock that stands still but for the sleep of operations."""

    start: datetime = NOW

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)
