"""Input routing: one key at a time, each against the screen that the key before it has left.

Textual hands a key to whatever has the focus when the app's queue gets to it, while the key before may
still be on its way through the widgets' queues. Text that arrives in one write after ``:`` was therefore
taken for single-key commands: the prompt had not got the focus yet. Here every key, paste and click goes
through one queue, and the next one is not looked at before all messages that follow from the one before
are dealt with. That is counted in turns of the event loop, not in time, so load makes no difference.

What was read from the terminal before its answer could be seen is no answer:

- Enter in an input freezes the text. What was read by the time its result is on the screen, the rest of
  the same burst included, neither joins the text nor runs as commands; it is dropped, and that is said.
- A question before a write takes only keys that were read after it was painted.
- A paste belongs into an input. Anywhere else it is ignored, and that is said.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from typing import Protocol, TypeAlias, runtime_checkable

from textual import events
from textual._queue import Queue
from textual.app import App
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widgets import Input, TextArea

_MAX_TURNS = 2000
"""Turns of the event loop after which a key is no longer held up by an app that never comes to rest."""

_PAINTED_WITHIN = 1.0
"""Seconds after which the result of an Enter counts as seen, on a screen that is not painted any more."""

Deliver: TypeAlias = Callable[[events.Event], Awaitable[None]]


class Burst(Message, bubble=False):
    """What the terminal sent in one read: keys, pastes and clicks in their order."""

    def __init__(self, sent: Iterable[Message], read_at: float) -> None:
        """read_at: when the read returned, by the monotonic clock, in seconds."""
        super().__init__()
        self.sent = tuple(each for each in sent if isinstance(each, events.Event))
        self.read_at = read_at


class TerminalLost(Message, bubble=False):
    """The terminal is gone: it was closed, or the connection to it dropped."""


@runtime_checkable
class ConfirmationScreen(Protocol):
    """A screen that asks before something is written; only keys read after it was painted answer it."""

    shown_at: float
    """When it was painted, by the monotonic clock; infinite before."""


@runtime_checkable
class ShowsNotices(Protocol):
    """A screen that can show an additional notice."""

    def add_notice(self, text: str) -> None: ...


class InputRouter:
    """The queue of input, delivered one event at a time."""

    def __init__(self, app: App[int], deliver: Deliver) -> None:
        """deliver: Textual's own dispatch of an event."""
        self._app = app
        self._deliver = deliver
        self._bursts: asyncio.Queue[Burst] = asyncio.Queue()
        self._at_work = False
        self._discard_before = 0.0
        """Input read before this moment is dropped."""

    @property
    def idle(self) -> bool:
        """Whether all input has been processed."""
        return not self._at_work and self._bursts.empty()

    def put(self, burst: Burst) -> None:
        """Queue input."""
        self._bursts.put_nowait(burst)

    async def run(self) -> None:
        """Route input until cancelled."""
        while True:
            burst = await self._bursts.get()
            self._at_work = True
            try:
                await self._route_burst(burst)
            except Exception as problem:  # noqa: BLE001 - as Textual does for what its own queues raise
                self._app._handle_exception(problem)
            finally:
                self._at_work = False

    async def _route_burst(self, burst: Burst) -> None:
        dropped = 0
        for event in burst.sent:
            await self._wait_until_idle()
            if isinstance(event, events.MouseMove):
                await self._deliver(event)
            elif self._predates_screen(burst.read_at):
                dropped += 1
            elif isinstance(event, events.Paste) and not isinstance(self._app.focused, Input | TextArea):
                self._show_notice(
                    f"a paste of {len(event.text)} characters was ignored: nothing is typed here"
                )
            else:
                entered = _is_enter(event) and isinstance(self._app.focused, Input)
                await self._deliver(event)
                await self._wait_until_idle()
                if entered:
                    await self._wait_until_painted()
                    self._discard_before = time.monotonic()
        if dropped:
            keys = "key was" if dropped == 1 else "keys were"
            self._show_notice(
                f"{dropped} {keys} dropped: typed before the answer to the one before was shown"
            )

    def _predates_screen(self, read_at: float) -> bool:
        """Whether input was read before the screen that it would go to was painted."""
        screen = self._app.screen
        return read_at < self._discard_before or (
            isinstance(screen, ConfirmationScreen) and read_at < screen.shown_at
        )

    def _show_notice(self, text: str) -> None:
        screen = self._app.screen
        if isinstance(screen, ShowsNotices):
            screen.add_notice(text)

    async def _wait_until_idle(self) -> None:
        """Wait until no message is queued or being handled by the app and the visible screens."""
        for _ in range(_MAX_TURNS):
            if not any(map(_is_busy, self._visible_pumps())):
                return
            await asyncio.sleep(0)

    async def _wait_until_painted(self) -> None:
        """Wait until the screen's current content was painted."""
        painted = asyncio.Event()
        if self._app.screen.call_after_refresh(painted.set):
            with suppress(TimeoutError):
                await asyncio.wait_for(painted.wait(), _PAINTED_WITHIN)

    def _visible_pumps(self) -> Iterator[MessagePump]:
        yield self._app
        for screen in self._app.screen_stack[-2:]:  # a dialog leaves the screen below it visible
            yield screen
            yield from screen.walk_children()


def note_when_shown(screen: Screen[bool] | Screen[None]) -> None:
    """Set ``shown_at`` of a confirmation screen once it was painted."""

    def shown() -> None:
        if isinstance(screen, ConfirmationScreen):
            screen.shown_at = time.monotonic()

    screen.call_after_refresh(shown)


def _is_enter(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.key == "enter"


def _is_busy(pump: MessagePump) -> bool:
    """Whether a message is queued for a pump or being handled by it, or the pump is still starting.

    A pump at rest is a task that waits for its queue; Textual has no public API for that.
    """
    task = pump._task
    if pump._closing or pump._closed or (task is not None and task.done()):
        return False
    if task is None and not isinstance(pump, App):
        return False
    queue: Queue[Message | None] = pump._message_queue
    waits = len(queue.ready_event._waiters) > 0 and queue.empty()
    return not waits or pump._pending_message is not None or len(pump._next_callbacks) > 0
