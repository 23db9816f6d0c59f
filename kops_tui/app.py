"""The app: which screens there are, what runs, and what they share. Everything else is in the screens."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.binding import BindingType
from textual.message import Message
from textual.signal import Signal
from textual.worker import Worker, WorkerState

from kops_core import Event, Finished, KopsError
from kops_tui import clipboard
from kops_tui.commands import COMMANDS, Command
from kops_tui.daemon_threads import DaemonThreads
from kops_tui.faults import Fault, record_fault
from kops_tui.input_router import Burst, InputRouter, TerminalLost
from kops_tui.keys import bind
from kops_tui.navigation import Navigation
from kops_tui.ports import Engine, Workspace
from kops_tui.problems import one_line
from kops_tui.runs import OperationEvent, Run, RunUpdated
from kops_tui.screens.page import Page
from kops_tui.terminal import ASCII, Terminal
from kops_tui.terminal_driver import TerminalDriver
from kops_tui.terminal_loss import GRACE, TerminalWatch
from kops_tui.themes import THEMES, theme_for
from kops_tui.unsaved import UnsavedEdits

if TYPE_CHECKING:
    from kops_tui.screens.confirm import Question

EXIT_FAILED = 1
"""Exit code of a run that ended on a fault."""

_MOUSE_MODES = (1000, 1003, 1015, 1006)
"""xterm's private modes for buttons, motion, and coordinates past column 223."""


def _now() -> datetime:
    return datetime.now(UTC)


class KopsApp(Navigation, inherit_bindings=False):
    """The terminal UI of one engine."""

    TITLE = "kops-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("app.help", "question_mark,f1", "help", "help", "Every key that works here", rank=1, sign="?"),
        bind("app.command", "colon", "command", "command", "Type a command, e.g. :plan", rank=2, sign=":"),
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
            "app.quit", "q", "leave", "quit", "End the program; asks where something would be lost", rank=95
        ),
        bind("app.interrupt", "ctrl+c", "interrupt", "", "Copy what is selected; never ends an operation"),
        bind("app.suspend", "ctrl+z", "suspend_process", "", "Back to the shell; fg returns. Also :suspend"),
        bind("app.mouse", "f9", "mouse", "", "Give the mouse to the program, or back to the terminal"),
        bind("app.runs", "f2", "runs", "", "Go to what is running"),
        bind("app.dump", "f8", "dump", "", "Write this screen to a file, as text and SVG"),
    ]

    def __init__(
        self,
        engine: Engine,
        terminal: Terminal | None = None,
        *,
        now: Callable[[], datetime] = _now,
        theme: str = "",
        keymap: dict[str, str] | None = None,
    ) -> None:
        self.terminal = terminal or Terminal.of(os.environ)
        self.glyphs = self.terminal.glyphs
        # textual picks its colour filter while it is constructed: later is too late.
        super().__init__(ansi_color=self.terminal.colours.native, driver_class=TerminalDriver)
        self.input = InputRouter(self, super().on_event)
        self._routing: asyncio.Task[None] | None = None
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme_for(self.terminal.colours, theme)
        self.animation_level = "none"
        self.engine = engine
        self.now = now
        self.account = ""
        """Account and region, once known."""
        self._mouse = not self.terminal.remote
        self.runs: list[Run] = []
        """What was started here, the last one last."""
        self.run_updates: Signal[RunUpdated] = Signal(self, "run updates")
        self.fault: Fault | None = None
        """What ended the app, if that was a fault of ours."""
        self._unsaved = UnsavedEdits(self)
        self._workspaces: dict[str, Workspace] = {}
        self._stores: dict[str, str] = {}
        if keymap:
            self.set_keymap(keymap)

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(DaemonThreads())
        for each in (signal.SIGHUP, signal.SIGTERM):
            with suppress(ValueError, RuntimeError):  # not in the main thread: then it is not ours to handle
                loop.add_signal_handler(each, self._leave, 128 + each)
        self._routing = asyncio.create_task(self.input.run(), name="input")
        from kops_tui.screens.fleet import FleetPage
        from kops_tui.screens.mfa import ask_for_code

        self.engine.mfa_prompt.ask = partial(ask_for_code, self)
        self.push_screen(FleetPage())
        self._unsaved.offer()
        self.run_worker(self._who, group="identity", thread=True, exit_on_error=False)

    def on_unmount(self) -> None:
        if self._routing is not None:
            self._routing.cancel()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.InputEvent, events.Paste)) and not event.is_forwarded:
            self.input.put(Burst((event,), event.time))
        else:
            await super().on_event(event)

    @on(Burst)
    def _burst(self, burst: Burst) -> None:
        self.input.put(burst)

    @on(TerminalLost)
    def _terminal_lost(self) -> None:
        self._leave(128 + signal.SIGHUP)

    def _who(self) -> None:
        found = self.engine.identity()
        self.call_from_thread(self._take_identity, f"{found.account}/{found.region}")

    def _take_identity(self, account: str) -> None:
        self.account = account
        self._tell()

    def _tell(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.refresh_header()

    # What the screens share

    def store_of(self, cluster: str) -> str:
        """The state store that a cluster was found in, or the first one."""
        stores = self.engine.settings.stores
        return self._stores.get(cluster) or (stores[0] if stores else "")

    def note_store(self, cluster: str, store: str) -> None:
        """Remember where a cluster was found."""
        self._stores.setdefault(cluster, store)

    @property
    def known_clusters(self) -> list[str]:
        """Names of the clusters found so far."""
        return sorted(self._stores)

    def workspace(self, name: str) -> Workspace | None:
        """The workspace of a cluster, if it is open: its edits outlive the screens."""
        return self._workspaces.get(name)

    def keep(self, workspace: Workspace) -> None:
        """Remember an open workspace."""
        self._workspaces[workspace.name] = workspace

    def edits_changed(self, workspace: Workspace) -> None:
        """The unsaved edits of a workspace are other ones, or none any more: keep what is on disk in step."""
        self._unsaved.keep(workspace)

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask a question, and go on if the answer is yes."""
        from kops_tui.screens.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                try:
                    then()
                except KopsError as problem:
                    self._show_error(problem)

        self.push_screen(Confirm(question), answered)

    # What goes wrong

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except KopsError as problem:  # raised by a key's action: no error that has a remedy ends the app
            self._show_error(problem)

    def _show_error(self, problem: KopsError) -> None:
        if isinstance(self.screen, Page):
            self.screen.show_error(problem)
        else:
            self.log_error(problem)

    def _handle_exception(self, error: Exception) -> None:
        """End the app on a fault of ours: report it, and leave it to ``run`` to show that."""
        if self.fault is None:
            edited = self._unsaved.keep_all(list(self._workspaces.values()))
            self.fault = record_fault(error, self.engine.settings, self.now(), edited)
        if self.is_headless:  # a test: textual hands it on
            super()._handle_exception(error)
            return
        self._return_code = EXIT_FAILED
        self._close_messages_no_wait()

    def log_error(self, problem: BaseException) -> None:
        """Leave the details of an error where they can be found: textual's log."""
        self.log.error(repr(problem))

    def copy(self, text: str, name: str) -> Path:
        """Put a text on the clipboard, as far as the terminal allows, and into a file. Returns the file."""
        self._send("".join(clipboard.sequences(text, tmux=self.terminal.multiplexed)))
        return clipboard.write(self.engine.settings.state_dir, name, text)

    def invalidate(self, cluster: str) -> None:
        """A cluster was changed: what the fleet knows of it is old."""
        from kops_tui.screens.fleet import FleetPage

        for screen in self.screen_stack:
            if isinstance(screen, FleetPage):
                screen.invalidate(cluster)

    def _send(self, sequence: str) -> None:
        """Send the terminal something that is not part of the picture."""
        if self._driver is not None:
            self._driver.write(sequence)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Leave the terminal to another program for a while, where there is a terminal."""
        if self._driver is not None and self._driver.can_suspend:
            with self.suspend():
                yield
        else:
            yield

    # Operations

    @property
    def run_under_way(self) -> Run | None:
        """The operation that has not ended, if any."""
        return next((run for run in reversed(self.runs) if run.running), None)

    def start(self, run: Run) -> None:
        """Start an operation in a thread of the app's own."""
        self.runs.append(run)

        def work() -> None:
            try:
                self._told(run, run.work(lambda event: self._told(run, event), run.control))
            finally:
                run.ended.set()

        self.run_worker(
            work, name=f"run {len(self.runs) - 1}", group="runs", thread=True, exit_on_error=False
        )

    def _told(self, run: Run, event: Event) -> None:
        self.post_message(OperationEvent(run, event))

    @on(OperationEvent)
    def _take(self, message: OperationEvent) -> None:
        self.run_updates.publish(RunUpdated(message.run, message.run.record_event(message.event)))
        if isinstance(message.event, Finished):
            self._forget_saved()

    def _forget_saved(self) -> None:
        """Edits that an operation has saved need not be kept any more."""
        for each in self._workspaces.values():
            if not each.edits:
                self._unsaved.forget([each])

    @on(Worker.StateChanged)
    def _worked(self, event: Worker.StateChanged) -> None:
        if event.worker.group != "runs" or event.state is not WorkerState.ERROR:
            return
        run = self.runs[int(event.worker.name.split()[1])]
        problem = event.worker.error
        if problem is not None:
            run.record_error(problem, one_line(problem), self.now())
        self.run_updates.publish(RunUpdated(run, ""))

    # Keys

    def action_help(self) -> None:
        """Every key that works on the screen."""
        from kops_tui.screens.help import HelpPage

        if not isinstance(self.screen, HelpPage):
            self.push_screen(HelpPage(self.screen))

    def action_command(self) -> None:
        """Type a command."""
        from kops_tui.widgets.prompt import Prompt

        for prompt in self.screen.query(Prompt):
            prompt.open(":")

    async def action_back(self) -> None:
        """Leave what was opened, or the screen; the fleet stays."""
        screen = self.screen
        if isinstance(screen, Page) and not screen.back() and len(self.screen_stack) > 2:
            await self.pop_screen()

    def action_leave(self) -> None:
        """End the program; where something would be lost, ask."""
        from kops_tui.screens.confirm import leaving

        question = leaving(self.run_under_way, list(self._workspaces.values()))
        if question is None:
            self.exit(0)
        else:
            self.confirm(question, self._give_up)

    def _give_up(self) -> None:
        """End the program; the unsaved edits were given up."""
        self._unsaved.forget(list(self._workspaces.values()))
        self._leave()

    def _leave(self, code: int = 0) -> None:
        """End, also where the line was dropped: what runs ends at its next safe point, and is waited for."""
        self.stop_operations()
        self.exit(code, return_code=code)

    def stop_operations(self) -> bool:
        """Have what runs end after its step; whether anything still does. Safe in any thread."""
        under_way = [each for each in self.runs if not each.ended.is_set()]
        for each in under_way:
            each.control.stop()
        return bool(under_way)

    def action_interrupt(self) -> None:
        """ctrl+c: say how to end the program. An operation under way is never touched."""
        if isinstance(self.screen, Page):
            self.screen.show_notice("ctrl+c ends nothing here: q quits, x stops an operation at a safe point")

    def action_runs(self) -> None:
        """Go to what is running, or ran last."""
        if self.runs:
            self.show_run(self.run_under_way or self.runs[-1])
        elif isinstance(self.screen, Page):
            self.screen.show_notice("nothing was started yet")

    def action_dump(self) -> None:
        """Write the screen to a file, as SVG."""
        path = clipboard.write(self.engine.settings.state_dir, "screen.svg", self.export_screenshot())
        if isinstance(self.screen, Page):
            self.screen.show_notice(f"written to {path}")

    def action_mouse(self) -> None:
        """Take the mouse, or give it back to the terminal, which then selects text with it."""
        self._mouse = not self._mouse
        self._send("".join(f"\x1b[?{mode}{'h' if self._mouse else 'l'}" for mode in _MOUSE_MODES))
        if isinstance(self.screen, Page):
            self.screen.show_notice(
                "the mouse is the program's" if self._mouse else "the mouse is the terminal's own"
            )

    # Commands

    def completions(self, typed: str) -> Iterable[str]:
        """What may be typed after ``:``, given what was."""
        name, space, _ = typed.partition(" ")
        if not space:
            return COMMANDS
        command = COMMANDS.get(name)
        return [f"{name} {choice}" for choice in command.choices(self)] if command is not None else ()

    def command(self, text: str) -> None:
        """Do what was typed after ``:``."""
        name, _, rest = text.partition(" ")
        found: Command | None = COMMANDS.get(name)
        if found is None:
            near = [each for each in COMMANDS if each.startswith(name)] if name else []
            found = COMMANDS[near[0]] if len(near) == 1 else None
        page = cast(Page, self.screen)
        if found is None:
            if name:
                page.show_notice(f"no command {name!r}: ? lists them")
            return
        said = found.do(self, rest.strip())
        if said:
            page.show_notice(said)


def run(
    engine: Engine,
    *,
    ascii_only: bool = False,
    theme: str = "",
    keymap: dict[str, str] | None = None,
    watch: TerminalWatch | None = None,
) -> int:
    """Run the app on this terminal until it is left. Returns the exit code.

    An operation that is under way then has been told to stop, and is waited for: it is
    never cut off in the middle of a step. watch: ends the process should the app not end
    when the terminal is gone.
    """
    terminal = Terminal.of(os.environ)
    app = KopsApp(
        engine, replace(terminal, glyphs=ASCII) if ascii_only else terminal, theme=theme, keymap=keymap
    )
    if watch is not None:
        watch.grace, watch.busy = GRACE, app.stop_operations
    try:
        code = app.run(mouse=not app.terminal.remote) or 0
        if app.fault is not None:
            code = EXIT_FAILED
            from kops_tui.screens.fault import show_fault

            show_fault(app.fault)
        return code
    finally:
        app.stop_operations()
        for each in app.runs:
            if not each.ended.is_set():
                with suppress(OSError):  # the terminal may be gone
                    sys.stderr.write(f"{each.kind} of {each.cluster} ends after the step under way ...\n")
                each.ended.wait()
