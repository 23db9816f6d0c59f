"""The instances of one cluster: a row a machine, what of its launch template is outdated, deleting one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import ApiAccess, DeleteInstanceRequest
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.runs import Run
from kops_tui.screens.page import Page
from kops_tui.screens.questions import delete_instance_question
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Line, Span, Tone, count, joined, line, wrap
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import GroupStatus, InstanceStatus

_COLUMNS = (
    Column("INSTANCE", 19, sort=1),
    Column("NODE", 19, flex=1, least=130, sort=1),
    Column("GROUP", 24, flex=2, sort=1),
    Column("STATE", 10, sort=1),
    Column("ZONE", 11, least=110, sort=1),
    Column("MACHINE", 10, least=100, sort=1),
    Column("ADDRESS", 14, least=130),
    Column("LAUNCH TEMPLATE", 22, flex=3),
)
_PANE = 4
"""Lines about the instance under the cursor."""


@dataclass(frozen=True)
class Machine:
    """An instance with the group that it is of."""

    group: GroupStatus
    instance: InstanceStatus


class InstancesPage(Page):
    """The machines of all instance groups."""

    ENTER = "group's spec"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "instances.delete",
            "X",
            "delete",
            "delete...",
            "Drain and terminate the instance under the cursor; its group starts another",
            rank=10,
        ),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.machines: dict[str, Machine] = {}
        """By the instance's id."""
        self.with_nodes = False
        """Whether Kubernetes has told the names of the nodes."""
        self._run: Run | None = None
        self.table: Rows[str] = Rows(_COLUMNS, empty="asking the cloud ...")
        """Instances, by id."""

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Instances")

    def badge(self) -> Line:
        outdated = sum(bool(each.instance.reason) for each in self.machines.values())
        told = [
            count(len(self.machines), "instance"),
            Span(f"{outdated} outdated", Tone.WARN) if outdated else "",
        ]
        return joined(told, f" {self.kops.glyphs.dot} ") if self.machines else ()

    def shell_commands(self) -> tuple[str, ...]:
        instance = self.table.key or "ID"
        delete = f"delete instance {instance} --yes"
        return (*self.in_shell("get instances", "get instances"), *self.in_shell(delete, delete))

    def on_mount(self) -> None:
        self.reload()

    def on_screen_resume(self) -> None:
        if self._run is not None and not self._run.running:
            self._run = None
            self.reload()

    def reload(self) -> None:
        self.with_workspace(self._ask_cloud)

    def _ask_cloud(self, workspace: Workspace) -> None:
        def show(groups: Sequence[GroupStatus]) -> None:
            self.with_nodes = False
            self._show_groups(groups)
            if self.machines:
                self.run_query(
                    "asking Kubernetes", partial(_read_nodes, workspace), self._show_nodes, group="nodes"
                )

        self.run_query("asking the cloud", workspace.groups, show, group="groups")

    def _show_nodes(self, answer: tuple[Sequence[GroupStatus], Sequence[str]]) -> None:
        groups, warnings = answer
        self.with_nodes = not warnings
        self._show_groups(groups)
        for each in warnings:
            self.add_notice(each)

    def _show_groups(self, groups: Sequence[GroupStatus]) -> None:
        self.machines = {each.id: Machine(group, each) for group in groups for each in group.instances}
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        rows = [
            self._build_row(each) for each in self.machines.values() if self.matches_filter(*_texts(each))
        ]
        self.table.show(rows, empty=self.empty_text("it has no instances: apply it first, with P"))
        self._show_detail()

    def _build_row(self, each: Machine) -> Row[str]:
        instance = each.instance
        in_service = instance.state == "InService"
        return Row(
            instance.id,
            (
                line(Span(instance.id, Tone.STRONG)),
                line(instance.node or Span("-" if self.with_nodes else "", Tone.MUTED)),
                line(each.group.name),
                line(Span(instance.state, Tone.PLAIN if in_service else Tone.WARN)),
                line(instance.zone),
                line(instance.machine_type),
                line(instance.private_ip),
                line(
                    Span(
                        instance.reason.removeprefix("launch template ") or "up to date",
                        Tone.WARN if instance.reason else Tone.GOOD,
                    )
                ),
            ),
            Span("~", Tone.WARN) if instance.reason else NO_FLAG,
        )

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        """The instance under the cursor in full."""
        each = self.machines.get(self.table.key or "")
        lines: list[Line] = []
        if each is not None:
            instance, dot = each.instance, f" {self.kops.glyphs.dot} "
            about = [
                each.group.role,
                instance.machine_type,
                instance.zone,
                instance.private_ip,
                instance.public_ip,
            ]
            node = instance.node or ("no node has joined" if self.with_nodes else "")
            node = "" if node == instance.id else node
            why = f"needs update: {instance.reason}" if instance.reason else "as its group wants it"
            lines = [
                line(" ", Span(instance.id, Tone.STRONG), f"  {node}"),
                line(" ", joined(about, dot)),
                *wrap(line(f" {why}"), self.app.size.width - 2, 1),
            ]
        self.query_one("#detail", Note).show([*lines, *[()] * _PANE][:_PANE])

    @on(Rows.Selected)
    def _open_group(self) -> None:
        """Show the spec of the instance's group."""
        each = self.machines.get(self.table.key or "")
        if each is not None:
            self.app.push_screen(SpecPage(self.cluster, each.group.name))

    def action_delete(self) -> None:
        """Ask for the cluster's name, then drain and terminate the instance under the cursor."""
        each, app = self.machines.get(self.table.key or ""), self.kops
        if each is None or not self.may_start_run():
            return
        question = delete_instance_question(
            self.cluster, each.group, each.instance, app.session.account, app.engine.settings.operator
        )
        app.confirm(question, partial(self._start_deletion, each.instance.id))

    def _start_deletion(self, instance: str) -> None:
        self._run = self.kops.start_run(DeleteInstanceRequest(self.cluster, instance))


def _texts(each: Machine) -> Sequence[str]:
    """What the filter looks at."""
    instance = each.instance
    return (
        instance.id,
        instance.node,
        each.group.name,
        each.group.role,
        instance.state,
        instance.zone,
        instance.machine_type,
        instance.private_ip,
        instance.reason or "up to date",
    )


def _read_nodes(workspace: Workspace) -> tuple[Sequence[GroupStatus], Sequence[str]]:
    """I/O. The groups with the nodes on their instances, and what could not be read of these."""
    warnings: list[str] = []
    return workspace.groups_to_roll(access=ApiAccess(), warn=warnings.append), warnings
