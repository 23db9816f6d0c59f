"""The conformance corpus: KOPS_CONFORMANCE_DIR, by default beside the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

NO_CORPUS = "for there is no conformance corpus (KOPS_CONFORMANCE_DIR)"
"""Why a test that compares with kOps is skipped."""
_DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "conformance"


def corpus_dir() -> Path:
    """The corpus; the calling test or module is skipped, saying so, where there is none.

    With ``KOPS_CONFORMANCE=required`` it fails instead.
    """
    found = Path(os.environ.get("KOPS_CONFORMANCE_DIR", _DEFAULT))
    if not found.is_dir():
        if os.environ.get("KOPS_CONFORMANCE") == "required":
            pytest.fail(f"no conformance corpus at {found}, and it is required", pytrace=False)
        pytest.skip(NO_CORPUS, allow_module_level=True)
    return found


def cases(suite: str) -> list[Path]:
    """The case folders of a suite such as ``upstream/create``, by name."""
    return sorted(path for path in (corpus_dir() / suite).iterdir() if path.is_dir())
