"""The overview of a cluster: its instance groups in the spec and in the cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingsMap, BindingType

from kops_core import KopsError, Maybe
from kops_tui.keys import bind
from kops_tui.messages import ClusterInvalidated
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.screens.group_actions import GroupActions
from kops_tui.screens.group_status import ready_count, update_cell
from kops_tui.screens.page import unsaved_note
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Line, Span, Tone, count, joined, line, value_text
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import GroupStatus

_COLUMNS = (
    Column("INSTANCE GROUP", 22, flex=2),
    Column("ROLE", 12),
    Column("MACHINE", 11),
    Column("MIN", 3, right=True, least=90),
    Column("MAX", 3, right=True, least=90),
    Column("READY", 5, right=True),
    Column("NODES", 16, flex=1),
)

_FACTS = (
    ("kubernetes", ("spec", "kubernetesVersion")),
    ("network", ("spec", "networking")),
    ("", ("spec", "networkCIDR")),
    ("api", ("spec", "api")),
    ("channel", ("spec", "channel")),
)


class ClusterPage(GroupActions):
    """The overview of a cluster; its keys lead to the screens about it."""

    ENTER = "spec"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("cluster.open", "right", "open", "", "Spec of the instance group"),
    ]

    def __init__(self, name: str, links: Sequence[BindingType] = ()) -> None:
        """links: keys that lead to other screens."""
        super().__init__()
        self._bindings = BindingsMap.merge([self._bindings, BindingsMap(links)])
        self.cluster = name
        self.groups: dict[str, GroupStatus] = {}
        self._stale = False
        """Whether the cluster was changed since the cloud was asked."""
        self.table: Rows[str] = Rows(_COLUMNS, empty="reading the cluster ...")
        """Instance groups, by name."""

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table
        yield Note([(), ()], classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster)

    def note(self) -> str:
        return unsaved_note(self.workspace)

    def shell_commands(self) -> tuple[str, ...]:
        return self.in_shell("get all", "get all")

    def on_mount(self) -> None:
        self.with_workspace(self._show_workspace)

    def on_screen_resume(self) -> None:
        if self.workspace is not None and self._stale:
            self._stale = False
            self._show_workspace(self.workspace)
        elif self.workspace is not None:
            self.refill()

    def reload(self) -> None:
        self.with_workspace(self._show_workspace)

    def _show_workspace(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.refill()
        self.run_query("asking the cloud", workspace.groups, self._show_groups, group="groups")

    @on(ClusterInvalidated)
    def _show_changed(self, message: ClusterInvalidated) -> None:
        """Ask again, when it is next seen, about a cluster that an operation or another screen changed."""
        if message.cluster == self.cluster:
            self._stale = True
            if self.is_current:
                self.on_screen_resume()

    def facts_arrived(self) -> None:
        """Show what is inferred with the cloud's facts."""
        self.refill()

    def _show_groups(self, groups: Sequence[GroupStatus]) -> None:
        self.groups = {group.name: group for group in groups}
        self.refill()

    def refill(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        try:
            rows = [self._build_row(workspace, name) for name in workspace.objects() if name != CLUSTER]
            about = self._summary_lines(workspace)
        except KopsError as problem:
            self.show_error(problem)
            return
        self.table.show(
            [row for row in rows if self.matches_filter(row.key)],
            empty=self.empty_text("it has no instance groups"),
        )
        self.query_one("#about", Note).show(about)
        self._show_detail()
        self.refresh_header()

    def _summary_lines(self, workspace: Workspace) -> list[Line]:
        dot = f" {self.kops.glyphs.dot} "
        facts = [
            line(Span(f"{label} " if label else "", Tone.MUTED), text)
            for label, path in _FACTS
            if (text := _shorten_value(workspace.explain(path).value))
        ]
        errors = workspace.errors() if workspace.facts_read else ()
        state: Line = line(Span("spec is valid", Tone.GOOD))
        if not workspace.facts_read:
            state = line(Span("not validated yet: the cloud was not asked", Tone.MUTED))
        if errors:
            state = line(
                Span(count(len(errors), "error"), Tone.BAD),
                f" in the spec: {errors[0].path}: {errors[0].message}",
            )
        return [line(" ", joined(facts, dot)), line(" ", state)]

    def _build_row(self, workspace: Workspace, name: str) -> Row[str]:
        def value(field: str) -> str:
            return value_text(workspace.explain(("instanceGroups", name, "spec", field)).value)

        group = self.groups.get(name)
        role = value("role")
        cells = [
            line(Span(name, Tone.STRONG)),
            line("ControlPlane" if role == "Master" else role),
            line(value("machineType")),
            line(value("minSize")),
            line(value("maxSize")),
        ]
        if group is None:
            cells += [line(Span("...", Tone.MUTED)), ()]
        else:
            ready = ready_count(group)
            cells += [
                line(Span(f"{ready}/{group.wanted}", Tone.PLAIN if ready >= group.wanted else Tone.WARN)),
                update_cell(group),
            ]
        return Row(name, tuple(cells))

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        group = self.groups.get(self.table.key or "")
        lines: list[Line] = [(), ()]
        if group is not None:
            dot = f" {self.kops.glyphs.dot} "
            kept = self.workspace.protected if self.workspace is not None else ()
            protected = Span("protected against deletion", Tone.GOOD) if group.name in kept else ""
            zones = sorted({each.zone for each in group.instances if each.zone})
            lines[0] = line(
                " ",
                Span(group.name, Tone.STRONG),
                "  ",
                joined([count(len(group.instances), "instance"), " ".join(zones), protected], dot),
            )
            reasons = sorted({each.reason for each in group.instances if each.reason})
            lines[1] = line(
                " ", joined([f"to be replaced: {reasons[0]}" if reasons else "nothing to replace"], dot)
            )
        self.query_one("#detail", Note).show(lines)

    @property
    def selected_group(self) -> str:
        return self.table.key or ""

    @on(Rows.Selected)
    def action_open(self) -> None:
        self.app.push_screen(SpecPage(self.cluster, self.table.key or ""))


def _shorten_value(value: Maybe) -> str:
    """A value in a word; of a structure, the fields that are set."""
    if isinstance(value, dict):
        return " ".join(str(key) for key in value)
    return (
        value_text(value).rpartition("/")[2]
        if isinstance(value, str) and "://" in value
        else value_text(value)
    )
