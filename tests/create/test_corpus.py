"""create cluster stores the same objects as kOps, for every AWS case of the corpus."""

from __future__ import annotations

import pytest

from tests.create.create_cases import created, generated, stored, upstream


@pytest.mark.parametrize("name", upstream())
def test_upstream_options(name: str) -> None:
    assert created("upstream/create", name) == stored("upstream/create", name)


@pytest.mark.full
def test_generated_flags_byte_for_byte() -> None:
    wrong = [name for name in generated() if created("generated", name) != stored("generated", name)]
    assert not wrong
    assert len(generated()) == 160
