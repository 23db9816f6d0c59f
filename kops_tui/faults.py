"""Crash reports: written without secrets when a bug ends the app, and what the operator is shown."""

from __future__ import annotations

import os
import platform
import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.version import KOPS_VERSION, __version__

if TYPE_CHECKING:
    from kops_core import Settings


@dataclass(frozen=True)
class Fault:
    """A bug that ended the app."""

    what: str
    """The kind of error; its text may hold anything, and is only in the report."""
    report: Path | None
    """Where the report is; None if it could not be written."""
    edited: tuple[str, ...]
    """Clusters with unsaved edits, which are kept on disk."""


def record_fault(error: BaseException, settings: Settings, now: datetime, edited: Sequence[str]) -> Fault:
    """I/O. Write a report that only the operator can read."""
    text = (
        f"kops-tui {__version__} (kOps {KOPS_VERSION}), Python {platform.python_version()}, "
        f"{platform.system()} {platform.release()}\n{now.isoformat()}\n\n"
        + "".join(_redacted_traceback(error, {**os.environ, **settings.environment}))
    )
    folder = settings.state_dir / "reports"
    report: Path | None = folder / f"fault-{now:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd = os.open(str(report), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8", errors="replace") as output:
            output.write(text)
    except OSError:
        report = None
    return Fault(type(error).__name__, report, tuple(edited))


_SECRET_NAMES = re.compile(r"SECRET|TOKEN|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_KEY", re.IGNORECASE)
_PATTERNS = (
    re.compile(r"-----BEGIN [^-]+-----.*?(?:-----END [^-]+-----|\Z)", re.DOTALL),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}"),
    re.compile(r"(?i)(?<=bearer )[\w.~+/-]+=*"),
    re.compile(
        r"(?i)(?P<name>(?:secret|token|passw(?:or)?d|credential|private|access.?key|authorization)"
        r"[\w-]*[\"']?\s*[:=]\s*[\"']?)[^\s\"',;}]+"
    ),
    re.compile(r"[A-Za-z0-9+/=_-]{40,}"),
)
"""PEM blocks, AWS key ids, bearer tokens, values after names of secrets, and long opaque words."""


def redacted(text: str, environ: Mapping[str, str]) -> str:
    """A text without what looks like a secret, and without the values of secrets in the environment."""
    for name, value in environ.items():
        if len(value) >= 6 and _SECRET_NAMES.search(name):
            text = text.replace(value, "[redacted]")
    for pattern in _PATTERNS:
        text = pattern.sub(lambda match: f"{match.groupdict().get('name') or ''}[redacted]", text)
    return text


def _redacted_traceback(error: BaseException, environ: Mapping[str, str]) -> Iterator[str]:
    """The traceback: source lines as they are, error texts redacted, no local variables."""
    for part in traceback.TracebackException.from_exception(error).format():
        yield part if part.startswith(("  File ", "Traceback ")) else redacted(part, environ)


def fault_text(fault: Fault) -> str:
    """The text that the operator is shown."""
    lines = [f"kops-tui has ended: a fault of its own ({fault.what}).", ""]
    if fault.edited:
        names = ", ".join(fault.edited)
        lines += [f"The unsaved edits of {names} are kept, and offered at the next start.", ""]
    lines.append("An operation that was under way goes on by itself: kops-tui attach follows it.")
    lines.append("In the AWS of --sandbox, which ends now, it has stopped after its step.")
    if fault.report is not None:
        lines += ["", f"The report, with secrets redacted:  {fault.report}", "Please send it to the project."]
    else:
        lines += ["", "No report could be written: the state folder is full or read-only."]
    return "\n".join(lines)
