"""Opening the terminal UI: the only place of the command line that reaches textual."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from kops_core.errors import UsageError
from kops_tui.cli.settings import Given, preferences_path, resolve
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from pathlib import Path

    from kops_core import Engine, OperationHandle, Settings
    from kops_tui.preferences import Preferences
    from kops_tui.terminal_loss import TerminalWatch


def open_ui(given: Given, *, sandbox: bool, strict: bool, write: bool, ascii_only: bool) -> NoReturn:
    """Run the terminal UI until it is left, then end. Raises UsageError where there is no terminal for it."""
    watch = _watch_terminal()
    if sandbox:
        code = _in_sandbox(given, watch, strict=strict, ascii_only=ascii_only)
    else:
        code = _run_app(resolve(given, os.environ, write=write), watch, ascii_only=ascii_only)
    _exit_at_once(code)


def open_operation(engine: Engine, handle: OperationHandle) -> NoReturn:
    """Run the terminal UI with the screen of an operation in front, then end. Raises UsageError."""
    watch = _watch_terminal()
    preferences, path = _read_preferences()
    from kops_tui.app import run

    _exit_at_once(run(engine, watch=watch, attach=handle, preferences=preferences, preferences_file=path))


def can_open_ui() -> bool:
    """Whether there is a terminal that the UI can be shown on."""
    from kops_tui.terminal import terminal_problem

    on_terminal = sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()
    return terminal_problem(os.environ, on_terminal) is None


def _watch_terminal() -> TerminalWatch:
    from kops_tui.terminal import terminal_problem

    problem = terminal_problem(os.environ, sys.stdin.isatty() and sys.stderr.isatty())
    if problem is not None:
        raise UsageError(problem)
    from kops_tui.terminal_loss import TerminalWatch

    watch = TerminalWatch(sys.stdin.fileno(), code=EXIT_LOST, grace=0)
    watch.start()
    return watch


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
        # The embedded AWS ends with this process, and so do operations on it.
        settings = settings_for(sandbox, os.environ, given)
        return _run_app(settings, watch, ascii_only=ascii_only, detached=False)


def _run_app(settings: Settings, watch: TerminalWatch, *, ascii_only: bool, detached: bool = True) -> int:
    from kops_core import Engine
    from kops_tui.app import run

    preferences, path = _read_preferences()
    settings = replace(
        settings,
        refresh=settings.refresh if preferences.refresh is None else preferences.refresh,
        production=tuple(preferences.production or settings.production),
    )
    return run(
        Engine(settings, detached=detached),
        ascii_only=ascii_only,
        watch=watch,
        preferences=preferences,
        preferences_file=path,
    )


def _read_preferences() -> tuple[Preferences, Path]:
    """The operator's preferences, and their file. Raises UsageError."""
    from kops_tui.preferences import PreferencesFile

    path = preferences_path()
    return PreferencesFile(path).read(), path
