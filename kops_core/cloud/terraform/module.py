"""A Terraform module's files on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_module(files: Mapping[str, bytes], out: Path) -> None:
    """Put a module's files into a folder, each at once and ``kubernetes.tf`` last; others are left alone.

    Only the owner may read them: node configurations say where the cluster's keys are.
    """
    for name in sorted(files, key=lambda each: (each.endswith(".tf"), each)):
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".kops-", delete=False) as file:
            file.write(files[name])
        Path(file.name).replace(path)
