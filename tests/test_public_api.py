"""The public API of the engine."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kops_core


def test_every_public_name_leads_somewhere() -> None:
    assert "Workspace" in dir(kops_core)
    for name in dir(kops_core):
        assert getattr(kops_core, name) is not None


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="Tokenizer"):
        kops_core.Tokenizer  # type: ignore[attr-defined]  # noqa: B018 - the access is the test


def test_the_package_itself_loads_no_module() -> None:
    code = "import sys, kops_core; print([n for n in sys.modules if n.startswith('kops_core.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
