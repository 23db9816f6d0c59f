"""One run of the program: parse, call, and turn whatever was raised into a sentence and an exit code."""

from __future__ import annotations

import os
import sys
import traceback

import click

from kops_core.errors import EXIT_FAILED, EXIT_USAGE, KopsError
from kops_tui.cli.root import root
from kops_tui.cli.streams import echo

EXIT_INTERRUPTED = 130


def run(words: list[str]) -> int:
    """The exit code of a command line. Errors are told on stderr, as what, where and what to do."""
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        result = root.main(words, prog_name="kops-tui", standalone_mode=False)
    except BaseException as raised:  # noqa: BLE001 - the last line before the user
        if debug and not isinstance(raised, click.exceptions.Exit):
            _tell("".join(traceback.format_exception(raised)).rstrip())
        return _code_of(raised)
    return result if isinstance(result, int) else 0


def _code_of(raised: BaseException) -> int:
    """The exit code for what was raised, after a word to the user where one is due."""
    match raised:
        case click.exceptions.Exit():
            return raised.exit_code
        case click.UsageError():
            command = raised.ctx.command_path if raised.ctx is not None else "kops-tui"
            _tell(f"error: {raised.format_message()}\n  see: {command} --help")
            return EXIT_USAGE
        case click.Abort() | KeyboardInterrupt():
            _tell("interrupted")
            return EXIT_INTERRUPTED
        case BrokenPipeError():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return EXIT_FAILED
        case KopsError():
            _tell(f"error: {raised}")
            return raised.exit_code
        case Exception():
            _tell(
                f"error: this is a fault of kops-tui: {type(raised).__name__}\n"
                "  run it again with --debug and report what it prints"
            )
            return EXIT_FAILED
    raise raised


def _tell(text: str) -> None:
    echo(text, err=True)
