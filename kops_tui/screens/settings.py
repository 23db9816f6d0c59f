"""The settings of this run: versions, paths, and where each setting came from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual.app import ComposeResult

from kops_tui.screens.page import Page
from kops_tui.setting_rows import SettingRow, setting_rows
from kops_tui.styled_text import Span, Tone, line
from kops_tui.widgets.rows import Column, Row, Rows

_COLUMNS = (Column("SETTING", 22), Column("VALUE", 30, flex=2), Column("FROM", 18, flex=1))


class SettingsPage(Page):
    """What ``kops-tui info`` prints, and how this session was started."""

    def __init__(self) -> None:
        super().__init__()
        self.settings: Sequence[SettingRow] = ()
        self.table: Rows[str] = Rows(_COLUMNS, empty="reading the settings ...")
        """Settings, by name."""

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", "Settings")

    def shell_commands(self) -> tuple[str, ...]:
        return ("kops-tui info",)

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        ask = partial(setting_rows, self.kops.engine.settings)
        self.run_query("reading the settings", ask, self._show_settings)

    def _show_settings(self, found: Sequence[SettingRow]) -> None:
        self.settings = [*self._session_rows(), *found]
        self.refill()

    def _session_rows(self) -> list[SettingRow]:
        """What holds for this session alone."""
        host, settings = self.kops, self.kops.engine.settings
        terminal = host.terminal
        return [
            SettingRow(
                "session",
                "may write" if settings.write else "read-only",
                "--write" if settings.write else "default",
            ),
            SettingRow("production clusters", ", ".join(settings.production) or "none"),
            SettingRow("preferences", str(host.preferences_file.path or "not kept")),
            SettingRow("theme", host.theme, ":theme changes it"),
            SettingRow("colours", terminal.colours.value + (", over SSH" if terminal.remote else "")),
        ]

    def refill(self) -> None:
        rows = [
            Row(
                each.name,
                (
                    line(Span(each.name, Tone.STRONG)),
                    line(each.value),
                    line(Span(each.source, Tone.MUTED if each.source == "default" else Tone.YOURS)),
                ),
            )
            for each in self.settings
            if self.matches_filter(each.name, each.value, each.source)
        ]
        self.table.show(rows, empty=self.empty_text("there are no settings"))
