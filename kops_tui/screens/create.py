"""Creating a cluster: a form of what ``create cluster`` takes, with what follows from it as one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from kops_core import KopsError, ObjectNotFound, Tree, UsageError, ssh_key_of
from kops_tui.dialogs.confirm import Question
from kops_tui.host import ScreenHost
from kops_tui.keys import bind
from kops_tui.ports import CLUSTER, Engine, Workspace
from kops_tui.screens.create_form import (
    MACHINES,
    NAME,
    NewCluster,
    commands_of,
    form_sections,
    inferred_values,
    offered_by,
    problems_of,
    resources_of,
    summary_of,
    words_of,
)
from kops_tui.screens.create_plan import CreatePlanPage
from kops_tui.screens.form import FormPage, Section, answer_or_problem, wrap_text
from kops_tui.screens.machine_types import NewMachinePage
from kops_tui.styled_text import Line, Span, Tone, count, line

if TYPE_CHECKING:
    from kops_core import Created, Plan, PlannedChange


@dataclass(frozen=True)
class MadeCluster:
    """A new cluster as the form has it, not stored."""

    made: Created
    ssh_public_key: str
    workspace: Workspace
    """The cluster as if it were stored."""
    completed: NewCluster


def make(engine: Engine, words: Sequence[str]) -> MadeCluster:
    """I/O. The cluster that ``create cluster`` stores for these words. Raises UsageError, InvalidSpec."""
    options = engine.create_options(words)
    key = ssh_key_of(options)
    made = engine.make_cluster(options)
    workspace = engine.open_files({"cluster.yaml": made.manifest_yaml().encode()}, ssh_public_key=key)
    workspace.read_facts()
    return MadeCluster(made, key, workspace, _completed(workspace))


def _completed(workspace: Workspace) -> NewCluster:
    groups = [name for name in workspace.objects() if name != CLUSTER]
    specs = {name: _spec(workspace, "instanceGroups", name, "spec") for name in groups}
    return NewCluster(_spec(workspace, "spec"), specs)


def _spec(workspace: Workspace, *path: str) -> Tree:
    value = workspace.explain(path).value
    return value if isinstance(value, dict) else {}


class CreatePage(FormPage):
    """The form of a new cluster. What was typed stays until the cluster is stored."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("create.save", "s", "save", "store...", "Store the cluster; asks first", rank=11),
        bind("create.machine", "m", "machine", "machine", "Choose a machine type from a list", rank=14),
        bind("create.plan", "P", "plan", "plan", "Every resource that applying it would create", rank=13),
        bind("create.clear", "D", "clear", "clear", "Remove everything that was typed; asks first", rank=20),
    ]
    PANE = 9

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.made: MadeCluster | None = None
        """The cluster that the form makes; None while it makes none."""
        self.plan: Plan | None = None
        self._offered: Mapping[str, Sequence[str]] = {}

    def sections(self) -> Sequence[Section]:
        return form_sections(self._offered)

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", "New cluster", *([self.values[NAME]] if NAME in self.values else ()))

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that create the same cluster: kops-tui's, then kOps'."""
        return commands_of(self.values, self._store_to_name())

    def _store_to_name(self) -> str:
        """The store, unless the shell names it already."""
        settings = self.kops.engine.settings
        store = settings.stores[0] if settings.stores else ""
        return "" if settings.environment.get("KOPS_STATE_STORE") == store else store

    def on_mount(self) -> None:
        facts = partial(self.kops.engine.facts, "")
        self.run_query("asking the cloud what it offers", facts, self._show_offered, group="facts")

    def _show_offered(self, facts: Tree) -> None:
        self._offered = offered_by(facts)
        self.refill()

    # What follows from the form

    def value_changed(self) -> None:
        self.made, self.plan = None, None
        ask = partial(self._make, self.values.get(NAME, ""), tuple(words_of(self.values)))
        self.run_query("inferring", ask, self._show_made, group="make")

    def _make(self, name: str, words: Sequence[str]) -> MadeCluster | KopsError:
        if name in self.kops.session.known_clusters and self._is_stored(name):
            return UsageError("there is such a cluster already", where="--name", remedy="take another name")
        return answer_or_problem(partial(make, self.kops.engine, words))

    def _is_stored(self, name: str) -> bool:
        """I/O. Whether a cluster that was found before is still there."""
        try:
            self.kops.engine.stored(name)
        except ObjectNotFound:
            return False
        return True

    def _show_made(self, answer: MadeCluster | KopsError) -> None:
        if isinstance(answer, KopsError):
            self.show_answer({}, problems_of(answer, self.values))
            return
        self.made = answer
        self.show_answer(inferred_values(answer.completed), {})
        self.run_query("planning", answer.workspace.plan, self._show_plan, group="plan")

    def _show_plan(self, planned: PlannedChange) -> None:
        if self.made is not None:
            self.plan = planned.plan
            self.refill()

    def pane_lines(self) -> list[Line]:
        width = self.app.size.width - 2
        lines: list[Line] = []
        if self.made is not None:
            lines += [line(f" {text}") for text in summary_of(self.made.completed)]
            resources = resources_of(self.plan, width) if self.plan is not None else "planning it ..."
            lines.append(line(Span(f" {resources}", Tone.GOOD)))
        for command in self.shell_commands():
            lines += wrap_text(command, Tone.MUTED, width, 2, self.kops.glyphs.more)
        return lines

    # Keys

    def action_plan(self) -> None:
        """Show the plan of the new cluster."""
        if self.plan is not None:
            self.kops.push_screen(CreatePlanPage(self.values[NAME], self.plan, self.shell_commands()))
        else:
            self._say_unfinished()

    def action_machine(self) -> None:
        """Choose the machine type of the field under the cursor, or of the nodes."""
        field = self.field_under_cursor
        flag = field.name if field is not None and field.name in MACHINES else "node-size"
        group = self.made.completed.first_of_role(MACHINES[flag]) if self.made is not None else ""
        if self.made is not None and group:
            choose = partial(self.set_value, flag)
            self.kops.push_screen(NewMachinePage(self.made.workspace, group, choose))
        else:
            self._say_unfinished()

    def action_clear(self) -> None:
        """Ask, then remove everything that was typed."""
        if self.values:
            typed = [line(Span(f"{name} ", Tone.MUTED), text) for name, text in self.values.items()]
            question = Question("Remove everything that was typed?", typed[:8], yes="remove it")
            self.kops.confirm(question, self._clear)
        else:
            self.show_notice("nothing was typed yet")

    def _clear(self) -> None:
        self.values.clear()
        self.value_changed()

    def action_save(self) -> None:
        """Ask, then store the cluster."""
        if not self.may_write():
            return
        if self.made is None:
            self._say_unfinished()
            return
        self.kops.confirm(self._question(self.made), partial(self._store, self.made))

    def _say_unfinished(self) -> None:
        if self.is_asking("make") or self.is_asking("plan"):
            self.show_notice("it is still being worked out: try again")
        else:
            problem = next(iter(self.problems.values()), "the cloud was not asked yet, r asks it")
            self.show_notice(Span("not complete: ", Tone.WARN), problem)

    def _question(self, new: MadeCluster) -> Question:
        host = self.kops
        name, groups = self.values[NAME], len(new.made.instance_groups)
        return Question(
            f"Store the new cluster {name}?",
            (
                line(f"stores its spec and {count(groups, 'instance group')}; nothing starts in the cloud"),
                line(Span("where  ", Tone.MUTED), host.session.store_of("")),
                line(Span("who    ", Tone.MUTED), host.engine.settings.operator),
                line(Span("next   ", Tone.MUTED), "plan it with P, and apply that plan"),
                line(Span("undone ", Tone.MUTED), f"by deleting it: :delete {name}"),
            ),
            yes="store it",
        )

    def _store(self, new: MadeCluster) -> None:
        ask = partial(self.kops.engine.store_cluster, new.made, ssh_public_key=new.ssh_public_key)
        # No retry: r is not the key that writes.
        self.run_query("storing it", ask, self._leave_stored, group="save", retry=False)

    def _leave_stored(self, name: str) -> None:
        host = self.kops
        self.values.clear()
        host.session.record_store(name, host.session.store_of(""))
        host.invalidate(name)
        host.pop_screen()
        host.open_screen("open", name)
        host.show_notice(f"{name} is stored: P shows what applying would create")


def show_create(host: ScreenHost, typed: str) -> None:
    """Show the form of a new cluster, with what was typed before. typed: the cluster's name."""
    if typed:
        host.session.new_cluster[NAME] = typed
    if not isinstance(host.screen, CreatePage):
        host.push_screen(CreatePage(host.session.new_cluster))
    elif typed:
        host.screen.set_value(NAME, typed)
