"""A plan to look at: its changes by cause or by kind, folded and opened, filtered, and written to files."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import Action, Plan, plan_to_json, plan_to_text
from kops_tui import clipboard
from kops_tui.keys import bind
from kops_tui.screens.page import Page
from kops_tui.screens.plan_summary import totals
from kops_tui.screens.plan_tree import (
    CauseKey,
    ChangeKey,
    DetailKey,
    KindKey,
    PlanKey,
    TreeState,
    change_of,
    has_causes,
    tree,
)
from kops_tui.styled_text import Line, Span, Tone, joined
from kops_tui.widgets.rows import Column, Rows
from kops_tui.widgets.styled_lines import Note

_ACTIONS = (None, Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


class PlanView(Page):
    """A plan as a tree; its subclasses say which plan, and what can be done with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("plan.next", "n", "change(1)", "next", "Next change", rank=10),
        bind("plan.previous", "N", "change(-1)", "", "Previous change"),
        bind("plan.cause", "b", "by_cause", "by kind", "By cause, or by kind of resource", rank=13),
        bind("plan.filter", "f", "action_filter", "which", "All, then only one kind of action", rank=16),
        bind(
            "plan.diff",
            "v",
            "diffs",
            "diff",
            "Show or hide the differences of this change",
            rank=14,
            sign="v",
        ),
        bind("plan.no_ops", "K", "no_ops", "", "Show what stays as it is, too"),
        bind("plan.save", "w", "save_text", "save", "Write the plan to a file as text", rank=18),
        bind("plan.json", "J", "save_json", "JSON", "Write the plan to a file as JSON", rank=20),
        bind("plan.fold", "left,h", "fold", "", "Fold, or go to the line above"),
        bind("plan.unfold", "right,l", "unfold", "", "Unfold"),
    ]

    def __init__(self, name: str, *, empty: str = "") -> None:
        super().__init__()
        self.cluster = name
        self.state = TreeState()
        self.table: Rows[PlanKey] = Rows((Column("CHANGE", 40, flex=1),), empty=empty)

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table

    @property
    def plan(self) -> Plan | None:
        """What is shown; None until it is there."""
        raise NotImplementedError

    def summary_lines(self, plan: Plan) -> list[Line]:
        """What is told above the changes."""
        raise NotImplementedError

    def badge(self) -> Line:
        plan = self.plan
        if plan is None:
            return ()
        shown = f"only {self.state.action.value}" if self.state.action else ""
        return joined([Span(shown, Tone.WARN), totals(plan)], "  ")

    def on_resize(self) -> None:
        self.refill()

    def refill(self) -> None:
        plan = self.plan
        if plan is None:
            return
        empty = "nothing to do: cloud and store are as the spec has it"
        if not plan.empty or plan.deferred:
            empty = "no change of that kind: f shows the others"
        self.table.show(
            tree(plan, self.state, self.kops.glyphs, self.matches_filter, self.app.size.width - 4),
            empty=self.empty_text(empty),
        )
        self.query_one("#about", Note).show(self.summary_lines(plan))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("action_filter", "diffs", "mark"):
            return self.plan is not None and bool(self.plan.pending or self.plan.deferred)
        return super().check_action(action, parameters)

    # Moving

    @on(Rows.Selected)
    def _fold_or_open(self) -> None:
        key = self.table.key
        change = change_of(key)
        if isinstance(key, KindKey | CauseKey):
            self.state.folded ^= {key}
        elif change is not None:
            self.state.opened ^= {change}
            self.table.move_to_key(change)
        self.refill()

    def action_change(self, by: int) -> None:
        """Go to the next change, or the one before, and open it."""
        rows = self.table
        changes = [(at, row.key) for at, row in enumerate(rows.rows) if isinstance(row.key, ChangeKey)]
        ahead = [key for at, key in changes if (at > rows.cursor if by > 0 else at < rows.cursor)]
        if not ahead:
            self.show_notice("that was the last change" if by > 0 else "that is the first change")
            return
        self.clear_notice()
        target = ahead[0] if by > 0 else ahead[-1]
        self.state.opened.add(target)
        self.refill()
        rows.move_to_key(target)
        rows.reveal_below(lambda key: isinstance(key, DetailKey) and key.change == target)

    def action_fold(self) -> None:
        key = self.table.key
        change = change_of(key)
        if isinstance(key, KindKey | CauseKey):
            self.state.folded.add(key)
            self.refill()
        elif change in self.state.opened:
            self.state.opened.discard(change)
            self.refill()
            self.table.move_to_key(change)
        else:
            above = [row.key for row in self.table.rows[: self.table.cursor]]
            headings = [each for each in above if isinstance(each, KindKey | CauseKey)]
            if headings:
                self.table.move_to_key(headings[-1])

    def action_unfold(self) -> None:
        key = self.table.key
        if isinstance(key, KindKey | CauseKey):
            self.state.folded.discard(key)
        elif isinstance(key, ChangeKey):
            self.state.opened.add(key)
        self.refill()

    def action_diffs(self) -> None:
        change = change_of(self.table.key)
        if change is not None:
            self.state.opened.add(change)
            self.state.diffs ^= {change}
            self.refill()

    def action_by_cause(self) -> None:
        """Show the changes by cause, or by kind."""
        plan = self.plan
        if plan is None:
            return
        if not has_causes(plan):
            self.show_notice(
                "all of it has one cause: the cluster was never applied"
                if plan.causes
                else "the causes of this plan's changes are not known"
            )
            return
        self.clear_notice()
        self.state.by_cause = not self.state.by_cause
        self.refill()

    def action_action_filter(self) -> None:
        plan = self.plan
        if plan is None:
            return
        kinds = [action for action in _ACTIONS if action is None or plan.count(action)]
        place = kinds.index(self.state.action) + 1 if self.state.action in kinds else 0
        self.state.action = kinds[place % len(kinds)]
        self.refill()
        self.refresh_header()

    def action_no_ops(self) -> None:
        self.state.show_no_ops = not self.state.show_no_ops
        self.refill()

    # Taking it elsewhere

    def action_save_text(self) -> None:
        plan = self.plan
        if plan is not None:
            self._write_file(f"plan-{plan.id[:8]}.txt", plan_to_text(plan))

    def action_save_json(self) -> None:
        plan = self.plan
        if plan is not None:
            self._write_file(f"plan-{plan.id[:8]}.json", plan_to_json(plan))

    def _write_file(self, name: str, text: str) -> None:
        path = clipboard.write(self.kops.engine.settings.state_dir, name, text)
        self.show_notice("written to ", Span(str(path), Tone.STRONG))
