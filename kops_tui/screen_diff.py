"""Sends a terminal only what changes on it: frames are compared with what is there, cell by cell.

Textual paints whole lines and regions, each piece of text with all of its colours and a reset behind it. On
a slow line that is felt: opening the command line repainted the screen, with 6 kB. Here a frame is read into
cells, cells that the terminal shows already are left out, and of colours and attributes only those that
differ from the ones before are sent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

_TOKEN = re.compile(
    r"\x1b\[(?P<row>\d*);(?P<column>\d*)H"
    r"|\x1b\[(?P<style>[\d;:]*)m"
    r"|(?P<other>\x1b(?:\[[\d;:?<>=!]*[ -/]*[@-~]"  # control sequences
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating system commands, such as the clipboard
    r"|P[^\x1b]*(?:\x1b(?!\\)[^\x1b]*)*\x1b\\"  # device control strings, such as tmux' own
    r"|[@-Z^_`-~=>78])|[\x00-\x09\x0b-\x1a\x1c-\x1f])"
    r"|(?P<newline>\n)"
    r"|(?P<text>[^\x1b\x00-\x1f]+)"
)
_HARMLESS = re.compile(
    r"\x1b\[\?(?:2026|25|1000|1002|1003|1006|1015|2004|1004|2048)[hl]|\x1b\[>?[\d;]*[uq]|\x1b[\]P]|\x07"
)
"""Sequences that change nothing of what the screen shows: modes, the clipboard, titles, the bell."""
_NEAR = 4
"""Cells that are sent again rather than jumped over: a jump costs as many bytes."""


_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""The code that ends an attribute; bold and faint end together."""


class Style(NamedTuple):
    """Colours and attributes, as the codes that set them."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""

    @property
    def codes(self) -> str:
        """All codes, for a terminal whose style was reset."""
        return ";".join([*sorted(self.attributes), *filter(None, (self.foreground, self.background))])

    def on_blank(self) -> Style:
        """The style of a blank, of which only the background is seen, unless it has a line or is reversed."""
        return self if self.attributes & _SEEN_ON_BLANKS else Style(frozenset(), "", self.background)


PLAIN = Style()
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""Underlined, reversed, struck out, underlined twice, overlined."""


class Cell(NamedTuple):
    """One place on the screen. The right half of a wide character has no text."""

    text: str
    style: Style


@lru_cache(maxsize=4096)
def parse_style(codes: str) -> Style:
    """The style that codes after a reset set."""
    attributes: set[str] = set()
    foreground = background = ""
    parts = codes.replace(":", ";").split(";")
    while parts:
        code = parts.pop(0)
        if code in ("38", "48"):
            rest = 4 if parts[:1] == ["2"] else 2
            colour = ";".join([code, *parts[:rest]])
            del parts[:rest]
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code in ("", "0"):
            attributes, foreground, background = set(), "", ""
        elif len(code) == 2 and code[0] in "39":
            foreground = "" if code == "39" else code
        elif (len(code) == 2 and code[0] == "4") or code[:2] == "10":
            background = "" if code == "49" else code
        else:
            attributes.add(code)
    return Style(frozenset(attributes), foreground, background)


@lru_cache(maxsize=16384)
def style_change(before: Style, after: Style) -> str:
    """The sequence that turns one style into another; "" if they are the same."""
    if before == after:
        return ""
    if after == PLAIN:
        return "\x1b[0m"
    whole = f"\x1b[0;{after.codes}m" if before != PLAIN else f"\x1b[{after.codes}m"
    gone = before.attributes - after.attributes
    if not gone <= _OFF.keys():
        return whole
    codes = sorted({_OFF[each] for each in gone})
    kept = before.attributes - {each for each in before.attributes if _OFF.get(each) in codes}
    codes += sorted(after.attributes - kept)
    if after.foreground != before.foreground:
        codes.append(after.foreground or "39")
    if after.background != before.background:
        codes.append(after.background or "49")
    change = f"\x1b[{';'.join(codes)}m"
    return min(change, whole, key=len)


class ScreenDiff:
    """What a terminal shows, and the shortest way from there to the next frame."""

    def __init__(self) -> None:
        self._shown: dict[int, list[Cell | None]] = {}
        """Cells by row; None where it is not known what the terminal shows."""
        self._cursor = (0, 0)
        """Where the last frame has left the cursor."""
        self._moved = True
        """Whether the cursor was moved from there."""

    def forget(self) -> None:
        """The terminal may show anything now: the next frame is sent whole."""
        self._shown = {}
        self._moved = True

    def reduce(self, frame: str) -> str:
        """What has to be sent of a frame. Sequences that are not understood are sent as they are."""
        out: list[str] = []
        changed: dict[int, dict[int, Cell]] = {}
        row, column = self._cursor
        style = ""
        at = 0
        while at < len(frame):
            token = _TOKEN.match(frame, at)
            if token is None:  # the beginning of a sequence that is split between two frames
                out += [self._painted(changed), frame[at:]]
                self.forget()
                return "".join(out)
            at = token.end()
            kind = token.lastgroup
            if kind == "text":
                column = _place(changed.setdefault(row, {}), column, token["text"], parse_style(style))
            elif kind == "style":
                found = token["style"]
                style = "" if found in ("", "0") else f"{style};{found}" if style else found
            elif kind == "newline":
                row += 1
            elif kind == "other":
                out += [self._painted(changed), token["other"]]
                changed = {}
                if not _HARMLESS.match(token["other"]):
                    self.forget()
            else:
                row, column = int(token["row"] or 1) - 1, int(token["column"] or 1) - 1
        out.append(self._painted(changed))
        if self._moved or (row, column) != self._cursor:
            out.append(f"\x1b[{row + 1};{column + 1}H")
        self._cursor, self._moved = (row, column), False
        return "".join(out)

    def _painted(self, changed: dict[int, dict[int, Cell]]) -> str:
        """The sequence that brings changed cells to the terminal; they count as shown then."""
        out: list[str] = []
        style = PLAIN
        for row, cells in sorted(changed.items()):
            shown = self._shown.setdefault(row, [])
            shown.extend([None] * (max(cells) + 1 - len(shown)))
            behind = -_NEAR * 2  # the column after what was written last
            for column in sorted(cells):
                cell, before = cells[column], shown[column]
                if before == cell:
                    continue
                if before is not None and (not before.text or cell_len(before.text) > 1):
                    _forget_halves(shown, column, before)
                shown[column] = cell
                if not cell.text:  # comes with the left half
                    continue
                near = shown[behind:column] if 0 <= column - behind <= _NEAR else []
                between = [each for each in near if each is not None and each.text]
                if behind + len(between) != column:
                    out.append(f"\x1b[{row + 1};{column + 1}H")
                    between = []
                for each in (*between, cell):
                    if not (each.text == " " and _same_blank(style, each.style)):
                        out.append(style_change(style, each.style))
                        style = each.style
                    out.append(each.text)
                behind = column + max(1, cell_len(cell.text))
                self._moved = True
        out.append(style_change(style, PLAIN))
        return "".join(out)


def _same_blank(style: Style, wanted: Style) -> bool:
    """Whether a blank in one style looks as it does in another."""
    seen = (style.attributes | wanted.attributes) & _SEEN_ON_BLANKS
    return not seen and style.background == wanted.background


def _forget_halves(shown: list[Cell | None], column: int, before: Cell) -> None:
    """What is left of a wide character once one half of it was written over, nobody knows."""
    other = column + 1 if before.text else column - 1
    if 0 <= other < len(shown):
        shown[other] = None


def _place(cells: dict[int, Cell], column: int, text: str, style: Style) -> int:
    """Put a text into cells from a column on. Returns the column behind it."""
    if text.isascii():
        for letter in text:
            cells[column] = Cell(letter, style.on_blank() if letter == " " else style)
            column += 1
        return column
    for letter in text:
        size = cell_len(letter)
        if not size:  # belongs to the one before
            if column - 1 in cells:
                cells[column - 1] = cells[column - 1]._replace(text=cells[column - 1].text + letter)
            continue
        cells[column] = Cell(letter, style.on_blank() if letter == " " else style)
        for right in range(column + 1, column + size):
            cells[right] = Cell("", style)
        column += size
    return column
