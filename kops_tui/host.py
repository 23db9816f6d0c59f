"""The app as its screens see it: the engine, what they share, operations, and the way to other screens.

It imports no screen: ``app`` provides the registry of screens and commands.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import App
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen

from kops_core import Asked, Failed, Finished, KopsError, Saved, error_of
from kops_tui import clipboard
from kops_tui.dialogs.confirm import ConfirmDialog, Question
from kops_tui.input_router import ShowsNotices
from kops_tui.messages import (
    ClusterInvalidated,
    OperationEvents,
    OperationReached,
    OperationUnreachable,
    RunUpdated,
)
from kops_tui.ports import Engine, Workspace
from kops_tui.preferences import PreferencesFile
from kops_tui.runs import Run
from kops_tui.session import Session
from kops_tui.styled_text import Line
from kops_tui.terminal import Terminal
from kops_tui.terminal_driver import TerminalDriver
from kops_tui.unsaved import UnsavedEdits
from kops_tui.visited import Place, Visited

if TYPE_CHECKING:
    from kops_core import OperationHandle, OperationRequest


_DELETE_GROUP = "delete-instancegroup"
"""The operation that changes the spec at its end."""


@dataclass(frozen=True)
class ScreenEntry:
    """A screen about one cluster, as the registry lists it under its name, which is also its command."""

    show: Callable[[ScreenHost, str], object]
    """Show it; given the cluster's name."""
    help: str
    """What the command does, in a few words."""
    key: Binding | None = None
    """The key on a cluster's overview that leads to it."""
    usage: str = ""
    """How its command is written, where that is not ``name [CLUSTER]``."""


@dataclass(frozen=True)
class Command:
    """What may be typed after ``:``."""

    usage: str
    help: str
    run: Callable[[ScreenHost, str], str | None]
    """Runs it with what was typed after the name; returns a notice for the operator, if any."""
    choices: Callable[[ScreenHost], Iterable[str]] = field(default=lambda _: ())
    """What may be typed after the name."""


@dataclass(frozen=True)
class Registry:
    """Which screens and commands there are."""

    clusters: Mapping[str, ScreenEntry]
    """Screens about one cluster, by name."""
    runs: Mapping[str, Callable[[Run], Screen[None]]]
    """Screens of operations, by the kind of operation."""
    commands: Mapping[str, Command]
    aliases: Mapping[str, str]
    """Other names of commands, as k9s and kOps have them."""
    many: Callable[[str, Sequence[str]], Screen[None]]
    """The screen of an action on several clusters."""


def utc_now() -> datetime:
    """The current time, by the machine's clock."""
    return datetime.now(UTC)


class ScreenHost(App[int], inherit_bindings=False):
    """An app that screens can be shown in."""

    def __init__(
        self, engine: Engine, terminal: Terminal | None = None, *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self.terminal = terminal or Terminal.of(os.environ)
        self.glyphs = self.terminal.glyphs
        # Textual picks its colour filter while it is constructed: later is too late.
        super().__init__(ansi_color=self.terminal.colours.native, driver_class=TerminalDriver)
        self.engine = engine
        self.now = now
        self.session = Session(engine.settings.stores)
        self.unsaved = UnsavedEdits(engine.settings.state_dir)
        self.visited = Visited()
        self.preferences_file = PreferencesFile(None)
        self.runs: list[Run] = []
        """Operations that this run of the program follows, the last one last."""

    @property
    def registry(self) -> Registry:
        """The screens and commands."""
        raise NotImplementedError

    # Other screens

    def home(self) -> None:
        """Back to the fleet."""
        while len(self.screen_stack) > 2:
            self.pop_screen()

    def open_screen(self, name: str, cluster: str) -> None:
        """Show a registered screen about a cluster."""
        self.registry.clusters[name].show(self, cluster)
        self.visited.visit(Place(name, cluster))

    def go_to(self, place: Place | None) -> None:
        """Show a place again that was visited; without one, say so."""
        if place is None:
            self.show_notice("there is no other screen that way")
            return
        self.home()
        if place.screen:
            self.registry.clusters[place.screen].show(self, place.cluster)

    def show_text(self, title: str, lines: Sequence[Line]) -> None:
        """Show a text in full, on a screen over the one in front."""
        raise NotImplementedError

    def open_many(self, action: str, clusters: Sequence[str]) -> None:
        """Show an action on several clusters under way."""
        self.push_screen(self.registry.many(action, clusters))

    def open_run(self, run: Run) -> None:
        """Show an operation under way, or how it ended."""
        self.push_screen(self.registry.runs[run.kind](run))

    def confirm(self, question: Question, then: Callable[[], None]) -> None:
        """Ask a question, and go on if the answer is yes."""

        def answered(yes: bool | None) -> None:
            if yes:
                try:
                    then()
                except KopsError as error:
                    self.show_error(error)

        self.push_screen(ConfirmDialog(question), answered)

    def show_error(self, error: KopsError) -> None:
        """Show an error on the screen in front."""
        self.log_error(error)

    def log_error(self, error: BaseException) -> None:
        """Write the details of an error to Textual's log."""
        self.log.error(repr(error))

    def show_notice(self, text: str) -> None:
        """Add a notice to the screen in front."""
        if isinstance(self.screen, ShowsNotices):
            self.screen.add_notice(text)

    # What changed

    def edits_changed(self, workspace: Workspace) -> None:
        """Write the unsaved edits of a workspace to disk after they changed."""
        try:
            self.unsaved.keep(workspace)
        except (KopsError, OSError) as error:
            self.show_notice(f"{error}: they would be lost if this program were killed")

    def invalidate(self, cluster: str) -> None:
        """Tell the screens that a cluster was changed."""
        self._post_to_screens(lambda: ClusterInvalidated(cluster))

    def _post_to_screens(self, make: Callable[[], Message]) -> None:
        for screen in self.screen_stack:
            screen.post_message(make())

    # The terminal

    def copy(self, text: str, name: str) -> Path:
        """Put a text on the clipboard, as far as the terminal allows, and into a file. Returns the file."""
        self.send_sequence("".join(clipboard.sequences(text, tmux=self.terminal.multiplexed)))
        return clipboard.write(self.engine.settings.state_dir, name, text)

    def send_sequence(self, sequence: str) -> None:
        """Send the terminal a control sequence outside of Textual's frames."""
        if self._driver is not None:
            self._driver.write(sequence)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Give the terminal to another program, such as an editor; does nothing without a terminal."""
        if self._driver is not None and self._driver.can_suspend:
            with self.suspend():
                yield
        else:
            yield

    # Operations

    @property
    def run_under_way(self) -> Run | None:
        """The operation that has not ended, if any; the last one of several."""
        return next((run for run in reversed(self.runs) if run.running), None)

    def running_on(self, cluster: str) -> Run | None:
        """The operation on a cluster that has not ended, if any."""
        return next((run for run in self.runs if run.running and run.cluster == cluster), None)

    def start_run(self, request: OperationRequest) -> Run:
        """Start an operation, and show it."""
        run = Run(request=request)
        self._follow(run, lambda: self.engine.operations.start(request, interactive=True))
        self.open_run(run)
        return run

    def resume_run(self, handle: OperationHandle) -> Run:
        """Start an operation again that was interrupted, and show it."""
        run = Run(request=handle.request)
        self._follow(run, lambda: self.engine.operations.resume(handle, interactive=True))
        self.open_run(run)
        return run

    def attach_run(self, handle: OperationHandle) -> Run:
        """Follow an operation that was started before, from its first event on."""
        known = next((run for run in self.runs if run.handle and run.handle.id == handle.id), None)
        if known is not None:
            return known
        run = Run(request=handle.request, handle=handle)
        self._follow(run, lambda: handle)
        return run

    def _follow(self, run: Run, reach: Callable[[], OperationHandle]) -> None:
        """Pass the events of an operation on to the screens, from a thread of its own."""
        self.runs.append(run)

        def work() -> None:
            try:
                handle = reach()
                self.post_message(OperationReached(run, handle))
                for batch in handle.batches():
                    self.post_message(OperationEvents(run, [each.event for each in batch]))
            except KopsError as error:
                self.post_message(OperationUnreachable(run, error))
            except OSError as error:
                told = KopsError(f"it can't be followed: {error.strerror}", where=str(error.filename or ""))
                self.post_message(OperationUnreachable(run, told))

        self.run_worker(work, name=run.kind, group="runs", thread=True)

    def control_run(self, run: Run, ask: Callable[[OperationHandle], None]) -> None:
        """Ask something of an operation, in a worker: its process may be gone, or not listen.

        What is asked first arrives first: a stop that overtook a resume would leave it running.
        """
        handle = run.handle
        if handle is None:
            self.show_notice("it is only being started: try again")
            return

        async def work() -> None:
            async with run.control_order:
                try:
                    await asyncio.to_thread(ask, handle)
                except KopsError as error:
                    self.show_notice(str(error).replace("\n", ";"))

        self.run_worker(work(), name="control", group="control")

    @on(OperationReached)
    def _record_handle(self, message: OperationReached) -> None:
        message.run.handle = message.handle
        self._post_to_screens(lambda: RunUpdated(message.run))

    @on(OperationEvents)
    def _record_events(self, message: OperationEvents) -> None:
        run, step = message.run, ""
        for event in message.events:
            step = run.record_event(event)
            if isinstance(event, Failed):
                run.problem = error_of(event)
            elif isinstance(event, Saved) or (isinstance(event, Finished) and run.kind == _DELETE_GROUP):
                self._reread(run.cluster)
        if run.asked is not None and run.asked.question != run.question_shown:
            run.question_shown = run.asked.question
            self.ask_for(run, run.asked)
        only = step if len(message.events) == 1 else ""
        self._post_to_screens(lambda: RunUpdated(run, only))

    def _reread(self, cluster: str) -> None:
        """Read a cluster again whose spec an operation has changed."""
        workspace = self.session.workspace(cluster)
        if workspace is not None:

            def work() -> None:
                with suppress(KopsError):  # whoever looks at it next finds out
                    workspace.refresh()
                    self.call_from_thread(self.edits_changed, workspace)
                    self.call_from_thread(self.invalidate, cluster)

            self.run_worker(work, name="refresh", group="refresh", thread=True)

    def ask_for(self, run: Run, asked: Asked) -> None:
        """Ask the operator what an operation asks."""

    @on(OperationUnreachable)
    def _record_error(self, message: OperationUnreachable) -> None:
        message.run.problem = message.error
        self._post_to_screens(lambda: RunUpdated(message.run))

    def stop_operations(self) -> bool:
        """Ask operations that end with this program to stop. True if any runs. Thread-safe."""
        if self.engine.operations.outlive:
            return False
        running = self.engine.operations.running()
        for each in running:
            with suppress(KopsError):  # it has just ended
                each.stop()
        return bool(running)

    def leave(self, code: int = 0) -> None:
        """End the program. Operations go on; those that can't without it are stopped and waited for."""
        self.stop_operations()
        self.exit(code, return_code=code)

    # Commands

    def completions(self, typed: str) -> Iterable[str]:
        """What may be typed after ``:``, given what was."""
        name, space, _ = typed.partition(" ")
        commands, aliases = self.registry.commands, self.registry.aliases
        if not space:
            return sorted([*commands, *aliases]) if typed else commands
        command = commands.get(aliases.get(name, name))
        return [f"{name} {choice}" for choice in command.choices(self)] if command is not None else ()

    def run_command(self, text: str) -> str | None:
        """Run what was typed after ``:``. Returns a notice for the operator, if any."""
        name, _, rest = text.partition(" ")
        commands = self.registry.commands
        found = commands.get(self.registry.aliases.get(name, name))
        if found is None:
            near = [each for each in commands if each.startswith(name)] if name else []
            found = commands[near[0]] if len(near) == 1 else None
        if found is None:
            return f"no command {name!r}: ? lists them" if name else None
        return found.run(self, rest.strip())
