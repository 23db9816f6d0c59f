"""Noticing that the terminal is gone, whatever the program is doing.

The kernel sends SIGHUP to the session's leader alone. Under ``make``, ``sudo`` or a script the leader is
another program, which may wait for its child before it passes anything on.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable
from contextlib import suppress

GRACE = 2.0
"""Seconds that the program gets to end by itself."""


class TerminalWatch:
    """Ends the process when its terminal is gone and it does not end by itself."""

    def __init__(self, fd: int, *, code: int, grace: float = GRACE) -> None:
        """fd: the terminal; code: the exit code then; grace: seconds to end well, 0 for none."""
        self._fd = fd
        self._code = code
        self.grace = grace
        self.busy: Callable[[], bool] = lambda: False
        """Whether an operation is running that must not be cut off and ends by itself."""

    def start(self) -> None:
        """Start watching, in a thread."""
        threading.Thread(target=self._wait_for_loss, name="terminal-watch", daemon=True).start()

    def _wait_for_loss(self) -> None:
        terminal = select.poll()
        with suppress(OSError):
            terminal.register(self._fd, 0)  # hang-up and errors are always reported; nothing else is needed
            terminal.poll()
        time.sleep(self.grace)
        while self.busy():
            time.sleep(0.1)
        # The embedded AWS ends with this process: its stdin does.
        os._exit(self._code)
