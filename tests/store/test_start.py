"""Opening a store imports the SDK for S3 only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
from kops_core.store.open import StoreOpener
from kops_core.store.state import StateStore
list(StateStore(StoreOpener({}).open(sys.argv[1]), author="x").clusters())
heavy = {"boto3", "botocore", "cryptography", "pydantic", "moto"} & set(sys.modules)
sys.exit(f"imported: {sorted(heavy)}" if heavy else 0)
"""


@pytest.mark.parametrize("url", ["memfs://store", "file://{}", "{}"])
def test_no_sdk_for_files(url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, url.format(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
