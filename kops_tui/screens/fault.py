"""The screen after a crash: in a separate app, as the one that crashed can't be trusted to paint."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from kops_tui.faults import Fault, fault_text
from kops_tui.input_router import Burst, InputRouter, note_when_shown
from kops_tui.terminal_driver import TerminalDriver


class _FaultScreen(Screen[None]):
    """What happened, what was kept, and how to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,enter,escape", "app.exit", "leave")]

    def __init__(self, fault: Fault) -> None:
        super().__init__()
        self.fault = fault
        self.shown_at = math.inf

    def compose(self) -> ComposeResult:
        yield Static(f"{fault_text(self.fault)}\n\nq leaves.", markup=False)

    def on_mount(self) -> None:
        note_when_shown(self)

    def add_notice(self, text: str) -> None:
        """No notices: keys that were typed before this screen was shown are dropped silently."""


class FaultApp(App[int], inherit_bindings=False):
    """Shows one screen about the crash."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Static { padding: 1 2; width: 1fr; }"

    def __init__(self, fault: Fault) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.fault = fault
        self.input = InputRouter(self, super().on_event)

    def on_mount(self) -> None:
        self.push_screen(_FaultScreen(self.fault))
        self.run_worker(self.input.run())

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.InputEvent, events.Paste)) and not event.is_forwarded:
            self.input.put(Burst((event,), event.time))
        else:
            await super().on_event(event)

    def on_burst(self, burst: Burst) -> None:
        self.input.put(burst)

    def on_terminal_lost(self) -> None:
        self.exit()

    async def action_exit(self) -> None:
        self.exit()


def show_fault(fault: Fault) -> None:
    """Show a crash until the operator leaves, then print it once more for the shell's scrollback."""
    FaultApp(fault).run(mouse=False)
    with suppress(OSError):  # the terminal may be gone
        sys.stderr.write(fault_text(fault) + "\n")
