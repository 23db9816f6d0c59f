"""Files and folders of this program that their owner alone may read, whatever the umask."""

from __future__ import annotations

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """I/O. Makes a folder that only its owner may enter, whatever the umask. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)


def write_private(path: Path, text: str) -> None:
    """I/O. Writes a file that only its owner may read, whole or not at all. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
