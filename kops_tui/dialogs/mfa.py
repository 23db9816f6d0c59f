"""The dialog that asks for the code of a multi-factor device when AWS credentials need one."""

from __future__ import annotations

from concurrent.futures import Future
from typing import ClassVar

from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from kops_core import AccessDenied
from kops_tui.keys import keys_line
from kops_tui.styled_text import Line, Span, Tone, line, wrap
from kops_tui.widgets.prompt import Entry
from kops_tui.widgets.styled_lines import Note

_WIDTH = 60


class MfaDialog(ModalScreen[str]):
    """Asks for one code; answers "" if that was declined."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "decline", "cancel")]
    AUTO_FOCUS = "Entry"

    DEFAULT_CSS = """
    MfaDialog Vertical {
        width: 64; height: auto; padding: 0 1; border: round $border; background: $background;
    }
    MfaDialog.-ascii Vertical { border: ascii $border; }
    MfaDialog Horizontal { height: 1; margin: 1 0 0 0; }
    MfaDialog #sign { width: 3; }
    MfaDialog #keys { margin: 1 0 0 0; }
    """

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question.strip(" :")

    def compose(self) -> ComposeResult:
        about: list[Line] = [
            line(Span("AWS asks for a second factor", Tone.STRONG)),
            (),
            *wrap(line(self._question), _WIDTH),
        ]
        with Vertical():
            yield Note(about)
            with Horizontal():
                yield Note([line(Span("> ", Tone.KEY))], id="sign")
                yield Entry(select_on_focus=False)
            yield Note([keys_line({"enter": "send the code", "esc": "go on without AWS"})], id="keys")

    def on_mount(self) -> None:
        self.set_class(self.query_one(Note).glyphs.rule == "-", "-ascii")

    def action_decline(self) -> None:
        """Go on without a code."""
        self.dismiss("")

    @on(Input.Submitted)
    def _take_code(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())


def ask_for_code(app: App[int], question: str) -> str:
    """Ask the operator from a worker's thread, and wait for the answer. Raises AccessDenied if declined."""
    answer: Future[str] = Future()
    app.call_from_thread(app.push_screen, MfaDialog(question), lambda code: answer.set_result(code or ""))
    code = answer.result()
    if not code:
        raise AccessDenied(
            "no code of the multi-factor device was given", remedy="refresh to be asked again: r"
        )
    return code
