"""How a screen or widget declares its keys, and how keys are written on the last line and in the help.

A key is remapped by its id (``App.set_keymap``). Letters, digits, arrows, Enter, Esc,
Tab and F-keys only: Alt does not pass every terminal, and ctrl+a, b, h, i, m and q are
taken by screen, tmux, Backspace, Tab, Enter and editors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

from kops_tui.styled_text import Line, Span, Tone, joined, line


@dataclass(frozen=True)
class FooterRank(Binding.Group):
    """Place of a key on the last line, the lowest first; 0 keeps it off that line.

    A binding's group is what Textual carries along when it splits or remaps a binding.
    """

    rank: int = 0


def bind(
    id_: str, keys: str, action: str, label: str, help_: str, *, rank: int = 0, sign: str = ""
) -> Binding:
    """A key binding.

    id_: ``part.name``; the help groups keys by part. keys: Textual's names, with commas between
    them. label: one or two words for the last line. sign: how the key is written, where that is
    not the key itself.
    """
    return Binding(
        keys,
        action,
        label,
        show=rank > 0,
        key_display=sign or None,
        tooltip=help_,
        id=id_,
        group=FooterRank(rank=rank),
    )


def rank(binding: Binding) -> int:
    """Place of a binding on the last line; 0 keeps it off."""
    return binding.group.rank if isinstance(binding.group, FooterRank) else 0


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "equals_sign": "=",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
}


def key_name(binding: Binding) -> str:
    """A key as it stands on the keyboard."""
    return _NAMES.get(binding.key, binding.key)


def keys_line(keys: Mapping[str, str]) -> Line:
    """Keys and what they do, as a dialog shows them."""
    return joined([line(Span(key, Tone.KEY), f" {does}") for key, does in keys.items()], "  ")
