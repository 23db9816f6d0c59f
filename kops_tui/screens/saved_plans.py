"""Saved plans: which there are, one of them to look at, and how it differs from another plan."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from textual import on
from textual.app import ComposeResult

from kops_core import Change, FieldChange, Plan, compare_changes, differing_fields
from kops_tui.resource_words import resource_words
from kops_tui.saved_plans import SavedPlan, saved_plans
from kops_tui.screens.page import Page
from kops_tui.screens.plan_details import TONES, before_and_after
from kops_tui.screens.plan_summary import counts, totals, what_waits
from kops_tui.screens.plan_view import PlanView
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, plain, width
from kops_tui.terminal import Glyphs
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_COLUMNS = (
    Column("PLAN", 8),
    Column("CLUSTER", 30, flex=1),
    Column("CHANGES", 22),
    Column("SAVED", 6, right=True),
)


class SavedPlansPage(Page):
    """The saved plans, to open one, or to compare it with the plan in front."""

    ENTER = "open"

    def __init__(self, cluster: str, current: Plan | None = None) -> None:
        """current: the plan to compare with; None to open one. Then plans of all clusters are listed."""
        super().__init__()
        self.cluster = cluster
        self.current = current
        self.found: dict[str, SavedPlan] = {}
        self.table: Rows[str] = Rows(_COLUMNS, empty="reading ...")

    def body(self) -> ComposeResult:
        yield Note([()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan", "compare with" if self.current else "saved plans")

    def shell_commands(self) -> tuple[str, ...]:
        """The command that applies the plan under the cursor."""
        saved = self.found.get(self.table.key or "")
        return (shlex.join(["kops-tui", "--apply", str(saved.path)]),) if saved is not None else ()

    def on_mount(self) -> None:
        about = "enter shows what is different in the plan in front" if self.current else "enter opens a plan"
        self.query_one("#about", Note).show([line(" ", Span(about, Tone.MUTED))])
        self.reload()

    def reload(self) -> None:
        state_dir = self.kops.engine.settings.state_dir
        self.run_query("reading saved plans", partial(saved_plans, state_dir), self._show_found)

    def _show_found(self, found: Sequence[SavedPlan]) -> None:
        self.found = {
            each.path.name: each
            for each in found
            if self.current is None or (each.plan is not None and each.plan.cluster == self.cluster)
        }
        self.refill()

    def refill(self) -> None:
        rows = [
            Row(name, cells)
            for name, each in self.found.items()
            if self.matches_filter(*map(plain, cells := self._cells(each)))
        ]
        self.table.show(rows, empty=self.empty_text("no plan was saved: J on a plan saves it"))

    def _cells(self, each: SavedPlan) -> tuple[Line, ...]:
        saved = line(age(each.saved_at, self.kops.now()))
        plan = each.plan
        if plan is None:
            return (line("?"), line(Span(f"{each.path.name}: {each.problem}", Tone.BAD)), (), saved)
        return (line(Span(plan.id[:8], Tone.STRONG)), line(plan.cluster), counts(plan), saved)

    @on(Rows.Selected)
    def _open(self) -> None:
        each = self.found.get(self.table.key or "")
        if each is None:
            return
        if each.plan is None:
            self.show_notice(Span("it can't be read: ", Tone.BAD), each.problem)
        elif self.current is None:
            self.kops.push_screen(SavedPlanPage(each, each.plan))
        else:
            self.kops.push_screen(PlanComparisonPage(each.plan, self.current))


class SavedPlanPage(PlanView):
    """A saved plan; it can be looked at, and not applied from here."""

    def __init__(self, saved: SavedPlan, plan: Plan) -> None:
        super().__init__(plan.cluster)
        self.saved = saved
        self._plan = plan

    @property
    def plan(self) -> Plan:
        return self._plan

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan", f"saved {self.plan.id[:8]}")

    def shell_commands(self) -> tuple[str, ...]:
        return (shlex.join(["kops-tui", "--apply", str(self.saved.path)]),)

    def on_mount(self) -> None:
        self.refill()

    def reload(self) -> None:
        self.refill()

    def summary_lines(self, plan: Plan) -> list[Line]:
        head = joined(
            [
                line(Span("saved plan ", Tone.MUTED), Span(plan.id[:8], Tone.STRONG)),
                _made(plan, self.kops.now()),
                Span("with pruning", Tone.WARN) if plan.prune else "",
            ],
            f" {self.kops.glyphs.dot} ",
        )
        told = Span(" applied exactly, or refused: ", Tone.MUTED)
        lines = [line(" ", head), line(told, *self.shell_commands())]
        waiting = what_waits(plan)
        return [*lines, *([line(" ", waiting)] if waiting else [])]


class PlanComparisonPage(Page):
    """What a plan has that a saved one has not, what it has no longer, and what is different."""

    def __init__(self, saved: Plan, current: Plan) -> None:
        super().__init__()
        self.cluster = current.cluster
        self.saved, self.current = saved, current
        self.table: Rows[int] = Rows((Column("DIFFERENCE", 40, flex=1),))

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan", f"compared with {self.saved.id[:8]}")

    def shell_commands(self) -> tuple[str, ...]:
        """The command that makes the plan in front."""
        return self.in_shell("--plan --prune" if self.current.prune else "--plan")

    def badge(self) -> Line:
        return totals(self.current)

    def on_mount(self) -> None:
        self.refill()

    def on_resize(self) -> None:
        self.refill()

    def reload(self) -> None:
        self.refill()

    def refill(self) -> None:
        now = self.kops.now()
        self.query_one("#about", Note).show(
            [
                line(Span(" this plan  ", Tone.MUTED), _about(self.current, now)),
                line(Span(" saved plan ", Tone.MUTED), _about(self.saved, now)),
            ]
        )
        lines = list(comparison_lines(self.saved, self.current, self.kops.glyphs, self.app.size.width - 4))
        rows = [Row(at, (text,)) for at, text in enumerate(lines) if self.matches_filter(plain(text))]
        self.table.show(rows, empty=self.empty_text("both have the same changes"))


def _made(plan: Plan, now: datetime) -> str:
    made = age(plan.made_at, now)
    return "made just now" if made == "now" else f"made {made} ago"


def _about(plan: Plan, now: datetime) -> Line:
    pruning = "with pruning" if plan.prune else ""
    changes = count(len(plan.pending), "change")
    return joined([Span(plan.id[:8], Tone.STRONG), _made(plan, now), changes, pruning], ", ")


def comparison_lines(saved: Plan, current: Plan, glyphs: Glyphs, cells: int) -> Iterator[Line]:
    """What is different in the current plan, in lines of at most ``cells`` cells where values are long."""
    difference = compare_changes(saved.pending, current.pending)
    waiting = compare_changes(saved.deferred, current.deferred)
    for title, changes in (
        ("only in this plan", difference.added),
        ("no longer in this plan", difference.removed),
        ("waits for pruning now", waiting.added),
        ("waits no longer for pruning", waiting.removed),
    ):
        if changes:
            yield line(Span(title, Tone.STRONG), f"  {len(changes)}")
            yield from (_change_line(each, current.cluster) for each in changes)
    if difference.changed:
        yield line(Span("different", Tone.STRONG), f"  {len(difference.changed)}")
    for before, after in difference.changed:
        yield _change_line(after, current.cluster)
        if before.action is not after.action:
            yield line(f"{_PAD}was: {before.action.value}")
        fields = [{each.name: each for each in change.fields} for change in (before, after)]
        for name in differing_fields(before, after):
            yield _field_line(name, fields[0].get(name), fields[1].get(name), glyphs, cells)


_PAD = " " * 10


def _change_line(change: Change, cluster: str) -> Line:
    name = Span(resource_words(change.key, cluster), Tone.STRONG)
    return line(
        Span(f"    {change.action.glyph:>3} ", TONES[change.action]), name, f"  {change.action.value}"
    )


def _field_line(
    name: str, before: FieldChange | None, after: FieldChange | None, glyphs: Glyphs, cells: int
) -> Line:
    """A field in both plans: what each would set, or, if that is equal, what each has found."""
    head = line(f"{_PAD}{name:<22} ")
    if before is None or after is None:
        told = "changed only now" if before is None else "no longer changed"
        return line(head, Span(told, Tone.MUTED))
    same = before.after == after.after
    label = Span("found " if same else "", Tone.MUTED)
    values = (before.before, after.before) if same else (before.after, after.after)
    one, other = ("(none)" if value is None else str(value) for value in values)
    return line(head, label, before_and_after(one, other, glyphs, cells - width((*head, label))))
