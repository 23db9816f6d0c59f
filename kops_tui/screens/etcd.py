"""The backups of a cluster's etcd clusters, and restores that etcd-manager is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_tui.dialogs.confirm import Question
from kops_tui.etcd_text import after_request, lost_control_warning, restore_consequence
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, age, ago, count, joined, line, wrap
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import EtcdBackup, StagedRestore

_COLUMNS = (
    Column("ETCD", 8),
    Column("BACKUP", 27, flex=1),
    Column("MADE", 16),
    Column("AGE", 4, right=True),
    Column("STATE", 18, flex=2),
)
_PANE = 5
"""Lines about the etcd cluster under the cursor."""


@dataclass(frozen=True)
class EtcdState:
    """An etcd cluster's backup store."""

    name: str
    url: str
    backups: Sequence[EtcdBackup]
    """The newest first."""
    staged: Sequence[StagedRestore]
    """Restores that were requested and not carried out."""
    lost_control: bool
    """Whether etcd-manager would take it for a new cluster, and start it empty."""


@dataclass(frozen=True)
class BackupKey:
    """A backup of an etcd cluster; one without a name stands for an etcd cluster that has none."""

    etcd: str
    backup: str


class EtcdPage(Page):
    """Backups by etcd cluster, the newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "etcd.restore",
            "R",
            "restore",
            "restore...",
            "Request that etcd-manager restores the backup",
            rank=10,
        ),
        bind(
            "etcd.withdraw", "W", "withdraw", "withdraw...", "Take back a restore that was requested", rank=12
        ),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.workspace: Workspace | None = None
        self.states: dict[str, EtcdState] = {}
        """By the etcd cluster's name."""
        self.table: Rows[BackupKey] = Rows(_COLUMNS, empty="reading the backups ...")

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table
        yield Note([()] * _PANE, classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "etcd backups")

    def shell_commands(self) -> tuple[str, ...]:
        key = self.table.key
        etcd, backup = (key.etcd, key.backup or "BACKUP") if key is not None else ("main", "BACKUP")
        return (
            *self.in_shell("etcd backups"),
            *self.in_shell(f"etcd restore {etcd} {backup} --yes"),
            *self.in_shell(f"etcd withdraw {etcd}"),
        )

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.with_workspace(self._read)

    def _read(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.run_query("reading the backups", partial(_read_states, workspace), self._show_states)

    def _show_states(self, states: Sequence[EtcdState]) -> None:
        self.states = {each.name: each for each in states}
        self.refill()

    def refill(self) -> None:
        rows: list[Row[BackupKey]] = []
        for state in self.states.values():
            found = [
                each for each in state.backups if self.matches_filter(state.name, each.name, each.problem)
            ]
            rows += [self._build_row(state, each) for each in found]
            if not state.backups and self.matches_filter(state.name):
                note = Span("none yet: etcd-manager makes the first one when etcd runs", Tone.MUTED)
                rows.append(Row(BackupKey(state.name, ""), (line(f"   {state.name:<8}  ", note),)))
        self.table.show(rows, empty=self.empty_text("its spec names no etcd cluster"))
        self.query_one("#about", Note).show(self._summary_lines())
        self._show_detail()

    def _summary_lines(self) -> list[Line]:
        now = self.kops.now()
        told = [
            f"{each.name}: {count(len(each.backups), 'backup')}"
            + (f", the last {ago(each.backups[0].at, now)}" if each.backups and each.backups[0].at else "")
            for each in self.states.values()
        ]
        warnings = [
            line(Span(f"a restore of {state.name} is requested since {ago(each.at, now)}", Tone.WARN))
            for state in self.states.values()
            for each in state.staged
        ]
        lost = [
            line(Span(f"{each.name} would start empty: its control file is gone", Tone.BAD))
            for each in self.states.values()
            if each.lost_control
        ]
        dot = f" {self.kops.glyphs.dot} "
        return [line(" ", joined(told, dot)), line(" ", joined([*lost, *warnings], dot))]

    def _build_row(self, state: EtcdState, each: EtcdBackup) -> Row[BackupKey]:
        staged = [restore for restore in state.staged if restore.backup == each.name]
        told = Span(each.problem or "complete", Tone.BAD if each.problem else Tone.GOOD)
        if staged:
            told = Span("restore requested  W withdraws it", Tone.WARN)
        return Row(
            BackupKey(state.name, each.name),
            (
                line(Span(state.name, Tone.STRONG)),
                line(each.name),
                line(f"{each.at:%Y-%m-%d %H:%M}" if each.at else ""),
                line(Span(age(each.at, self.kops.now()), Tone.MUTED)),
                line(told),
            ),
            Span("!", Tone.WARN) if staged else NO_FLAG,
        )

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        key = self.table.key
        state = self.states.get(key.etcd) if key is not None else None
        lines: list[Line] = []
        if state is not None:
            width = self.app.size.width - 2
            lines = [line(" ", Span(state.name, Tone.STRONG), f"  {state.url}")]
            if state.lost_control:
                lines += wrap(
                    line(" ", Span(lost_control_warning(state.name, state.url), Tone.BAD)), width, 1
                )
            elif state.staged:
                lines += wrap(line(" ", after_request(state.name)), width, 1)
        self.query_one("#detail", Note).show([*lines, *[()] * _PANE][:_PANE])

    # Restores

    def action_restore(self) -> None:
        """Read the backup under the cursor, then ask whether it should be restored."""
        key, workspace = self.table.key, self.workspace
        if key is None or workspace is None or not self.may_start_run():
            return
        if not key.backup:
            self.show_notice(f"{key.etcd} has no backup yet")
            return
        self.run_query(
            "reading the backup",
            lambda: workspace.etcd_clusters().backups(key.etcd).read(key.backup),
            partial(self._ask_to_restore, workspace, key.etcd),
            group="backup",
        )

    def _ask_to_restore(self, workspace: Workspace, etcd: str, backup: EtcdBackup) -> None:
        app = self.kops
        question = Question(
            f"Request that etcd {etcd} of {self.cluster} is restored?",
            (
                line(Span("backup ", Tone.MUTED), backup.name),
                line(
                    Span("etcd   ", Tone.MUTED),
                    f"{backup.etcd_version or 'of unknown version'}, {count(backup.members, 'member')}",
                ),
                line(Span("what   ", Tone.MUTED), Span(restore_consequence(etcd, backup), Tone.BAD)),
                line(Span("where  ", Tone.MUTED), app.session.store_of(self.cluster)),
                line(Span("who    ", Tone.MUTED), app.engine.settings.operator),
                line(
                    Span("undone ", Tone.MUTED),
                    Span("W", Tone.KEY),
                    " takes it back until etcd-manager restarts",
                ),
            ),
            yes="request it",
            typed=self.cluster,
        )
        app.confirm(question, partial(self._stage_restore, workspace, etcd, backup.name))

    def _stage_restore(self, workspace: Workspace, etcd: str, backup: str) -> None:
        self.run_query(
            "requesting the restore",
            lambda: workspace.etcd_clusters().stage_restore(etcd, backup),
            lambda _: self._changed("requested: it is carried out once etcd-manager has restarted"),
            group="change",
            retry=False,
        )

    def action_withdraw(self) -> None:
        """Ask, then take back the requested restores of the etcd cluster under the cursor."""
        key, workspace = self.table.key, self.workspace
        state = self.states.get(key.etcd) if key is not None else None
        if state is None or workspace is None:
            return
        if not state.staged:
            self.show_notice(f"no restore of {state.name} is requested")
        elif self.may_start_run():
            named = ", ".join(each.backup for each in state.staged)
            question = Question(
                f"Withdraw the restore of etcd {state.name} of {self.cluster}?",
                (
                    line(Span("backup ", Tone.MUTED), named),
                    line("etcd stays as it is when etcd-manager restarts."),
                ),
                yes="withdraw",
            )
            self.kops.confirm(question, partial(self._withdraw, workspace, state.name))

    def _withdraw(self, workspace: Workspace, etcd: str) -> None:
        self.run_query(
            "withdrawing the restore",
            lambda: workspace.etcd_clusters().withdraw(etcd),
            lambda taken: self._changed(
                f"withdrew the restore of {', '.join(each.backup for each in taken)}"
            ),
            group="change",
            retry=False,
        )

    def _changed(self, told: str) -> None:
        self.show_notice(told)
        self.reload()


def _read_states(workspace: Workspace) -> list[EtcdState]:
    """I/O. The backup store of each etcd cluster."""
    workspace.read_facts()
    clusters = workspace.etcd_clusters()
    found = []
    for name in clusters.names:
        store = clusters.backups(name)
        found.append(EtcdState(name, store.url, store.newest_first(), store.staged(), store.lost_control()))
    return found
