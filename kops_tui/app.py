"""The app: input, errors, and the keys that work everywhere. Everything else is in the screens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.message import Message

from kops_core import Asked, KopsError
from kops_tui.daemon_threads import DaemonThreads
from kops_tui.dialogs.mfa import ask_for_code
from kops_tui.faults import Fault, record_fault
from kops_tui.host import Registry, ScreenHost, utc_now
from kops_tui.input_router import Burst, InputRouter, TerminalLost
from kops_tui.keys import bind
from kops_tui.ports import Engine
from kops_tui.preferences import Preferences, PreferencesFile
from kops_tui.runs import Run
from kops_tui.screens.fault import show_fault
from kops_tui.screens.fleet import FleetPage
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line
from kops_tui.terminal import ASCII, Terminal
from kops_tui.terminal_driver import TerminalDriver
from kops_tui.terminal_loss import GRACE, TerminalWatch
from kops_tui.themes import THEMES, theme_for
from kops_tui.visited import Place
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows

if TYPE_CHECKING:
    from kops_core import OperationHandle, OperationSummary

EXIT_FAILED = 1
"""Exit code of a run that ended on a fault."""

_MOUSE_MODES = (1000, 1003, 1015, 1006)
"""xterm's private modes for buttons, motion, and coordinates past column 223."""


class KopsApp(ScreenHost, inherit_bindings=False):
    """The terminal UI of one engine."""

    TITLE = "kops-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "app.help",
            "question_mark,f1",
            "command('help')",
            "help",
            "Every key that works here",
            rank=1,
            sign="?",
        ),
        bind(
            "app.command", "colon", "open_prompt", "command", "Type a command, e.g. :plan", rank=2, sign=":"
        ),
        bind(
            "app.back",
            "escape",
            "back",
            "back",
            "Leave what was opened; then the screen",
            rank=90,
            sign="esc",
        ),
        bind(
            "app.quit",
            "q",
            "command('quit')",
            "quit",
            "End the program; asks where something would be lost",
            rank=95,
        ),
        bind("app.interrupt", "ctrl+c", "interrupt", "", "Copy what is selected; never ends an operation"),
        bind("app.suspend", "ctrl+z", "suspend_process", "", "Back to the shell; fg returns. Also :suspend"),
        bind("app.redraw", "f12,ctrl+l", "redraw", "", "Paint the screen again, after others wrote on it"),
        bind("app.mouse", "f9", "mouse", "", "Give the mouse to the program, or back to the terminal"),
        bind(
            "app.visited_before",
            "left_square_bracket",
            "step(-1)",
            "",
            "The screen that was visited before this one",
            sign="[",
        ),
        bind("app.visited_next", "right_square_bracket", "step(1)", "", "The screen visited next", sign="]"),
        bind("app.visited_last", "minus", "last", "", "The screen before, and back again", sign="-"),
        bind("app.runs", "f2", "command('runs')", "", "Go to what is running, or the list of operations"),
        bind("app.dump", "f8", "command('dump')", "", "Write this screen to a file, as text and SVG"),
    ]

    def __init__(
        self,
        engine: Engine,
        terminal: Terminal | None = None,
        *,
        now: Callable[[], datetime] = utc_now,
        preferences: Preferences | None = None,
        preferences_file: Path | None = None,
        attach: OperationHandle | None = None,
    ) -> None:
        """preferences_file: where the theme is kept. attach: an operation to be shown at once."""
        super().__init__(engine, terminal, now=now)
        self.preferences_file = PreferencesFile(preferences_file)
        preferred = preferences or Preferences()
        self._attached = attach
        self.input = InputRouter(self, super().on_event)
        self._routing: asyncio.Task[None] | None = None
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme_for(self.terminal.colours, preferred.theme)
        self.animation_level = "none"
        self.mouse = not self.terminal.remote if preferred.mouse is None else preferred.mouse
        self.fault: Fault | None = None
        """The bug that ended the app, if one did."""
        self._keymap = preferred.keymap
        if preferred.keymap:
            self.set_keymap({**preferred.keymap})

    @cached_property
    def registry(self) -> Registry:
        """The screens and commands; loaded after the first paint, which shows the fleet alone."""
        from kops_tui.commands import ALIASES, all_commands
        from kops_tui.screens.registry import CLUSTER_SCREENS, RUN_SCREENS, many_page

        return Registry(CLUSTER_SCREENS, RUN_SCREENS, all_commands(CLUSTER_SCREENS), ALIASES, many_page)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        for each in (signal.SIGHUP, signal.SIGTERM):
            with suppress(
                ValueError, RuntimeError
            ):  # not in the main thread: the main thread handles signals
                loop.add_signal_handler(each, self.leave, 128 + each)
        self._routing = asyncio.create_task(self.input.run(), name="input")
        self.engine.mfa_prompt.ask = partial(ask_for_code, self)
        self.push_screen(FleetPage())
        self.visited.visit(Place(""))
        if self._attached is not None:
            self.open_run(self.attach_run(self._attached))
        else:
            self._offer_unsaved_edits()
        self.run_worker(self._find_operations, group="operations", thread=True)
        self.run_worker(self._read_identity, group="identity", thread=True, exit_on_error=False)
        self.run_worker(self._load_registry, group="registry", thread=True)

    def _offer_unsaved_edits(self) -> None:
        left = self.unsaved.left_behind(self.engine.settings.stores)
        if left:
            from kops_tui.restore import offer_edits  # loads the screen that shows them

            offer_edits(self, left)

    def _find_operations(self) -> None:
        """Follow the operations that run already, and offer to go on with those that were interrupted."""
        with suppress(OSError):
            found = self.engine.operations.all()
            if found:
                self.call_from_thread(self._show_operations, found)

    def _show_operations(self, found: Sequence[OperationSummary]) -> None:
        from kops_core import OperationState, interrupted
        from kops_tui.interrupted import offer_to_resume

        running = [each.handle for each in found if each.state is OperationState.RUNNING]
        for handle in reversed(running):
            self.attach_run(handle)
        if self._attached is not None:
            return
        if running:
            named = ", ".join(f"{each.kind} of {each.cluster}" for each in running)
            self.show_notice(f"{named} {'is' if len(running) == 1 else 'are'} under way: F2 shows it")
        left = interrupted(found, self.now()) if self.engine.settings.write else []
        if left:
            offer_to_resume(self, left)

    def ask_for(self, run: Run, asked: Asked) -> None:
        def work() -> None:
            try:
                code = ask_for_code(self, asked.text)
            except KopsError as error:
                self.call_from_thread(self.show_notice, str(error).replace("\n", ";"))
            else:
                self.call_from_thread(self.control_run, run, _answering(asked, code))

        self.run_worker(work, name="answer", group="runs", thread=True)

    def on_unmount(self) -> None:
        if self._routing is not None:
            self._routing.cancel()

    def _load_registry(self) -> None:
        """Import the other screens while the operator looks at the first one."""
        _ = self.registry
        if self._keymap:
            from kops_tui.keymap import declared, problems, subclasses

            screens = [declared(KopsApp, page, Rows) for page in subclasses(Page)]
            for told in problems(self._keymap, screens)[:1]:
                self.call_from_thread(self.show_notice, f"keymap of ui.yaml: {told}")

    def _read_identity(self) -> None:
        found = self.engine.identity()
        self.call_from_thread(self._show_identity, f"{found.account}/{found.region}")

    def _show_identity(self, account: str) -> None:
        self.session.account = account
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.refresh_header()

    # Input

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.InputEvent, events.Paste)) and not event.is_forwarded:
            self.input.put(Burst((event,), event.time))
            return
        if isinstance(event, events.Resize):
            self._forget_terminal()  # it may have moved what it showed
        await super().on_event(event)

    @on(Burst)
    def _route_burst(self, burst: Burst) -> None:
        self.input.put(burst)

    @on(TerminalLost)
    def _leave_lost_terminal(self) -> None:
        self.leave(128 + signal.SIGHUP)

    # What goes wrong

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except KopsError as error:  # raised by a key's action: an error with a remedy does not end the app
            self.show_error(error)

    def show_error(self, error: KopsError) -> None:
        if isinstance(self.screen, Page):
            self.screen.show_error(error)
        else:
            super().show_error(error)

    def _handle_exception(self, error: Exception) -> None:
        """End the app on a bug of the program: write a report, and let ``run`` show it."""
        if self.fault is None:
            edited = self.unsaved.keep_all(self.session.workspaces)
            self.fault = record_fault(error, self.engine.settings, self.now(), edited)
        if self.is_headless:  # a test: Textual raises it there
            super()._handle_exception(error)
            return
        self._return_code = EXIT_FAILED
        self._close_messages_no_wait()

    # Keys

    def action_step(self, by: int) -> None:
        """Go back or forward among the screens that were visited."""
        self.go_to(self.visited.step(by))

    def action_last(self) -> None:
        """Go to the screen that was in front before this one."""
        place = self.visited.last
        if place is not None:
            self.visited.visit(place)
        self.go_to(place)

    def show_text(self, title: str, lines: Sequence[Line]) -> None:
        from kops_tui.screens.text import TextPage

        if isinstance(self.screen, Page):
            self.push_screen(TextPage(self.screen, title, lines))

    def action_command(self, name: str) -> None:
        """Run a command by its name."""
        self._show_on_page(self.run_command(name))

    def action_open_prompt(self) -> None:
        """Type a command."""
        for prompt in self.screen.query(Prompt):
            prompt.open(":")

    async def action_back(self) -> None:
        """Leave what was opened, or the screen; the fleet stays."""
        screen = self.screen
        if isinstance(screen, Page) and not screen.back() and len(self.screen_stack) > 2:
            await self.pop_screen()

    def action_interrupt(self) -> None:
        """Explain how to end the program; ctrl+c never interrupts an operation."""
        self._show_on_page("ctrl+c ends nothing here: q quits, s stops an operation at a safe point")

    def action_redraw(self) -> None:
        """Paint the whole screen again."""
        self._forget_terminal()
        self.refresh(layout=True)

    def _forget_terminal(self) -> None:
        if isinstance(self._driver, TerminalDriver):
            self._driver.forget_screen()

    def action_mouse(self) -> None:
        """Turn mouse reporting on or off; while it is off, the terminal selects text with the mouse."""
        self.mouse = not self.mouse
        self.send_sequence("".join(f"\x1b[?{mode}{'h' if self.mouse else 'l'}" for mode in _MOUSE_MODES))
        self._show_on_page("the mouse is the program's" if self.mouse else "the mouse is the terminal's own")

    def _show_on_page(self, text: str | None) -> None:
        if text and isinstance(self.screen, Page):
            self.screen.show_notice(text)


def run(
    engine: Engine,
    *,
    ascii_only: bool = False,
    watch: TerminalWatch | None = None,
    attach: OperationHandle | None = None,
    preferences: Preferences | None = None,
    preferences_file: Path | None = None,
) -> int:
    """Run the app on this terminal until it is left. Returns the exit code.

    Operations go on without it. Those that end with this process are asked to stop and waited for: none is
    cut off in the middle of a step. watch: ends the process should the app not end when the terminal is
    gone. attach: an operation to be shown at once.
    """
    terminal = Terminal.of(os.environ)
    app = KopsApp(
        engine,
        replace(terminal, glyphs=ASCII) if ascii_only else terminal,
        preferences=preferences,
        preferences_file=preferences_file,
        attach=attach,
    )
    if watch is not None:
        watch.grace, watch.busy = GRACE, app.stop_operations
    try:
        code = app.run(mouse=app.mouse) or 0
        if app.fault is not None:
            code = EXIT_FAILED
            show_fault(app.fault)
        return code
    finally:
        _leave_operations(app)


def _leave_operations(app: KopsApp) -> None:
    """Tell which operations go on; wait for those that can't."""
    operations = app.engine.operations
    app.stop_operations()
    for each in operations.running():
        goes_on = f"goes on: kops-tui attach {each.id} follows it"
        told = goes_on if operations.outlive else "ends after the step under way ..."
        with suppress(OSError):  # the terminal may be gone
            sys.stderr.write(f"{each.kind} of {each.cluster} {told}\n")
        if not operations.outlive:
            each.wait()


def _answering(asked: Asked, text: str) -> Callable[[OperationHandle], None]:
    return lambda handle: handle.answer(asked.question, text)
