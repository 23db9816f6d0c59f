"""The operator's own editor, in a way that can't lose work: the draft stays on disk until it was taken."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kops_core import FieldError, InvalidSpec, UsageError

EDITOR_VARIABLES = ("KUBE_EDITOR", "EDITOR")
"""Environment variables with the editor's command, the first that is set counts (kOps, kubectl)."""
_MARK = "#! "
"""Begins the lines that we put on top of a draft; they are taken out again before it is read."""

_TRIES = 20
"""Rounds after which a draft that stays wrong is left for later."""


@dataclass(frozen=True)
class Edited:
    """How an editing session ended."""

    taken: bool
    message: str


def editor_command(environ: Mapping[str, str]) -> list[str]:
    """The editor: KUBE_EDITOR, then EDITOR, as kOps and kubectl look, then vi. Arguments are kept.

    Raises UsageError for a command with an open quote.
    """
    wanted = next((found for each in EDITOR_VARIABLES if (found := environ.get(each))), "vi")
    try:
        return shlex.split(wanted) or ["vi"]
    except ValueError as problem:
        raise UsageError(f"EDITOR is not a command: {wanted}", remedy="close its quotes") from problem


def edit(
    text: str,
    draft: Path,
    command: Sequence[str],
    take: Callable[[str], None],
    *,
    call: Callable[[Sequence[str]], int] = lambda words: subprocess.run(words, check=False).returncode,  # noqa: S603 - the operator's own editor
) -> Edited:
    """Let the operator edit ``text`` until ``take`` accepts it, or they give up.

    A draft left over from before is offered in place of ``text``. ``take`` raises
    InvalidSpec; its errors come back as comments on top. An exit code other than 0, or an
    unchanged text, cancels. Raises UsageError if the editor can't be started.
    """
    draft.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    resumed = draft.exists()
    content = draft.read_text(encoding="utf-8") if resumed else text
    shown = content
    for _ in range(_TRIES):
        draft.touch(mode=0o600)
        draft.write_text(shown, encoding="utf-8")
        try:
            code = call([*command, str(draft)])
        except OSError as problem:
            raise UsageError(
                f"the editor {command[0]} can't be started: {problem.strerror}",
                remedy="set EDITOR to one that is installed",
            ) from problem
        content = _without_marks(draft.read_text(encoding="utf-8"))
        if code != 0:
            return _leave_draft(draft, content, text, f"cancelled: the editor ended with {code}")
        if content == _without_marks(shown) and not (resumed and shown == content):
            return _leave_draft(draft, content, text, "nothing was changed")
        resumed = False
        try:
            take(content)
        except InvalidSpec as problem:
            shown = _error_comments(problem.errors) + content
            continue
        draft.unlink()
        return Edited(True, "taken from your editor; s saves it")
    return _leave_draft(draft, content, text, "still not valid")


def _leave_draft(draft: Path, content: str, text: str, why: str) -> Edited:
    if content == text:
        draft.unlink()
        return Edited(False, why)
    return Edited(False, f"{why}; what you wrote is kept, E goes on with it")


def _error_comments(errors: Sequence[FieldError]) -> str:
    lines = ["not taken yet. Fix this and save, or leave with an error (:cq) to give up:"]
    lines += [f"  {error}" for error in errors]
    return "".join(f"{_MARK}{part}\n" for each in lines for part in each.splitlines())


def _without_marks(text: str) -> str:
    return "".join(each for each in text.splitlines(keepends=True) if not each.startswith(_MARK))
