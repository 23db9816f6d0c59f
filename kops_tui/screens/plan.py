"""A plan: what applying would change, why, and how that affects running nodes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kops_core import Action, Event, Plan, PlanRequest, Throttling, apply_request, plan_to_json, plan_to_text
from kops_tui import clipboard
from kops_tui.host import ScreenHost
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.page import Page, unsaved_note
from kops_tui.screens.plan_tree import (
    ChangeKey,
    DetailKey,
    KindKey,
    PlanKey,
    TreeState,
    change_of,
    risk_line,
    totals,
    tree,
)
from kops_tui.screens.questions import apply_question
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, wrap
from kops_tui.widgets.rows import Column, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import PlannedChange

_ACTIONS = (None, Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


class PlanThrottled(Message, bubble=False):
    """The cloud throttles requests while the plan is made. Sent by a worker."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PlanPage(Page):
    """What would change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("plan.next", "n", "change(1)", "next", "Next change", rank=10),
        bind("plan.previous", "N", "change(-1)", "", "Previous change"),
        bind("plan.apply", "A", "apply", "apply...", "Apply this plan, and only what it shows", rank=11),
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
        bind(
            "plan.prune",
            "X",
            "prune",
            "prune",
            "Plan with the deletions that wait for pruning, or without",
            rank=15,
        ),
        bind("plan.no_ops", "K", "no_ops", "", "Show what stays as it is, too"),
        bind("plan.save", "w", "save_text", "save", "Write the plan to a file as text", rank=18),
        bind("plan.json", "J", "save_json", "JSON", "Write the plan to a file as JSON", rank=20),
        bind("plan.fold", "left,h", "fold", "", "Fold, or go to the line above"),
        bind("plan.unfold", "right,l", "unfold", "", "Unfold"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.workspace: Workspace | None = None
        self.prepared: PlannedChange | None = None
        self.state = TreeState()
        self.prune = False
        """Whether the plan is made with the deletions that otherwise wait."""
        self.table: Rows[PlanKey] = Rows((Column("CHANGE", 40, flex=1),), empty="planning ...")
        self._run: Run | None = None

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan")

    def badge(self) -> Line:
        plan = self.plan
        if plan is None:
            return ()
        shown = f"only {self.state.action.value}" if self.state.action else ""
        return joined([Span(shown, Tone.WARN), totals(plan)], "  ")

    def note(self) -> str:
        return unsaved_note(self.workspace)

    @property
    def plan(self) -> Plan | None:
        """What is shown."""
        return self.prepared.plan if self.prepared else None

    def on_mount(self) -> None:
        self.with_workspace(self._make_plan)

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self.plan_again()

    def plan_again(self) -> None:
        """Plan again, without pruning."""
        self._run, self.prune = None, False
        self.reload()

    def on_resize(self) -> None:
        self.refill()

    def reload(self) -> None:
        self.with_workspace(self._make_plan)

    def _make_plan(self, workspace: Workspace) -> None:
        self.workspace = workspace
        plan = partial(workspace.plan, PlanRequest(self.prune), emit=self._report_throttling)
        self.run_query(
            "planning with pruning" if self.prune else "planning", plan, self._show_made_plan, group="plan"
        )

    def _report_throttling(self, event: Event) -> None:
        """Show that the cloud throttles requests. Called by any thread while the plan is made."""
        if isinstance(event, Throttling):
            self.post_message(PlanThrottled(event.message))

    @on(PlanThrottled)
    def _show_throttling(self, message: PlanThrottled) -> None:
        self.show_notice(message.text)

    def _show_made_plan(self, prepared: PlannedChange) -> None:
        self.prepared = prepared
        pending = prepared.plan.pending
        if len(pending) <= 3:
            self.state.opened |= {ChangeKey.of(change) for change in pending}
        self.refill()
        self.refresh_header()

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
        self.query_one("#about", Note).show(self._summary_lines(plan))

    def _summary_lines(self, plan: Plan) -> list[Line]:
        dot = self.kops.glyphs.dot
        made = age(plan.made_at, self.kops.now())
        edits = self.workspace.edits if self.workspace else 0
        head = joined(
            [
                line(Span("plan ", Tone.MUTED), Span(plan.id[:8], Tone.STRONG)),
                made if made == "now" else f"{made} old",
                Span("with pruning", Tone.WARN) if plan.prune else "",
                f"with {count(edits, 'unsaved edit')}" if edits else "from the saved spec",
            ],
            f" {dot} ",
        )
        lines = [line(" ", head)]
        if plan.errors:
            lines.append(line(Span(f" ! can't be applied: {plan.errors[0]}", Tone.BAD)))
        elif plan.empty and not plan.deferred:
            lines.append(line(Span(" nothing to do", Tone.GOOD)))
        elif not plan.empty:
            lines += wrap(line(" ", risk_line(plan, dot)), self.app.size.width - 2, 6)
        if plan.deferred:
            waiting = count(len(plan.deferred), "deletion waits", "deletions wait")
            told = line(Span(f" {waiting} for pruning: ", Tone.WARN), Span("X", Tone.KEY), " plans with them")
            lines.append(told)
        lines += [line(Span(f" warning: {text}", Tone.WARN)) for text in plan.warnings[:2]]
        return lines

    # Moving

    @on(Rows.Selected)
    def _fold_or_open(self) -> None:
        key = self.table.key
        change = change_of(key)
        if isinstance(key, KindKey):
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
        if isinstance(key, KindKey):
            self.state.folded.add(key)
            self.refill()
        elif change in self.state.opened:
            self.state.opened.discard(change)
            self.refill()
            self.table.move_to_key(change)
        elif change is not None:
            self.table.move_to_key(KindKey(change.kind))

    def action_unfold(self) -> None:
        key = self.table.key
        if isinstance(key, KindKey):
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

    def action_prune(self) -> None:
        """Plan again, with the deletions that wait for pruning, or without them."""
        plan = self.plan
        if plan is None:
            return
        if not self.prune and not plan.deferred:
            self.show_notice("no deletion waits for pruning")
            return
        self.prune = not self.prune
        self.clear_notice()
        self.reload()

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

    # Applying

    def action_apply(self) -> None:
        """Ask, then apply exactly what is shown."""
        plan, app = self.plan, self.kops
        if plan is None or self.workspace is None:
            return
        if plan.empty and plan.deferred:
            self.show_notice(
                "only pruning is left: ", Span("X", Tone.KEY), " plans with the deletions that wait"
            )
        elif plan.empty:
            self.show_notice("there is nothing to apply")
        elif plan.errors:
            self.show_notice(Span("this plan can't be applied: ", Tone.BAD), plan.errors[0])
        elif self.may_start_run():
            where = f"{app.session.account} {app.glyphs.dot} {app.session.store_of(plan.cluster)}"
            production = app.engine.settings.environment_class(plan.cluster) == "prod"
            unsaved = self.workspace.edits
            question = apply_question(plan, where, app.engine.settings.operator, production, unsaved=unsaved)
            app.confirm(question, self._start_apply)

    def _start_apply(self) -> None:
        prepared, workspace = self.prepared, self.workspace
        if prepared is None or workspace is None:
            return
        edits = workspace.unsaved() if workspace.edits else None
        self._run = self.kops.start_run(apply_request(self.cluster, prepared, edits))


def show_plan(host: ScreenHost, cluster: str) -> None:
    """Show the plan of a cluster: where it is open already that one, planned again."""
    opened = [each for each in host.screen_stack if isinstance(each, PlanPage) and each.cluster == cluster]
    if not opened:
        host.push_screen(PlanPage(cluster))
        return
    while host.screen is not opened[-1]:
        host.pop_screen()
    opened[-1].plan_again()
