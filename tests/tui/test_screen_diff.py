"""What is sent of a frame leaves the terminal as the whole frame would: compared on an emulated terminal."""

from __future__ import annotations

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_tui.screen_diff import PLAIN, ScreenDiff, parse_style, style_change
from tests.tui.test_terminal_output import seen_cells

WIDTH, HEIGHT = 24, 6
_STYLES = (
    "",
    "1",
    "2",
    "7",
    "4;31",
    "38;2;10;20;30",
    "1;38;2;10;20;30;48;2;1;2;3",
    "48;2;1;2;3",
    "38;5;200;48;5;17",
    "3;9;92;103",
)


def _emulated(text: str) -> pyte.Screen:
    screen = pyte.Screen(WIDTH, HEIGHT)
    pyte.Stream(screen).feed(text)
    return screen


_pieces = st.tuples(
    st.integers(1, HEIGHT),
    st.integers(1, WIDTH - 4),
    st.sampled_from(_STYLES),
    st.sampled_from(["a", "bc", " ", "   ", "x  y", "漢", "a漢b", "é", "─│", "0"]),
)


def _frame(pieces: list[tuple[int, int, str, str]]) -> str:
    """A frame as Textual writes it: a move, then a text in its style, reset behind it; none over another."""
    text = ""
    for row, column, style, letters in {piece[0]: piece for piece in pieces}.values():
        text += f"\x1b[{row};{column}H"
        text += f"\x1b[{style}m{letters}\x1b[0m" if style else letters
    return text


@settings(max_examples=400, deadline=None)
@given(st.lists(st.lists(_pieces, max_size=8), min_size=1, max_size=6))
def test_the_terminal_looks_the_same_after_every_frame(frames: list[list[tuple[int, int, str, str]]]) -> None:
    diff, whole, sent = ScreenDiff(), "\x1b[H\x1b[2J", "\x1b[H\x1b[2J"
    for pieces in frames:
        frame = _frame(pieces)
        whole += frame
        sent += diff.reduce(frame)
        assert seen_cells(_emulated(sent)) == seen_cells(_emulated(whole))
    assert (_emulated(sent).cursor.x, _emulated(sent).cursor.y) == (
        _emulated(whole).cursor.x,
        _emulated(whole).cursor.y,
    )


@given(st.lists(_pieces, max_size=8))
def test_a_frame_that_is_shown_already_costs_nothing(pieces: list[tuple[int, int, str, str]]) -> None:
    frame = _frame(pieces)
    diff = ScreenDiff()
    diff.reduce(frame)
    assert diff.reduce(frame) == ""


@given(st.sampled_from(_STYLES), st.sampled_from(_STYLES))
def test_a_change_of_style_is_as_setting_it_anew(before: str, after: str) -> None:
    one, other = parse_style(before), parse_style(after)
    changed = style_change(PLAIN, one) + "a" + style_change(one, other) + "b"
    anew = style_change(PLAIN, one) + "a\x1b[0m" + style_change(PLAIN, other) + "b"
    assert seen_cells(_emulated(changed)) == seen_cells(_emulated(anew))
    assert len(style_change(one, other)) <= len(style_change(PLAIN, other)) + len("\x1b[0m")


def test_after_the_screen_was_cleared_everything_is_sent() -> None:
    diff, frame = ScreenDiff(), "\x1b[1;1Hhello"
    diff.reduce(frame)
    for clearing in ("\x1b[2J", "\x1b[?1049h", "\x1bc"):
        assert diff.reduce(clearing).startswith(clearing)
        assert "hello" in diff.reduce(frame), clearing
    diff.forget()
    assert "hello" in diff.reduce(frame)


def test_modes_and_the_clipboard_pass_and_leave_the_screen_known() -> None:
    diff, frame = ScreenDiff(), "\x1b[1;1Hhello"
    diff.reduce(frame)
    passing = "\x1b[?2026h\x1b]52;c;aGVsbG8=\x07\x1bPtmux;\x1b\x1b]52;c;aA==\x07\x1b\\\x1b[?25l\x1b[?2026l"
    assert diff.reduce(passing) == passing
    assert diff.reduce(frame) == ""


def test_what_is_not_understood_is_sent_as_it_is() -> None:
    diff = ScreenDiff()
    assert diff.reduce("\x1b[1;1Hab\x1b").endswith("\x1b")
    assert "ab" in diff.reduce("\x1b[1;1Hab"), "and nothing is taken as shown after it"
