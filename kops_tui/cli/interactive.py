"""Opening the terminal UI: the only place of the command line that reaches textual."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from kops_core.errors import UsageError
from kops_tui.cli.settings import Given, resolve
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Settings
    from kops_tui.terminal_loss import TerminalWatch


def open_ui(given: Given, *, sandbox: bool, strict: bool, write: bool, ascii_only: bool) -> NoReturn:
    """Run the terminal UI until it is left, then end. Raises UsageError where there is no terminal for it."""
    from kops_tui.terminal import terminal_problem

    problem = terminal_problem(os.environ, sys.stdin.isatty() and sys.stderr.isatty())
    if problem is not None:
        raise UsageError(problem)
    from kops_tui.terminal_loss import TerminalWatch

    watch = TerminalWatch(sys.stdin.fileno(), code=EXIT_LOST, grace=0)
    watch.start()
    if sandbox:
        code = _in_sandbox(given, watch, strict=strict, ascii_only=ascii_only)
    else:
        code = _run_app(resolve(given, os.environ, write=write), watch, ascii_only=ascii_only)
    _exit_at_once(code)


EXIT_LOST = 129
"""Exit code of a run that lost its terminal: 128 and the number of SIGHUP."""


def _exit_at_once(code: int) -> NoReturn:
    """End at once: threads that wait for a store or a cloud that does not answer are not waited for."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _in_sandbox(given: Given, watch: TerminalWatch, *, strict: bool, ascii_only: bool) -> int:
    from kops_core.cloud.sandbox.process import Sandbox
    from kops_tui.cli.demo import seed_demo, settings_for

    echo("starting an embedded AWS with three clusters in it", err=True)
    with Sandbox.start() as sandbox:
        seed_demo(sandbox, lambda line: echo(line, err=True))
        if strict:
            sandbox.make_strict()
        return _run_app(settings_for(sandbox, os.environ, given), watch, ascii_only=ascii_only)


def _run_app(settings: Settings, watch: TerminalWatch, *, ascii_only: bool) -> int:
    from kops_core import Engine
    from kops_tui.app import run

    return run(Engine(settings), ascii_only=ascii_only, watch=watch)
