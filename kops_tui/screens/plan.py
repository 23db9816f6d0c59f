"""A plan: what applying would change, why, and what that means for what is running."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kops_core import Action, Event, Plan, Throttling, plan_to_json, plan_to_text
from kops_tui import clipboard
from kops_tui.host import ScreenHost
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.page import Page
from kops_tui.screens.plan_tree import TreeState, risk_line, totals, tree
from kops_tui.screens.questions import apply_question
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, wrap
from kops_tui.widgets.rows import Column, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import Prepared

_ACTIONS = (None, Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)


class PlanThrottled(Message, bubble=False):
    """AWS slows the planning down. Sent by a worker."""

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
        bind("plan.keep", "K", "keep", "", "Show what stays as it is, too"),
        bind("plan.save", "w", "save_text", "save", "Write the plan to a file as text", rank=18),
        bind("plan.json", "J", "save_json", "JSON", "Write the plan to a file as JSON", rank=20),
        bind("plan.fold", "left,h", "fold", "", "Fold, or go to the line above"),
        bind("plan.unfold", "right,l", "unfold", "", "Unfold"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.workspace: Workspace | None = None
        self.prepared: Prepared | None = None
        self.state = TreeState()
        self.prune = False
        """Whether the plan is made with the deletions that otherwise wait."""
        self._run: Run | None = None

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield Rows((Column("CHANGE", 40, flex=1),), empty="planning ...")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Plan")

    def badge(self) -> Line:
        plan = self.plan
        if plan is None:
            return ()
        shown = f"only {self.state.action.value}" if self.state.action else ""
        return joined([Span(shown, Tone.WARN), totals(plan)], "  ")

    def note(self) -> str:
        edits = self.workspace.edits if self.workspace else 0
        return f"{edits} unsaved" if edits else ""

    @property
    def plan(self) -> Plan | None:
        """What is shown."""
        return self.prepared.plan if self.prepared else None

    def on_mount(self) -> None:
        self.with_workspace(self._opened)

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self.plan_again()

    def plan_again(self) -> None:
        """Plan anew, without what was asked of the plan before."""
        self._run, self.prune = None, False
        self.reload()

    def on_resize(self) -> None:
        self.refill()

    def reload(self) -> None:
        self.with_workspace(self._opened)

    def _opened(self, workspace: Workspace) -> None:
        self.workspace = workspace
        plan = partial(workspace.plan, prune=self.prune, emit=self._told)
        self.run_query(
            "planning with pruning" if self.prune else "planning", plan, self._planned, group="plan"
        )

    def _told(self, event: Event) -> None:
        """While the plan is made, by whichever thread asks AWS."""
        if isinstance(event, Throttling):
            self.post_message(PlanThrottled(event.message))

    @on(PlanThrottled)
    def _show_throttling(self, message: PlanThrottled) -> None:
        self.show_notice(message.text)

    def _planned(self, prepared: Prepared) -> None:
        self.prepared = prepared
        pending = prepared.plan.pending
        if len(pending) <= 3:
            self.state.opened |= {str(change.key) for change in pending}
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        plan = self.plan
        if plan is None:
            return
        empty = "nothing to do: cloud and store are as the spec has it"
        if not plan.empty or plan.deferred:
            empty = "no change of that kind: f shows the others"
        self.query_one(Rows).show(
            tree(plan, self.state, self.kops.glyphs, self.matches_filter, self.app.size.width - 4),
            empty=self.empty_text(empty),
        )
        self.query_one("#about", Note).show(self._about(plan))

    def _about(self, plan: Plan) -> list[Line]:
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

    def _change_of(self, key: str) -> str:
        return key.partition("#")[0]

    @on(Rows.Selected)
    def _chosen(self, event: Rows.Selected) -> None:
        key = self._change_of(event.key)
        if key.startswith("kind:"):
            self.state.folded ^= {key.removeprefix("kind:")}
        else:
            self.state.opened ^= {key}
            self.query_one(Rows).move_to_key(key)
        self.refill()

    def action_change(self, by: int) -> None:
        """Go to the next change, or the one before, and open it."""
        rows = self.query_one(Rows)
        keys = [row.key for row in rows.rows]
        places = [at for at, key in enumerate(keys) if not key.startswith("kind:") and "#" not in key]
        ahead = [at for at in places if (at > rows.cursor if by > 0 else at < rows.cursor)]
        if not ahead:
            self.show_notice("that was the last change" if by > 0 else "that is the first change")
            return
        self.clear_notice()
        target = keys[ahead[0] if by > 0 else ahead[-1]]
        self.state.opened.add(target)
        self.refill()
        rows.move_to_key(target)
        rows.reveal_below(target + "#")

    def action_fold(self) -> None:
        key = self._change_of(self.query_one(Rows).key)
        if key in self.state.opened:
            self.state.opened.discard(key)
            self.refill()
            self.query_one(Rows).move_to_key(key)
        elif key.startswith("kind:"):
            self.state.folded.add(key.removeprefix("kind:"))
            self.refill()
        else:
            self.query_one(Rows).move_to_key(f"kind:{key.partition('/')[0]}")

    def action_unfold(self) -> None:
        key = self.query_one(Rows).key
        if key.startswith("kind:"):
            self.state.folded.discard(key.removeprefix("kind:"))
        elif "#" not in key and key:
            self.state.opened.add(key)
        self.refill()

    def action_diffs(self) -> None:
        key = self._change_of(self.query_one(Rows).key)
        if key and not key.startswith("kind:"):
            self.state.opened.add(key)
            self.state.diffs ^= {key}
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

    def action_keep(self) -> None:
        self.state.keep = not self.state.keep
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
            self._write(f"plan-{plan.id[:8]}.txt", plan_to_text(plan))

    def action_save_json(self) -> None:
        plan = self.plan
        if plan is not None:
            self._write(f"plan-{plan.id[:8]}.json", plan_to_json(plan))

    def _write(self, name: str, text: str) -> None:
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
        elif not app.engine.settings.write:
            self.show_notice(Span("read-only: ", Tone.WARN), "start with --write to change anything")
        elif app.run_under_way is not None:
            self.show_notice("something is running already: ", Span("F2", Tone.KEY), " shows it")
        else:
            where = f"{app.session.account} {app.glyphs.dot} {app.session.store_of(plan.cluster)}"
            production = app.engine.settings.environment_class(plan.cluster) == "prod"
            unsaved = self.workspace.edits
            question = apply_question(plan, where, app.engine.settings.operator, production, unsaved=unsaved)
            app.confirm(question, self._confirmed)

    def _confirmed(self) -> None:
        prepared, workspace = self.prepared, self.workspace
        if prepared is None or workspace is None:
            return
        run = Run(
            "apply",
            self.cluster,
            lambda emit, control: workspace.apply(prepared, emit, control),
            subject=prepared.plan.id[:8],
        )
        self._run = run
        self.kops.start_run(run)


def show_plan(host: ScreenHost, cluster: str) -> None:
    """Show the plan of a cluster: where it is open already that one, planned again."""
    opened = [each for each in host.screen_stack if isinstance(each, PlanPage) and each.cluster == cluster]
    if not opened:
        host.push_screen(PlanPage(cluster))
        return
    while host.screen is not opened[-1]:
        host.pop_screen()
    opened[-1].plan_again()
