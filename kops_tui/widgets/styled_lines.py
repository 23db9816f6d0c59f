"""The base of widgets that show styled lines; tones are component styles, shared by all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Protocol, runtime_checkable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from kops_tui.styled_text import Line, Tone, fit
from kops_tui.terminal import UNICODE, Glyphs


@runtime_checkable
class HasGlyphs(Protocol):
    """An app that knows which signs its terminal can show."""

    @property
    def glyphs(self) -> Glyphs: ...


class StyledLines(Widget):
    """A widget that is painted line by line from spans."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone.value}" for tone in Tone}

    DEFAULT_CSS = """
    StyledLines {
        & > .tone--plain { color: $foreground; }
        & > .tone--strong { color: $foreground; text-style: bold; }
        & > .tone--muted { color: $secondary; }
        & > .tone--good { color: $success; }
        & > .tone--warn { color: $warning; }
        & > .tone--bad { color: $error; text-style: bold; }
        & > .tone--yours { color: $accent; text-style: bold; }
        & > .tone--key { color: $primary; text-style: bold; }
    }
    """

    @property
    def glyphs(self) -> Glyphs:
        """The signs that this terminal can show."""
        return self.app.glyphs if isinstance(self.app, HasGlyphs) else UNICODE

    def paint(self, line: Line, width: int, over: Style | None = None) -> Strip:
        """A line as a strip of exactly ``width`` cells; ``over`` lies over the tones, e.g. a cursor."""
        base = self.rich_style
        segments = []
        style = base
        for text, tone in fit(line, width, self.glyphs.more):
            if not text.isspace():  # blanks look the same in any tone: staying in one costs no bytes
                style = base if tone is Tone.PLAIN else base + self._tone_style(tone)
            segments.append(Segment(text, style if over is None else style + over))
        return Strip(segments, width).simplify()

    def repaint_line(self, y: int) -> None:
        """Paint one line again, and nothing else."""
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _tone_style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"tone--{tone.value}", partial=True)


class Note(StyledLines):
    """Some lines of text that change together; those that did not change are not painted again."""

    DEFAULT_CSS = """
    Note { height: auto; }
    """

    def __init__(
        self,
        lines: Iterable[Line] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = list(lines)

    @property
    def lines(self) -> list[Line]:
        """What is shown."""
        return list(self._lines)

    def show(self, lines: Iterable[Line]) -> None:
        """Show other lines."""
        new = list(lines)
        old = self._lines
        if new == old:
            return
        self._lines = new
        if len(new) != len(old) and self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=True)
            return
        if not self.size.height:  # hidden: what was painted before must not come back with it
            self.refresh()
        for y in range(max(len(old), len(new))):
            if old[y : y + 1] != new[y : y + 1]:
                self.repaint_line(y)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        return self.paint(line, self.size.width)
