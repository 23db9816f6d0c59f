"""Colours of the screens: a few themes, each checked to be legible in the tests.

Style sheets use only what every theme has: the named colours and ``default``. No
alpha and no blending, which the terminal's own palette can't do.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

from kops_tui.terminal import Colours

_SHARED = {
    "block-cursor-text-style": "none",
    "input-selection-background": "#264f78",
    "border": "#4a5568",
    "footer-key-foreground": "#7fb4ff",
}

DARK = Theme(
    name="kops-dark",
    primary="#7fb4ff",
    secondary="#8a93a3",
    warning="#e8b04b",
    error="#ff7a7a",
    success="#6fcf97",
    accent="#c3a6ff",
    foreground="#d8dee9",
    background="#0f141b",
    surface="#17202b",
    panel="#24364d",
    boost="#17202b",
    variables=_SHARED,
)

LIGHT = Theme(
    name="kops-light",
    primary="#0b57b0",
    secondary="#5b6472",
    warning="#754c00",
    error="#b3261e",
    success="#1b6e3c",
    accent="#6b3fa0",
    foreground="#1c2128",
    background="#fbfbf9",
    surface="#eef0f2",
    panel="#cfe0f5",
    boost="#eef0f2",
    dark=False,
    variables={**_SHARED, "input-selection-background": "#b9d4f5", "border": "#9aa4b2"},
)

COLOUR_BLIND = Theme(
    name="kops-colour-blind",
    primary="#56b4e9",
    secondary="#9aa0a6",
    warning="#f0e442",
    error="#e69f00",
    success="#7ec8f2",
    accent="#dba3c6",
    foreground="#e6e6e6",
    background="#101010",
    surface="#1b1b1b",
    panel="#2b313b",
    boost="#1b1b1b",
    variables=_SHARED,
)
"""Okabe and Ito's palette: distinguishable with any common colour blindness."""

TERMINAL = Theme(
    name="kops-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_bright_black",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_magenta",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "block-cursor-text-style": "reverse",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-foreground": "ansi_default",
        "input-selection-background": "ansi_default",
        "border": "ansi_default",
        "footer-key-foreground": "ansi_default",
    },
)
"""The terminal's own colours, for 16 colours and for none."""

THEMES = (DARK, LIGHT, COLOUR_BLIND, TERMINAL)


def theme_for(colours: Colours, preferred: str) -> str:
    """Name of the theme to start with. Where the terminal has few colours, its own are used.

    preferred: the operator's choice; "" for the program's. One that there is not is as if it were not set.
    """
    if colours.native:
        return TERMINAL.name
    return preferred if preferred in {each.name for each in THEMES} else DARK.name
