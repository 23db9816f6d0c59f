"""One action on several clusters, side by side or one after another: a row a cluster, and one summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kops_core import KopsError, Pending
from kops_tui.dialogs.confirm import Question
from kops_tui.error_text import error_line
from kops_tui.keys import bind
from kops_tui.ports import Engine, Workspace
from kops_tui.screens.page import Page
from kops_tui.session import Session
from kops_tui.shell_commands import for_cluster
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_AT_ONCE = 4
"""Clusters that are worked on side by side: each plan already asks its account several things at once."""
_COLUMNS = (
    Column("CLUSTER", 26, flex=1, sort=1),
    Column("STATE", 10, sort=1),
    Column("RESULT", 36, flex=3),
)


class State(Enum):
    """How far the action is with a cluster."""

    WAITING = "waiting"
    RUNNING = "running"
    FINE = "ok"
    """It needs nothing."""
    WORK = "needs you"
    FAILED = "failed"


_TONES = {
    State.WAITING: Tone.MUTED,
    State.RUNNING: Tone.STRONG,
    State.FINE: Tone.GOOD,
    State.WORK: Tone.WARN,
    State.FAILED: Tone.BAD,
}


@dataclass(frozen=True)
class Outcome:
    """What the action found about a cluster."""

    state: State
    text: str = ""
    workspace: Workspace | None = None
    """The workspace that now has edits, to be kept and saved."""


class OutcomeFound(Message, bubble=False):
    """The action has begun with a cluster, or ended. Sent by a worker."""

    def __init__(self, cluster: str, outcome: Outcome) -> None:
        super().__init__()
        self.cluster = cluster
        self.outcome = outcome


@dataclass(frozen=True)
class ManyAction:
    """An action on a cluster."""

    title: str
    run: Callable[[Engine, Session, str], Outcome]
    """I/O."""
    screen: str
    """Name of the screen that tells more about one cluster."""
    ours: str
    """What follows ``kops-tui`` in a shell."""
    kops: str
    """The same for ``kops``."""


def _plan(engine: Engine, session: Session, name: str) -> Outcome:
    status = engine.fleet.status(name)
    if status.error:
        return Outcome(State.FAILED, status.error.partition("\n")[0])
    told = [count(status.changes, "change")] if status.changes else []
    if status.groups_to_roll:
        told.append(f"nodes of {', '.join(status.groups_to_roll)} to roll")
    if status.held_back:
        told.append(f"{status.held_back} to prune")
    if status.pending is Pending.NEVER_APPLIED:
        told.insert(0, "never applied")
    return Outcome(State.WORK, ", ".join(told)) if told else Outcome(State.FINE, "nothing to do")


def _validate(engine: Engine, session: Session, name: str) -> Outcome:
    from kops_core import CancelToken, ValidationRequest

    workspace = session.workspace(name) or engine.open(name)
    found = workspace.validate(ValidationRequest(), lambda _: None, CancelToken())
    if found.valid:
        return Outcome(State.FINE, f"valid, {count(len(found.nodes), 'node')}")
    first = found.failures[0]
    return Outcome(State.WORK, f"{count(len(found.failures), 'problem')}: {first.name}: {first.message}")


def _upgrade(engine: Engine, session: Session, name: str) -> Outcome:
    from kops_core import UpgradeRequest

    workspace = session.workspace(name) or engine.open(name)
    if workspace.edits:
        return Outcome(State.FAILED, f"it has {count(workspace.edits, 'unsaved edit')}: save them first")
    proposal = workspace.propose_upgrade(UpgradeRequest())
    if not proposal.items:
        return Outcome(State.FINE, "no upgrade is needed")
    told = ", ".join(f"{each.field} {each.before} -> {each.after}" for each in proposal.items)
    return Outcome(State.WORK, told, workspace)


def _export(engine: Engine, session: Session, name: str) -> Outcome:
    from kops_core import KubeconfigOptions

    done = engine.export_kubeconfig(name, KubeconfigOptions())
    told = "" if done.signed_in else ", without credentials: export kubeconfig --admin issues some"
    return Outcome(State.FINE, f"written to {done.file}{told}")


ACTIONS: Mapping[str, ManyAction] = {
    "plan": ManyAction("Plan", _plan, "plan", "--plan", "update cluster"),
    "validate": ManyAction("Validate", _validate, "validate", "validate cluster", "validate cluster"),
    "upgrade": ManyAction("Upgrade", _upgrade, "spec", "upgrade cluster", "upgrade cluster"),
    "export": ManyAction("Export", _export, "open", "export kubeconfig", "export kubeconfig"),
}


class ManyPage(Page):
    """An action on several clusters."""

    ENTER = "open"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("many.open", "right", "open", "", "What it found about this cluster"),
        bind("many.save", "s", "save_all", "save all", "Save the edits of all these upgrades", rank=12),
        bind("many.order", "t", "order", "order", "Side by side, or one after another", rank=14),
    ]

    def __init__(self, action: ManyAction, clusters: Sequence[str]) -> None:
        super().__init__()
        self.action = action
        self.cluster = clusters[0] if len(clusters) == 1 else ""
        self.outcomes = {name: Outcome(State.WAITING) for name in clusters}
        self.at_once = _AT_ONCE
        self.table: Rows[str] = Rows(_COLUMNS)
        """Clusters, by name."""

    def body(self) -> ComposeResult:
        yield Note([()], id="about")
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        if self.cluster:
            return ("Fleet", self.cluster, self.action.title)
        return ("Fleet", f"{self.action.title} {count(len(self.outcomes), 'cluster')}")

    def shell_commands(self) -> tuple[str, ...]:
        session, action = self.kops.session, self.action
        return tuple(
            command
            for name in self.outcomes
            for command in for_cluster(name, session.store_of(name), action.ours, action.kops)
        )

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        """Do it again with all of them."""
        self.outcomes = dict.fromkeys(self.outcomes, Outcome(State.WAITING))
        self.refill()
        self.run_query(self.action.title.lower(), self._work, lambda _: self.refresh_bindings())

    def _work(self) -> None:
        engine, session = self.kops.engine, self.kops.session
        with ThreadPoolExecutor(self.at_once, "many") as pool:
            list(pool.map(partial(self._do, engine, session), self.outcomes))

    def _do(self, engine: Engine, session: Session, name: str) -> None:
        self.post_message(OutcomeFound(name, Outcome(State.RUNNING)))
        try:
            outcome = self.action.run(engine, session, name)
        except KopsError as problem:
            outcome = Outcome(State.FAILED, error_line(problem))
        self.post_message(OutcomeFound(name, outcome))

    @on(OutcomeFound)
    def _show_outcome(self, message: OutcomeFound) -> None:
        self.outcomes[message.cluster] = message.outcome
        workspace = message.outcome.workspace
        if workspace is not None:
            self.kops.session.add_workspace(workspace)
            self.kops.edits_changed(workspace)
        self.refill()

    def refill(self) -> None:
        rows = [
            Row(name, (line(Span(name, Tone.STRONG)), _state_cell(each), line(each.text)))
            for name, each in self.outcomes.items()
            if self.matches_filter(name, each.state.value, each.text)
        ]
        self.table.show(rows, empty=self.empty_text("no cluster was marked"))
        self.query_one("#about", Note).show([line(" ", self._summary_line())])

    def _summary_line(self) -> Line:
        counted = Counter(each.state for each in self.outcomes.values())
        words = [Span(f"{counted[each]} {each.value}", _TONES[each]) for each in State if counted[each]]
        order = "side by side" if self.at_once > 1 else "one after another"
        return joined([*words, Span(order, Tone.MUTED)], f" {self.kops.glyphs.dot} ")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "save_all":
            return any(each.workspace is not None for each in self.outcomes.values())
        return super().check_action(action, parameters)

    def action_order(self) -> None:
        """Work side by side, or on one after another; what is under way goes on as it began."""
        self.at_once = 1 if self.at_once > 1 else _AT_ONCE
        self.refill()

    @on(Rows.Selected)
    def action_open(self) -> None:
        if self.table.key is not None:
            self.kops.open_screen(self.action.screen, self.table.key)

    def action_save_all(self) -> None:
        """Ask, then save the edits of each cluster; each save is checked on its own."""
        edited = [each.workspace for each in self.outcomes.values() if each.workspace is not None]
        changed = [each for each in edited if each.edits]
        if not changed:
            self.show_notice("there is nothing to save")
        elif self.may_write():
            lines = [line(Span(each.name, Tone.STRONG), f"  {count(each.edits, 'edit')}") for each in changed]
            undone = line(Span("undone ", Tone.MUTED), "by restoring an earlier revision of each, with H")
            title = f"Save the edits of {count(len(changed), 'cluster')}?"
            self.kops.confirm(Question(title, (*lines, undone), yes="save"), partial(self._save, changed))

    def _save(self, changed: Sequence[Workspace]) -> None:
        self.run_query("saving", partial(self._save_each, changed), lambda _: self.refill(), group="save")

    def _save_each(self, changed: Sequence[Workspace]) -> None:
        for workspace in changed:
            try:
                workspace.save()
            except KopsError as problem:
                outcome = Outcome(State.FAILED, f"not saved: {error_line(problem)}", workspace)
            else:
                outcome = Outcome(State.WORK, "saved: plan it next", workspace)
            self.post_message(OutcomeFound(workspace.name, outcome))


def _state_cell(outcome: Outcome) -> Line:
    return line(Span(outcome.state.value, _TONES[outcome.state]))
