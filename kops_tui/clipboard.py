"""Copying text out of a terminal, also over SSH: OSC 52 where it works, and always a file."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

LIMIT = 74_994
"""Bytes of text: xterm takes 100 000 of base64 and terminals after it no less."""


def sequences(text: str, *, tmux: bool) -> list[str]:
    """What to send to the terminal. Empty if the text is too long for terminals to take.

    Inside tmux the sequence is sent twice: plain, for ``set-clipboard on``, and wrapped,
    for ``allow-passthrough on``. No terminal says whether it took it.
    """
    raw = text.encode()
    if len(raw) > LIMIT:
        return []
    plain = f"\x1b]52;c;{b64encode(raw).decode()}\x07"
    escaped = plain.replace("\x1b", "\x1b\x1b")
    return [plain, f"\x1bPtmux;{escaped}\x1b\\"] if tmux else [plain]


def out_folder(state_dir: Path) -> Path:
    """Where texts are written to."""
    return state_dir / "out"


def write(folder: Path, name: str, text: str) -> Path:
    """Write a text where only the operator can read it. Returns the file, which replaces an older one."""
    out = out_folder(folder)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = out / name
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
