"""Validation: whether a running cluster works, read again every few seconds, and where to look if not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import Validation, ValidationFailure

EVERY = 10.0
"""Seconds between two validations while the screen is shown (kOps' ``--interval``)."""
_COLUMNS = (
    Column("WHAT", 24, flex=2),
    Column("GROUP", 16, flex=1, least=100),
    Column("FOR", 4, right=True),
    Column("HOLDS UP", 10, least=100),
    Column("PROBLEM", 34, flex=3),
)
_PANE = 4
"""Lines about the failure under the cursor."""


@dataclass(frozen=True)
class FailureKey:
    """A failure of a validation."""

    kind: str
    name: str
    message: str


class ValidationPage(Page):
    """What keeps a cluster from being valid, since when, what it holds up, and where to look next."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.found: Validation | None = None
        self.at: datetime | None = None
        self.failures: dict[FailureKey, ValidationFailure] = {}
        self.table: Rows[FailureKey] = Rows(_COLUMNS, empty="asking the cloud and the cluster's API ...")

    def body(self) -> ComposeResult:
        yield Note([()], id="about")
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Validation")

    def shell_commands(self) -> tuple[str, ...]:
        return self.in_shell("validate cluster", "validate cluster")

    def on_mount(self) -> None:
        self.reload()
        self.set_interval(EVERY, self._validate_again)

    def _validate_again(self) -> None:
        # After an error, too: an API that is away comes back.
        if self.app.screen is self and not self.is_asking():
            self.reload()

    def reload(self) -> None:
        self.with_workspace(self._validate)

    def _validate(self, workspace: Workspace) -> None:
        self.run_query("validating", partial(_validate_once, workspace), self._show_found)

    def _show_found(self, found: Validation) -> None:
        self.found, self.at = found, self.kops.now()
        self.failures = {
            FailureKey(each.kind.value, each.name, each.message): each for each in found.failures
        }
        self.refill()

    def refill(self) -> None:
        if self.found is None:
            return
        rows = [
            Row(key, self._build_cells(each), Span("!", Tone.BAD if each.blocks_every_roll else Tone.WARN))
            for key, each in self.failures.items()
            if self.matches_filter(each.name, each.message, each.group.name if each.group else "")
        ]
        self.table.show(rows, empty=self.empty_text("nothing is wrong"))
        self.query_one("#about", Note).show([self._summary_line(self.found)])
        self._show_detail()

    def _summary_line(self, found: Validation) -> Line:
        nodes = count(len(found.nodes), "node")
        state = (
            Span("valid", Tone.GOOD)
            if found.valid
            else Span(f"not valid: {count(len(found.failures), 'problem')}", Tone.BAD)
        )
        when = f"at {self.at:%H:%M:%S}, again every {EVERY:.0f} s" if self.at else ""
        dot = f" {self.kops.glyphs.dot} "
        return line(" ", joined([state, nodes, Span(when, Tone.MUTED)], dot))

    def _build_cells(self, each: ValidationFailure) -> tuple[Line, ...]:
        group = each.group.name if each.group else ""
        return (
            line(Span(f"{each.kind.value} {each.name}", Tone.STRONG)),
            line(group),
            line(Span(age(each.since, self.kops.now()), Tone.MUTED)),
            line("every roll" if each.blocks_every_roll else "its group"),
            line(each.message),
        )

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        key = self.table.key
        each = self.failures.get(key) if key is not None else None
        lines: list[Line] = []
        if each is not None:
            width = self.app.size.width - 2
            lines = [
                line(" ", *cut)
                for text in (line(each.message), line(Span("next: ", Tone.MUTED), each.next_step))
                for cut in wrap(text, width, 3)
            ]
        self.query_one("#detail", Note).show([*lines[:_PANE], *[()] * (_PANE - len(lines))])


def _validate_once(workspace: Workspace) -> Validation:
    from kops_core import CancelToken, ValidationRequest

    return workspace.validate(ValidationRequest(), lambda _: None, CancelToken())
