"""Writes a Terraform module's files to disk."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_module(files: Mapping[str, bytes], out: Path) -> None:
    """Writes a module's files to a folder, each atomically and ``kubernetes.tf`` last; others are left alone.

    Only the owner may read them: node configurations contain the location of the cluster's keys.
    """
    for name in sorted(files, key=lambda each: (each.endswith(".tf"), each)):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".kops-", delete=False) as file:
            file.write(files[name])
        Path(file.name).replace(path)
