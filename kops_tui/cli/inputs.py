"""Settings, engines, workspaces and files of a command, from its options."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from getpass import getpass
from typing import TYPE_CHECKING

from kops_core.errors import UsageError
from kops_tui.cli.settings import Given, resolve
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Engine, Inference, Settings, Workspace


def settings(given: Given, *, write: bool = False) -> Settings:
    """The settings of a command. Warnings about them go to stderr."""
    found = resolve(given, os.environ, write=write)
    for warning in found.warnings:
        warn(warning)
    return found


def engine(given: Given, *, write: bool = False) -> Engine:
    """The engine over the configured stores."""
    from kops_core import Engine

    over = Engine(settings(given, write=write), calls=given.get("calls"))
    if sys.stdin.isatty() and sys.stderr.isatty():
        over.mfa_prompt.ask = getpass
    return over


def workspace(
    given: Given, *, write: bool = False, files_: Sequence[str] = (), ssh_public_key: str = ""
) -> Workspace:
    """The cluster that a command is about, from the store or files. Raises UsageError if none was named.

    ssh_public_key: a file, for a cluster from files that has none.
    """
    if files_:
        key = file(ssh_public_key).decode(errors="replace") if ssh_public_key else ""
        found = engine(given).open_files(files(files_), ssh_public_key=key)
    else:
        over = engine(given, write=write)
        found = over.open(cluster_of(over))
    for warning in found.warnings:
        warn(warning)
    return found


def warn(text: str) -> None:
    """Print a warning on stderr."""
    echo(f"warning: {text}", err=True)


def cluster_of(engine: Engine) -> str:
    """The name of the cluster that a command is about. Raises UsageError if none was named."""
    if not engine.settings.cluster:
        raise UsageError("no cluster", remedy="name one with --name or KOPS_CLUSTER_NAME")
    return engine.settings.cluster


def inference(given: Given, names: Sequence[str]) -> Inference:
    """The inference of the documents in files. Raises UsageError if none were named."""
    from kops_core import inference_of

    return inference_of(files(names), settings(given), warn)


def files(names: Sequence[str]) -> dict[str, bytes]:
    """Files by name; ``-`` is stdin. Raises UsageError if none were named or one can't be read."""
    from kops_core import read_files

    if not names:
        raise UsageError("no files", remedy="name the cluster's documents with -f FILE")
    return read_files(names, sys.stdin.buffer.read() if "-" in names else b"")


def file(name: str) -> bytes:
    """The content of one file; ``-`` is stdin. Raises UsageError if it can't be read."""
    return next(iter(files([name]).values()))
