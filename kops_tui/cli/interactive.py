"""Opening the terminal UI: the only place of the command line that reaches textual."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from kops_core.errors import UsageError
from kops_tui.cli.settings import Given, resolve

if TYPE_CHECKING:
    from kops_core import Settings


def open_ui(given: Given, *, sandbox: bool, write: bool, ascii_only: bool) -> int:
    """Run the terminal UI until it is left. Raises UsageError where there is no terminal for it."""
    from kops_tui.terminal import terminal_problem

    problem = terminal_problem(os.environ, sys.stdin.isatty() and sys.stderr.isatty())
    if problem is not None:
        raise UsageError(problem)
    if sandbox:
        return _in_sandbox(given, ascii_only=ascii_only)
    return _run(resolve(given, os.environ, write=write), ascii_only=ascii_only)


def _in_sandbox(given: Given, *, ascii_only: bool) -> int:
    from kops_core.cloud.sandbox.process import Sandbox
    from kops_tui.cli.playground import furnish, settings_for

    click.echo("starting an embedded AWS with three clusters in it", err=True)
    with Sandbox.start() as sandbox:
        furnish(sandbox, lambda line: click.echo(line, err=True))
        return _run(settings_for(sandbox, os.environ, given), ascii_only=ascii_only)


def _run(settings: Settings, *, ascii_only: bool) -> int:
    from kops_core import Engine
    from kops_tui.app import run

    return run(Engine(settings), ascii_only=ascii_only)
