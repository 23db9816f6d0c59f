"""Edits a document in the operator's editor until it is valid. What was typed is kept until it is stored."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from kops_core.errors import InvalidSpec, KopsError, OperationFailed, UsageError
from kops_tui.cli.streams import echo
from kops_tui.editor import EDITOR_VARIABLES, editor_command

_MARK: Final = "# error: "
"""The beginning of the lines that tell what is wrong, above the document."""

T = TypeVar("T")


def edit_until_valid(
    name: str, text: str, store: Callable[[str], T], *, store_unchanged: bool = False
) -> T | None:
    """The result of storing an edited text; None if nothing was changed.

    store raises InvalidSpec for a text that has errors: the editor is opened again with them above the text.
    It is given up when a text with errors is left as it is, or where nobody sits at a terminal.
    store_unchanged: whether a text is stored although nothing was changed. name: for the file, whose path is
    told on stderr when something is raised: it has what was typed.
    Raises what store raises, UsageError without an editor, OperationFailed if that fails.
    """
    command = _editor()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"kops-tui-{name}-", suffix=".yaml", delete=False
    ) as file:
        file.write(text)
    path = Path(file.name)
    shown, failed = text, None
    while True:
        _run(command, path)
        written = path.read_text(encoding="utf-8", errors="replace")
        if failed is not None and written == shown:
            raise _with_path(failed, path)
        typed = "".join(line for line in written.splitlines(keepends=True) if not line.startswith(_MARK))
        if typed == text and not store_unchanged:
            path.unlink()
            return None
        try:
            done = store(typed)
        except InvalidSpec as invalid:
            if not sys.stdin.isatty():
                raise _with_path(invalid, path) from invalid
            failed = invalid
            shown = "".join(f"{_MARK}{line}\n" for line in str(invalid).splitlines()) + typed
            path.write_text(shown, encoding="utf-8")
            continue
        except KopsError as error:
            raise _with_path(error, path) from error
        path.unlink()
        return done


def _editor() -> list[str]:
    if not any(os.environ.get(each) for each in EDITOR_VARIABLES) and not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal for an editor",
            remedy="give the values as flags, or name a program that edits a file in EDITOR",
        )
    return editor_command(os.environ)


def _run(command: list[str], path: Path) -> None:
    try:
        code = subprocess.call([*command, str(path)])  # noqa: S603 - the operator's own editor
    except OSError as error:
        raise OperationFailed(
            f"the editor {command[0]} can't be started: {error.strerror}",
            where=str(path),
            remedy="name one in EDITOR; the text is kept in this file",
        ) from error
    if code:
        raise OperationFailed(
            f"the editor ended with code {code}", where=str(path), remedy="the text is kept in this file"
        )


def _with_path(error: KopsError, path: Path) -> KopsError:
    """The same error; where the text is kept goes to stderr."""
    echo(f"what you typed is kept in {path}", err=True)
    return error
