"""What the terminal can do, decided from the environment before the first byte is painted."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Colours(Enum):
    """How many colours may be used; state is never shown by colour alone."""

    NONE = "none"
    ANSI = "16"
    INDEXED = "256"
    TRUE = "truecolor"

    @property
    def native(self) -> bool:
        """Whether the terminal's own palette is used instead of the themes' colours."""
        return self in (Colours.NONE, Colours.ANSI)


@dataclass(frozen=True)
class Glyphs:
    """The signs that are not letters."""

    cursor: str = "❯"
    open: str = "▾"
    closed: str = "▸"
    more: str = "…"
    dot: str = "·"
    arrow: str = "→"
    done: str = "█"
    left: str = "░"
    unit: str = "▪"
    rule: str = "─"
    moved: str = "~"
    crumb: str = "›"
    ascending: str = "▲"
    descending: str = "▼"


UNICODE = Glyphs()
ASCII = Glyphs(">", "v", "+", "~", "-", "->", "#", ".", "#", "-", "~", ">", "^", "v")


@dataclass(frozen=True)
class Terminal:
    """What one terminal can show."""

    colours: Colours = Colours.TRUE
    glyphs: Glyphs = UNICODE
    remote: bool = False
    """Reached over SSH: the mouse stays the terminal's own, as a dropped line could not give it back."""
    multiplexed: bool = False
    """Inside tmux, which wants its own wrapping of what goes through to the clipboard."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Terminal:
        """The terminal that these environment variables describe."""
        return cls(
            colours(environ),
            UNICODE if _is_utf8(environ) else ASCII,
            bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")),
            bool(environ.get("TMUX")),
        )


def colours(environ: Mapping[str, str]) -> Colours:
    """The colour tier: NO_COLOR first, even empty, as Textual takes it; then COLORTERM, then TERM."""
    if "NO_COLOR" in environ:
        return Colours.NONE
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return Colours.TRUE
    name = environ.get("TERM", "")
    if name.endswith("-direct") or name.startswith("xterm-kitty"):
        return Colours.TRUE
    return Colours.INDEXED if "256color" in name else Colours.ANSI


def terminal_problem(environ: Mapping[str, str], isatty: bool) -> str | None:
    """Why no full-screen program can run here, with what to do instead; None if one can."""
    instead = "use the commands instead: kops-tui --help"
    if not isatty:
        return f"this is not a terminal; {instead}"
    name = environ.get("TERM", "")
    if name in ("", "dumb", "unknown"):
        return f"the terminal ({name or 'TERM is not set'}) can't place a cursor; {instead}"
    return None


_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")


def _is_utf8(environ: Mapping[str, str]) -> bool:
    """Whether the locale is UTF-8; POSIX takes the first of these that is set.

    Where the locale is C, Python itself sets LC_CTYPE (PEP 538): that does not describe the terminal.
    """
    names = ["LC_ALL", "LC_CTYPE", "LANG"]
    if environ.get("LC_CTYPE") in _COERCED and environ.get("LANG", "C") in ("", "C", "POSIX"):
        names.remove("LC_CTYPE")
    locale = next((environ[name] for name in names if environ.get(name)), "")
    _, dot, encoding = locale.partition(".")
    if not dot:
        return False
    try:
        return codecs.lookup(encoding.partition("@")[0]).name == "utf-8"
    except LookupError:
        return False
