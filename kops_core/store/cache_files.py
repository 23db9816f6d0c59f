"""Writes files of the cache folder, which processes share: whole or not at all, and for their owner alone."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_cached(path: Path, data: bytes) -> None:
    """I/O. Writes a file in place of an earlier one; makes its folder. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Each writer has a file of its own, which only its owner may read, until it is whole.
    number, name = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
