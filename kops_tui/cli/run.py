"""One run of the program: parse, call, and turn exceptions into messages and exit codes."""

from __future__ import annotations

import errno
import os
import shlex
import sys
import traceback
from contextlib import suppress

import click

from kops_core.errors import EXIT_FAILED, EXIT_USAGE, KopsError
from kops_tui.cli.completion import VARIABLE, prepare_completion
from kops_tui.cli.root import root
from kops_tui.cli.settings import Given
from kops_tui.cli.streams import echo

EXIT_INTERRUPTED = 130


def run(words: list[str]) -> int:
    """The exit code of a command line. Errors are printed on stderr: what, where and what to do."""
    if VARIABLE in os.environ:
        prepare_completion()
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        given: Given = {"command": shlex.join(["kops-tui", *words])}
        if debug:
            from kops_core import CallLog

            given["calls"] = CallLog()
        try:
            result = root.main(words, prog_name="kops-tui", standalone_mode=False, obj=given)
        finally:
            if debug:
                _print_error(given["calls"].report())
    except BaseException as raised:  # noqa: BLE001 - the last line before the user
        if debug and not isinstance(raised, click.exceptions.Exit):
            _print_error("".join(traceback.format_exception(raised)).rstrip())
        return _exit_code(raised)
    return result if isinstance(result, int) else 0


def _exit_code(raised: BaseException) -> int:
    """The exit code for an exception; prints its message where it has one."""
    match raised:
        case click.exceptions.Exit():
            return raised.exit_code
        case click.UsageError():
            command = raised.ctx.command_path if raised.ctx is not None else "kops-tui"
            _print_error(f"error: {raised.format_message()}\n  see: {command} --help")
            return EXIT_USAGE
        case click.Abort() | KeyboardInterrupt():
            _print_error("interrupted")
            return EXIT_INTERRUPTED
        case OSError():
            return _report_os_error(raised)
        case KopsError():
            _print_error(f"error: {raised}")
            return raised.exit_code
        case Exception():
            _print_error(
                f"error: this is a fault of kops-tui: {type(raised).__name__}\n"
                "  run it again with --debug and report what it prints"
            )
            return EXIT_FAILED
    raise raised


def _report_os_error(error: OSError) -> int:
    if error.filename is None:
        # Most likely stdout itself: what is left in it would fail once more at the end.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        _print_error(f"error: {_describe_os_error(error)}")
    return EXIT_FAILED


def _describe_os_error(error: OSError) -> str:
    """The message for a failure of files or devices: what, where and what to do."""
    remedies = {
        errno.ENOSPC: "make room on the disk, then run it again; it goes on where it stopped",
        errno.EDQUOT: "make room in your quota, then run it again; it goes on where it stopped",
    }
    unwritable = "make it yours to write; where things are kept is told by: kops-tui info"
    remedy = remedies.get(error.errno or 0, unwritable if isinstance(error, PermissionError) else "")
    if error.errno == errno.EROFS:
        remedy = unwritable
    what = error.strerror or str(error)
    return (
        (f"{error.filename}: " if error.filename is not None else "")
        + what
        + (f"\n  {remedy}" if remedy else "")
    )


def _print_error(text: str) -> None:
    echo(text, err=True)
