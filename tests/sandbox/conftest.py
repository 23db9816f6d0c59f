"""Fixtures of the sandbox, and of the unpatched emulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kops_core.cloud.sandbox.process import Sandbox


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sandbox")


@pytest.fixture(scope="session")
def sandbox(logs: Path) -> Iterator[Sandbox]:
    with Sandbox.start(log=logs / "closed.log") as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def emulator(logs: Path) -> Iterator[Sandbox]:
    """With its gaps open."""
    with Sandbox.start(log=logs / "as-is.log", as_is=True) as sandbox:
        yield sandbox
