"""Removing an instance group: which nodes are drained and what is deleted; then the question."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import DeleteGroupRequest, GroupDeletionOptions
from kops_tui.dialogs.confirm import Question
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, count, line, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import GroupDeletion

_COLUMNS = (Column("ACTION", 9), Column("KIND", 18), Column("NAME", 30, flex=1))
_PANE = 4


class GroupRemovalPage(Page):
    """What the removal of an instance group takes with it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("removal.remove", "X", "remove", "remove...", "Remove it; asks for the cluster's name", rank=10),
        bind("removal.drain", "w", "drain", "drain", "With draining its nodes first, or without", rank=12),
    ]

    def __init__(self, workspace: Workspace, group: str) -> None:
        super().__init__()
        self.workspace = workspace
        self.cluster = workspace.name
        self.group = group
        self.options = GroupDeletionOptions()
        self.found: GroupDeletion | None = None
        self.table: Rows[tuple[str, str]] = Rows(_COLUMNS, empty="looking for what belongs to it ...")
        """What goes, by kind and name."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="warnings")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, f"Remove {self.group}")

    def badge(self) -> Line:
        return () if self.options.drain else line(Span("without draining", Tone.BAD))

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that remove the group: kops-tui's, then kOps'."""
        rest = f"delete instancegroup {self.group} --yes"
        return self.in_shell(f"{rest}{'' if self.options.drain else ' --no-drain'}", rest)

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.found = None
        deleter = self.workspace.group_deleter(self.group, self.options)
        self.run_query("looking for what belongs to it", deleter.plan, self._show_found)

    def _show_found(self, found: GroupDeletion) -> None:
        self.found = found
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        found = self.found
        if found is None:
            return
        kinds = [each.partition("/") for each in found.resources]
        things = [("drain", "Node", each) for each in found.nodes]
        things += [("terminate", "Instance", each) for each in found.machines]
        things += [("delete", kind, name) for kind, _, name in kinds]
        things.append(("delete", "InstanceGroup", found.group))
        self.table.show(
            [
                Row((kind, name), (line(Span(action, Tone.BAD)), line(kind), line(Span(name, Tone.STRONG))))
                for action, kind, name in things
                if self.matches_filter(action, kind, name)
            ],
            empty=self.empty_text("nothing"),
        )
        width = self.app.size.width - 2
        lines = [cut for each in found.warnings for cut in wrap(line(Span(f" {each}", Tone.WARN)), width, 1)]
        self.query_one("#warnings", Note).show([*lines, *[()] * _PANE][:_PANE])

    def on_resize(self) -> None:
        self.refill()

    def action_drain(self) -> None:
        """Look again, with draining the nodes or without."""
        self.options = GroupDeletionOptions(drain=not self.options.drain)
        self.refresh_header()
        self.reload()

    def action_remove(self) -> None:
        """Ask for the cluster's name, then remove the group."""
        found = self.found
        if found is None:
            self.show_notice("it is not known yet what that takes along")
        elif self.may_start_run():
            self.kops.confirm(self._question(found), partial(self._start, self.options))

    def _question(self, found: GroupDeletion) -> Question:
        host = self.kops
        nodes, machines = count(len(found.nodes), "node"), count(len(found.machines), "machine")
        how = f"drains {nodes} first" if self.options.drain else "without draining: their pods are lost"
        return Question(
            f"Remove the instance group {self.group} of {self.cluster}?",
            (
                line(f"terminates {machines} and deletes {count(len(found.resources), 'resource')}, {how}"),
                *(line(Span("note   ", Tone.WARN), each) for each in found.warnings),
                line(Span("where  ", Tone.MUTED), host.session.account),
                line(Span("who    ", Tone.MUTED), host.engine.settings.operator),
                line(Span("undone ", Tone.MUTED), Span("not: its machines are gone", Tone.BAD)),
            ),
            yes="remove",
            typed=self.cluster,
        )

    def _start(self, options: GroupDeletionOptions) -> None:
        host = self.kops
        host.pop_screen()  # what it shows is gone when the operation has ended
        host.start_run(DeleteGroupRequest(self.cluster, self.group, options))
