"""The terminal driver: Textual's, with input delivered by burst and output that never blocks the app.

Textual's own driver posts each key as a message of its own, which loses the information which keys
came together, and it writes through a queue of 30 entries: once the terminal is gone or stalled, the
thread that draws waits on that queue for ever, signals included.
"""

from __future__ import annotations

import os
import select
import threading
import time
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from kops_tui.input_router import Burst, TerminalLost
from kops_tui.screen_diff import ScreenDiff

_BACKLOG = 1 << 20
"""Characters that may wait to be written; beyond that frames are left out, and painted again later."""

_CONTROL = 64
"""Texts up to this length set or restore a mode of the terminal, and are never left out."""

_STDERR = 2
"""Where Textual paints: stdout may be a pipe."""

_STOPS_WITHIN = 2.0
"""Seconds that a stalled terminal is waited for at the end."""


class TerminalWriter:
    """Writes to a terminal in a thread. ``write`` returns at once, whatever the terminal does."""

    def __init__(self, fd: int, lost: Callable[[], None], behind: Callable[[], None]) -> None:
        """lost: called once when the terminal is gone; behind: when frames were left out and it reads again.
        Both from the writer's thread."""
        self._fd = fd
        self._lost = lost
        self._behind = behind
        self._waiting: deque[str] = deque()
        self._size = 0
        self._left_out = False
        self._ended = False
        self._gone = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_queued, name="terminal-output", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def write(self, text: str) -> bool:
        """Queue a text to be written. False if it is left out."""
        with self._changed:
            if self._gone or self._ended:
                return False
            if self._size > _BACKLOG and len(text) > _CONTROL:
                self._left_out = True
                return False
            self._waiting.append(text)
            self._size += len(text)
            self._changed.notify()
            return True

    def stop(self) -> None:
        """Write what is queued, and end; a stalled terminal is waited for only briefly."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread is not threading.current_thread():
            self._thread.join(_STOPS_WITHIN)

    def _write_queued(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                if not self._waiting:
                    return
                data = "".join(self._waiting).encode("utf-8", "replace")
                self._waiting.clear()
            try:
                self._write_all(data)
            except OSError:
                with self._changed:
                    self._gone = True
                    self._waiting.clear()
                self._lost()
                return
            with self._changed:
                self._size = sum(map(len, self._waiting))
                behind = self._left_out and not self._size  # else reported once the rest is written
                if behind:
                    self._left_out = False
            if behind:
                self._behind()

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fd, rest) :]
            except BlockingIOError:  # whoever started the program shares the terminal, and set this mode
                select.select([], [self._fd], [], 0.2)


class TerminalDriver(LinuxDriver):
    """The driver of a real terminal."""

    _writer: TerminalWriter | None = None
    _screen: ScreenDiff | None = None
    """What the terminal shows."""
    _gathered: list[Message] | None = None
    """Input of the read under way; only touched by the input thread."""

    def start_application_mode(self) -> None:
        """Switch the terminal to application mode; report it if the terminal is gone already."""
        self._writer = TerminalWriter(_STDERR, self._report_loss, self._repaint_later)
        self._writer.start()
        self._screen = ScreenDiff()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is None or not self._key_thread.is_alive():
            self._report_loss()

    def write(self, data: str) -> None:
        """Write to the terminal what changes on it, without waiting for it."""
        if self._writer is None or self._screen is None:
            return
        reduced = self._screen.reduce(data)
        if reduced and not self._writer.write(reduced):
            self._screen.forget()

    def forget_screen(self) -> None:
        """Send the next frame whole: something else may have written on the terminal."""
        if self._screen is not None:
            self._screen.forget()

    def close(self) -> None:
        """Write what is queued, and release the terminal."""
        super().close()
        if self._writer is not None:
            self._writer.stop()

    def run_input_thread(self) -> None:
        """Read until the driver is stopped or the terminal is gone."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        parser = XTermParser(self._debug)
        terminal = select.poll()
        terminal.register(self.fileno, select.POLLIN)
        read_at = time.monotonic()
        while not self.exit_event.is_set():
            if terminal.poll(100):
                try:
                    data = os.read(self.fileno, 4096)
                except OSError:
                    data = b""
                if not data:
                    self._report_loss()
                    return
                read_at = time.monotonic()
                self._send_burst(parser.feed(decode(data)), read_at)
            self._send_burst(parser.tick(), read_at)

    def send_message(self, message: Message) -> None:
        """Send the app a message; input is gathered while a read is taken apart."""
        if isinstance(message, (events.AppFocus, events.AppBlur)):
            return  # a window that loses the focus must not take it from what is being typed
        if self._gathered is not None and isinstance(message, (events.InputEvent, events.Paste)):
            self._gathered.append(message)
        else:
            super().send_message(message)

    def _send_burst(self, messages: Iterable[Message], read_at: float) -> None:
        """Send the input of one read as one burst."""
        self._gathered = []
        try:
            for message in messages:
                self.process_message(message)
        finally:
            gathered, self._gathered = self._gathered, None
        if gathered:
            super().send_message(Burst(gathered, read_at))

    def _report_loss(self) -> None:
        try:
            super().send_message(TerminalLost())
        except RuntimeError:  # the loop has ended already
            return

    def _repaint_later(self) -> None:
        loop, app = self._loop, self._app
        try:
            loop.call_soon_threadsafe(lambda: app.refresh(layout=True))
        except RuntimeError:
            return
