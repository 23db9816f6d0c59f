"""What commands work on, from their options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kops_core.errors import UsageError
from kops_tui.cli.settings import Given, resolve

if TYPE_CHECKING:
    from kops_core import Inference, Settings


def settings(given: Given, *, write: bool = False) -> Settings:
    """The settings of a command."""
    return resolve(given, os.environ, write=write)


def inference(given: Given, files: Sequence[str]) -> Inference:
    """The inference of the documents in files. Raises UsageError if none were named."""
    from kops_core import inference_of, read_files

    if not files:
        raise UsageError("no files", remedy="name the cluster's documents with -f FILE")
    stdin = sys.stdin.buffer.read() if "-" in files else b""
    return inference_of(read_files(files, stdin), settings(given))
