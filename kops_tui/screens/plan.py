"""The plan of a cluster: what applying would change, why, and how that affects running nodes."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from kops_core import Event, Plan, PlanRequest, Throttling, apply_request
from kops_tui.host import ScreenHost
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.page import unsaved_note
from kops_tui.screens.plan_marks import Marks
from kops_tui.screens.plan_summary import rolled, what_waits, worst_first
from kops_tui.screens.plan_tree import ChangeKey
from kops_tui.screens.plan_view import PlanView
from kops_tui.screens.questions import apply_question
from kops_tui.screens.saved_plans import SavedPlansPage
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, wrap

if TYPE_CHECKING:
    from kops_core import GroupStatus, PlannedChange


class PlanThrottled(Message, bubble=False):
    """The cloud throttles requests while the plan is made. Sent by a worker."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class PlanPage(PlanView):
    """What would change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("plan.apply", "A", "apply", "apply...", "Apply this plan, or what is marked of it", rank=11),
        bind("plan.mark", "space", "mark", "mark", "Mark a change, or all of a cause, to apply it", rank=12),
        bind("plan.open", "O", "open_saved", "", "Open a saved plan"),
        bind(
            "plan.compare",
            "equals_sign",
            "compare",
            "compare",
            "Compare this plan with a saved one",
            rank=21,
            sign="=",
        ),
        bind(
            "plan.prune",
            "X",
            "prune",
            "prune",
            "Plan with the deletions that wait for pruning, or without",
            rank=15,
        ),
    ]

    def __init__(self, name: str) -> None:
        super().__init__(name, empty="planning ...")
        self.workspace: Workspace | None = None
        self.prepared: PlannedChange | None = None
        self.prune = False
        """Whether the plan is made with the deletions that otherwise wait."""
        self.groups: dict[str, GroupStatus] = {}
        """The instance groups that the plan rolls, once the cloud was asked."""
        self._run: Run | None = None

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan")

    def note(self) -> str:
        return unsaved_note(self.workspace)

    @property
    def plan(self) -> Plan | None:
        return self.prepared.plan if self.prepared else None

    def shell_commands(self) -> tuple[str, ...]:
        words = ["--prune"] if self.prune else []
        marked = sorted(str(each.resource) for each in self._marked_changes())
        ours = shlex.join(words + [f"--target-resource={each}" for each in marked])
        kops = "" if marked else f"update cluster {shlex.join(words)}"
        return (
            *self.in_shell(f"--plan {ours}", kops),
            *self.in_shell(f"--apply {ours}", f"{kops} --yes" if kops else ""),
        )

    def on_mount(self) -> None:
        self.with_workspace(self._make_plan)

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self.plan_again()

    def plan_again(self) -> None:
        """Plan again, without pruning."""
        self._run, self.prune = None, False
        self.reload()

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
        self.table.marked &= self._marks.keys
        if len(pending) <= 3:
            self.state.opened |= {ChangeKey.of(change) for change in pending}
        self.refill()
        self.refresh_header()
        if rolled(pending) and self.workspace is not None:
            self.run_query("asking for the nodes", self.workspace.groups, self._show_groups, group="nodes")

    def _show_groups(self, groups: Sequence[GroupStatus]) -> None:
        self.groups = {group.name: group for group in groups}
        self.refill()

    def summary_lines(self, plan: Plan) -> list[Line]:
        dot = self.kops.glyphs.dot
        made = age(plan.made_at, self.kops.now())
        edits = self.workspace.edits if self.workspace else 0
        marked = len(self._marked_changes())
        head = joined(
            [
                line(Span("plan ", Tone.MUTED), Span(plan.id[:8], Tone.STRONG)),
                made if made == "now" else f"{made} old",
                Span("with pruning", Tone.WARN) if plan.prune else "",
                f"with {count(edits, 'unsaved edit')}" if edits else "from the saved spec",
                Span(f"{marked} marked: A applies these", Tone.KEY) if marked else "",
            ],
            f" {dot} ",
        )
        lines = [line(" ", head)]
        if plan.errors:
            lines.append(line(Span(f" ! can't be applied: {plan.errors[0]}", Tone.BAD)))
        elif plan.empty and not plan.deferred:
            lines.append(line(Span(" nothing to do", Tone.GOOD)))
        elif not plan.empty:
            lines += wrap(line(" ", worst_first(plan, self.groups, dot)), self.app.size.width - 2, 1)
        waiting = what_waits(plan)
        if waiting:
            lines += wrap(line(" ", waiting), self.app.size.width - 2, 1)
        for text in plan.warnings[:2]:
            lines += wrap(line(Span(f" warning: {text}", Tone.WARN)), self.app.size.width - 2, 1)
        return lines

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

    # Saved plans

    def action_open_saved(self) -> None:
        """List the saved plans, to open one."""
        self.kops.push_screen(SavedPlansPage(self.cluster))

    def action_compare(self) -> None:
        """List the saved plans of the cluster, to compare this plan with one."""
        plan = self.plan
        if plan is not None:
            self.kops.push_screen(SavedPlansPage(self.cluster, plan))

    # Marking

    @property
    def _marks(self) -> Marks:
        return Marks(self.plan)

    def _marked_changes(self) -> Collection[ChangeKey]:
        return self._marks.marked(self.table.marked)

    def action_mark(self) -> None:
        """Mark the change under the cursor, or all changes of a heading, or take the marks away."""
        key = self.table.key
        if key is None:
            return
        below = self._marks.below(key)
        if not below:
            self.show_notice("it waits for pruning: ", Span("X", Tone.KEY), " plans with it")
            return
        self.clear_notice()
        self.table.marked = self._marks.toggled(self.table.marked, below)
        self.refill()
        self.table.refresh()
        self.table.action_move(1)

    # Applying

    def action_apply(self) -> None:
        """Ask, then apply exactly what is shown, or what is marked of it."""
        plan = self.plan
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
            self._ask_to_apply(self.workspace)

    def _ask_to_apply(self, workspace: Workspace) -> None:
        prepared, app = self.prepared, self.kops
        if prepared is None:
            return
        marked = [each.resource for each in self._marked_changes()]
        if marked:
            prepared = prepared.limited_to(marked)
        plan = prepared.plan
        if plan.empty:
            self.show_notice("these files say what was applied: they are written with the last other change")
            return
        where = f"{app.session.account} {app.glyphs.dot} {app.session.store_of(plan.cluster)}"
        question = apply_question(
            plan,
            where,
            app.engine.settings.operator,
            app.engine.settings.environment_class(plan.cluster) == "prod",
            unsaved=workspace.edits,
            marked=marked,
        )
        app.confirm(question, partial(self._start_apply, prepared, workspace))

    def _start_apply(self, prepared: PlannedChange, workspace: Workspace) -> None:
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
