"""Drift: live and desired values that differ, and whether spec or account changed since the last apply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kops_core import Action, Cause, FieldChange
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import Drift, DriftReport

_COLUMNS = (
    Column("CHANGED IN", 12),
    Column("RESOURCE", 30, flex=2),
    Column("FIELD", 16, flex=1),
    Column("LIVE", 20, flex=1, least=100),
    Column("DESIRED", 20, flex=1, least=100),
)
_CAUSES: dict[Cause, tuple[str, Tone]] = {
    Cause.DRIFT: ("the account", Tone.WARN),
    Cause.BOTH: ("both", Tone.BAD),
    Cause.PENDING: ("the spec", Tone.PLAIN),
    Cause.HELD: ("the spec", Tone.MUTED),
    Cause.UNKNOWN: ("?", Tone.MUTED),
}
"""How each cause is named, and its tone."""


@dataclass(frozen=True)
class DifferenceKey:
    """A difference between the account and the spec."""

    resource: str
    """Kind and name."""
    field: str
    """"" for a resource that is missing, or one too many, as a whole."""


@dataclass(frozen=True)
class _Difference:
    """A row: one field of a resource, or a resource that is missing or too many as a whole."""

    drift: Drift
    field: FieldChange | None

    @property
    def cause(self) -> Cause:
        name = self.field.name if self.field is not None else ""
        return self.drift.causes.get(name, self.drift.cause)


def _describe_action(each: _Difference) -> str:
    """What applying would do with a resource that is missing or superfluous as a whole."""
    if each.cause is Cause.HELD:
        return "to delete when pruning"
    action = each.drift.change.action
    return "left alone" if action is Action.NO_OP else f"to {action.value}"


class DriftPage(Page):
    """Differences between the account and the spec."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.report: DriftReport | None = None
        self.shown: dict[DifferenceKey, _Difference] = {}
        self.table: Rows[DifferenceKey] = Rows(
            _COLUMNS, empty="comparing spec, account and the last apply ..."
        )

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table
        yield Note([(), (), (), ()], classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Drift")

    def shell_commands(self) -> tuple[str, ...]:
        return self.in_shell("drift")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.with_workspace(self._compare)

    def _compare(self, workspace: Workspace) -> None:
        self.run_query("comparing", partial(workspace.drift), self._show_report)

    def _show_report(self, report: DriftReport) -> None:
        self.report = report
        self.shown = {}
        for drift in report.found:
            fields: tuple[FieldChange | None, ...] = (None,) if "" in drift.causes else drift.change.fields
            for field in fields:
                key = DifferenceKey(str(drift.change.key), field.name if field is not None else "")
                self.shown[key] = _Difference(drift, field)
        self.refill()

    def refill(self) -> None:
        if self.report is None:
            return
        order = {cause: number for number, cause in enumerate(_CAUSES)}
        rows = [
            Row(key, self._build_cells(each), self._build_flag(each))
            for key, each in sorted(self.shown.items(), key=lambda item: order[item[1].cause])
            if self.matches_filter(f"{key.resource}/{key.field}", _CAUSES[each.cause][0])
        ]
        self.table.show(rows, empty=self.empty_text("the account is as the spec wants it"))
        self.query_one("#about", Note).show(self._summary_lines(self.report))
        self._show_detail()

    def _summary_lines(self, report: DriftReport) -> list[Line]:
        dot = f" {self.kops.glyphs.dot} "
        causes = [each.cause for each in self.shown.values()]
        counts = [
            f"{causes.count(cause)} changed in {word}"
            for cause, (word, _) in _CAUSES.items()
            if causes.count(cause) and cause not in (Cause.UNKNOWN, Cause.HELD)
        ]
        if causes.count(Cause.HELD):
            counts.append(f"{causes.count(Cause.HELD)} waiting to be pruned")
        if causes.count(Cause.UNKNOWN):
            counts.append(f"{count(causes.count(Cause.UNKNOWN), 'difference')} of unknown cause")
        last = report.note
        if report.applied is not None:
            when = age(report.applied.at, self.kops.now())
            last = f"last applied by {report.applied.by}, {when if when == 'now' else f'{when} ago'}"
        return [
            line(" ", joined([*counts], dot) if counts else Span("no drift", Tone.GOOD)),
            line(
                " ", Span(report.plan.errors[0], Tone.BAD) if report.plan.errors else Span(last, Tone.MUTED)
            ),
        ]

    def _build_cells(self, each: _Difference) -> tuple[Line, ...]:
        word, tone = _CAUSES[each.cause]
        change, field = each.drift.change, each.field
        cells = [line(Span(word, tone)), line(Span(str(change.key), Tone.STRONG))]
        if field is None:
            return (*cells, line(Span(_describe_action(each), Tone.MUTED)), (), ())
        return (
            *cells,
            line(field.name),
            line(_shorten_value(field.before)),
            line(_shorten_value(field.after)),
        )

    def _build_flag(self, each: _Difference) -> Span:
        return Span("!", Tone.WARN) if each.cause in (Cause.DRIFT, Cause.BOTH) else NO_FLAG

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        key = self.table.key
        each = self.shown.get(key) if key is not None else None
        lines: list[Line] = [(), (), (), ()]
        if each is not None:
            field = each.field
            lines[0] = line(" ", Span(str(each.drift.change.key), Tone.STRONG))
            lines[1] = line(" ", each.cause.value)
            if field is not None:
                lines[2] = line(" ", Span("live     ", Tone.MUTED), _shorten_value(field.before))
                lines[3] = line(" ", Span("desired  ", Tone.MUTED), _shorten_value(field.after))
        self.query_one("#detail", Note).show(lines)


def _shorten_value(value: object) -> str:
    """A value on one line; of a long text how long it is."""
    text = "(unset)" if value is None else str(value)
    lines = text.splitlines()
    return text if len(lines) <= 1 else f"({len(lines)} lines)"
