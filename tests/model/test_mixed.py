"""Requirements of instances, in the units that AWS counts in."""

from __future__ import annotations

import pytest

from kops_core.cloud.aws.builders.mixed import count


@pytest.mark.parametrize(
    ("written", "counted"), [("4", 4), (2, 2), ("2k", 2000), ("1500m", 0), ("1.0", 1), (None, None)]
)
def test_a_part_of_a_processor_counts_as_none(written: str | int | None, counted: int | None) -> None:
    assert count({"min": written}, "min") == counted
