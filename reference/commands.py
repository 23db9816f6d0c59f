"""The page of the commands: the help of each, as the program prints it, and the exit codes."""

from __future__ import annotations

from collections.abc import Iterator

import click

from kops_core import errors
from kops_tui.cli.root import COMMANDS, root

_WIDTH = 100
_MEANINGS: tuple[tuple[int, str], ...] = (
    (0, "done, or nothing to do"),
    (errors.EXIT_FAILED, "failed, or stopped before all was done"),
    (errors.EXIT_CHANGES, "there are changes (`--plan`, `--detailed-exitcode`)"),
    (errors.EXIT_INVALID, "not valid: a spec (`what-if`), or a running cluster (`validate`)"),
    (errors.EXIT_DECLINED, "declined: a question was answered with no"),
)
"""Codes that follow from results; those of errors are the error classes' own."""


def page() -> str:
    """The page."""
    lines = [
        "# Commands",
        "The help of each command, as `kops-tui COMMAND --help` prints it. Names and flags that kOps has, too,"
        " mean the same here; [where the two differ](../commands.md).",
        "",
        *_section("kops-tui", root, 2),
    ]
    for name in sorted(COMMANDS):
        command = root.get_command(click.Context(root), name)
        if command is not None:
            lines += _section(f"kops-tui {name}", command, 2)
    return "\n".join([*lines, *_exit_codes()]) + "\n"


def _section(path: str, command: click.Command, level: int) -> Iterator[str]:
    """A command with its help, and the commands below it."""
    context = click.Context(command, info_name=path, max_content_width=_WIDTH, terminal_width=_WIDTH)
    yield from (f"{'#' * level} {path}", "", "```text", command.get_help(context), "```", "")
    if isinstance(command, click.Group) and command is not root:
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _section(f"{path} {name}", below, min(level + 1, 4))


def _exit_codes() -> Iterator[str]:
    yield from ("## Exit codes", "", "| code | means | errors |", "|---|---|---|")
    classes = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.KopsError)
    ]
    meanings: dict[int, list[str]] = {}
    for code, meaning in _MEANINGS:
        meanings.setdefault(code, []).append(meaning)
    named: dict[int, list[str]] = {}
    for each in classes:
        named.setdefault(each.exit_code, []).append(f"`{each.__name__}`")
    for code in sorted(meanings.keys() | named.keys()):
        yield f"| {code} | {'; '.join(meanings.get(code, []))} | {', '.join(named.get(code, []))} |"
