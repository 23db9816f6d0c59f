"""The machine types that an instance group may have: processors, memory, architecture, GPUs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kops_core import render_path
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page, unsaved_note
from kops_tui.styled_text import Line, Span, Tone, count, line, value_text
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import MachineType

_COLUMNS = (
    Column("MACHINE TYPE", 20, flex=1),
    Column("VCPU", 5, right=True),
    Column("MEMORY GiB", 10, right=True),
    Column("ARCHITECTURE", 14),
    Column("GPU", 3, right=True),
    Column("SPOT", 4),
)
_ARCHITECTURES = {"x86_64": "amd64"}
"""Kubernetes' names of architectures, where EC2's differ."""


class MachineTypesPage(Page):
    """A list to choose a machine type from, of those on offer in the zones of an instance group."""

    HINT = "takes the one under the cursor"
    ENTER = "choose"

    def __init__(self, workspace: Workspace, group: str) -> None:
        super().__init__()
        self.workspace = workspace
        self.group = group
        self.types: Sequence[MachineType] | None = None
        """None until the cloud has told them."""
        self.current = value_text(workspace.explain(self.path("machineType")).value)
        """The machine type that the group has."""
        self.table: Rows[str] = Rows(_COLUMNS, empty="asking the cloud ...")
        """Machine types, by name."""

    @abstractmethod
    def take(self, chosen: str) -> None:
        """Do what the page is for with the machine type that was chosen."""

    def path(self, field: str) -> tuple[str, ...]:
        """The path of a field of the group."""
        return ("instanceGroups", self.group, "spec", field)

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([(), ()], classes="pane", id="chosen")

    def badge(self) -> Line:
        if self.types is None:
            return ()
        shown = len(self.table.rows)
        return line(f"{shown} of {len(self.types)}" if self.search else count(len(self.types), "type"))

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        ask = partial(self.workspace.machine_types, self.group)
        self.run_query("asking the cloud for its machine types", ask, self._show_types)

    def _show_types(self, types: Sequence[MachineType]) -> None:
        self.types = types
        self.refill()
        self.table.move_to_key(self.current)

    def refill(self) -> None:
        if self.types is not None:
            rows = [self._build_row(each) for each in self.types]
            shown = [row for row in rows if self.matches_filter(row.key, *_searched(row))]
            here = self.table.key
            self.table.show(shown, empty=self.empty_text("no machine type is on offer in its zones"))
            if self.table.key != here:  # the filter hides it: begin with the first of the others
                self.table.move_to(0)
        self._show_current()
        self.refresh_header()

    def _build_row(self, each: MachineType) -> Row[str]:
        return Row(
            each.name,
            (
                line(Span(each.name, Tone.YOURS if each.name == self.current else Tone.STRONG)),
                line(str(each.vcpus)),
                line(f"{round(each.memory_mib / 1024, 1):g}"),
                line(architectures_of(each)),
                line(str(each.gpus) if each.gpus else "-"),
                line("yes" if "spot" in each.usage_classes else "-"),
            ),
            Span("=", Tone.YOURS) if each.name == self.current else Span(""),
        )

    @on(Rows.Highlighted)
    def _show_current(self) -> None:
        known = {each.name: each for each in self.types or ()}
        now, here = known.get(self.current), known.get(self.table.key or "")
        lines: list[Line] = [
            line(
                Span(f" {self.group} has ", Tone.MUTED),
                Span(self.current, Tone.STRONG),
                Span(" now", Tone.MUTED),
            )
        ]
        if now is not None and here is not None and architectures_of(now) != architectures_of(here):
            lines.append(
                line(Span(f" another architecture than {self.current}: its image has to fit", Tone.WARN))
            )
        elif self.workspace.explain(self.path("mixedInstancesPolicy")).value:
            path = render_path(self.path("mixedInstancesPolicy"))
            lines.append(line(Span(f" {path} names machine types, too", Tone.WARN)))
        else:
            lines.append(line(Span(" enter", Tone.KEY), f" {self.HINT}"))
        self.query_one("#chosen", Note).show([*lines, (), ()][:2])

    @on(Rows.Selected)
    def _choose(self) -> None:
        chosen = self.table.key
        if chosen == self.current:
            self.show_notice("it has that machine type already")
        elif chosen is not None:
            self.take(chosen)


class GroupMachinePage(MachineTypesPage):
    """The machine type of an instance group; the choice is an unsaved edit."""

    HINT = "takes the one under the cursor, as an unsaved edit"

    def __init__(self, workspace: Workspace, group: str) -> None:
        super().__init__(workspace, group)
        self.cluster = workspace.name

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, f"Machine type of {self.group}")

    def note(self) -> str:
        return unsaved_note(self.workspace)

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that set the machine type under the cursor: kops-tui's, then kOps'."""
        rest = f"edit instancegroup {self.group} --set=spec.machineType={self.table.key}"
        return self.in_shell(rest, rest) if self.table.key else ()

    def take(self, chosen: str) -> None:
        """Make it an unsaved edit; the cloud tells the rest about it."""
        self.workspace.set(self.path("machineType"), chosen)
        self.current = chosen
        self.kops.edits_changed(self.workspace)
        self.run_query("asking the cloud about it", self.workspace.look_up, lambda _: self._leave(chosen))

    def _leave(self, chosen: str) -> None:
        host = self.kops
        if self.is_current:
            host.pop_screen()
            host.show_notice(
                f"{chosen} for {self.group}, not saved yet: P plans it, :spec {self.group} shows it"
            )


class NewMachinePage(MachineTypesPage):
    """The machine type of groups of a cluster that is not stored; the choice goes to its form."""

    def __init__(self, workspace: Workspace, group: str, choose: Callable[[str], None]) -> None:
        super().__init__(workspace, group)
        self._choose_for = choose

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", "New cluster", self.workspace.name, f"Machine type of {self.group}")

    def take(self, chosen: str) -> None:
        """Leave, and put it into the form."""
        self.kops.pop_screen()
        self._choose_for(chosen)


def architectures_of(machine: MachineType) -> str:
    """The architectures of a machine type, by Kubernetes' names."""
    return " ".join(_ARCHITECTURES.get(each, each) for each in machine.architectures)


def _searched(row: Row[str]) -> list[str]:
    return ["".join(span.text for span in cell) for cell in row.cells[3:4]]
