"""Protection against deletion: the cluster and its instance groups, turned on and off after a question."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult

from kops_tui.dialogs.confirm import Question
from kops_tui.ports import CLUSTER, Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Span, Tone, line
from kops_tui.widgets.rows import Column, Row, Rows

_COLUMNS = (Column("OBJECT", 30, flex=1), Column("AGAINST DELETION", 20))


class ProtectionPage(Page):
    """What of a cluster is protected."""

    ENTER = "on/off"

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.workspace: Workspace | None = None
        self.table: Rows[str] = Rows(_COLUMNS, empty="reading the cluster ...")
        """Objects, by name."""

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Protection")

    def shell_commands(self) -> tuple[str, ...]:
        """The command that turns the protection of the object under the cursor on or off."""
        name = self.table.key
        if name is None or self.workspace is None:
            return ()
        kind = "cluster" if name == CLUSTER else f"instancegroup {name}"
        off = " --off" if name in self.workspace.protected else ""
        return self.in_shell(f"protect {kind}{off}")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.with_workspace(self._show_workspace)

    def _show_workspace(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.refill()

    def refill(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        rows = []
        for name in workspace.objects():
            on_ = name in workspace.protected
            state = Span("protected", Tone.GOOD) if on_ else Span("-", Tone.MUTED)
            label = self._label(name)
            if self.matches_filter(label):
                rows.append(Row(name, (line(Span(label, Tone.STRONG)), line(state))))
        self.table.show(rows, empty=self.empty_text("nothing"))

    def _label(self, name: str) -> str:
        return f"{self.cluster} (the cluster)" if name == CLUSTER else name

    @on(Rows.Selected)
    def _ask(self) -> None:
        """Ask, then turn the protection of the object under the cursor on or off."""
        name, workspace = self.table.key, self.workspace
        if name is None or workspace is None or not self.may_write():
            return
        on_ = name not in workspace.protected
        title = f"Protect {self._label(name)}?" if on_ else f"Protect {self._label(name)} no longer?"
        told = "it can't be deleted until this is taken back" if on_ else "it can be deleted then"
        lines = (line(told), line(Span("where  ", Tone.MUTED), workspace.store))
        yes = "protect it" if on_ else "protect it no longer"
        self.kops.confirm(Question(title, lines, yes=yes), partial(self._protect, workspace, name, on_))

    def _protect(self, workspace: Workspace, name: str, on_: bool) -> None:
        engine = self.kops.engine

        def protect() -> None:
            engine.protect(self.cluster, "" if name == CLUSTER else name, on=on_)
            workspace.refresh()

        # No retry: r is not the key that writes.
        self.run_query("storing it", protect, self._show_stored, group="protect", retry=False)

    def _show_stored(self, _: None) -> None:
        self.kops.invalidate(self.cluster)
        self.refill()
