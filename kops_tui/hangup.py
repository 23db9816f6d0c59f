"""Noticing that the terminal is gone.

The kernel sends SIGHUP to the session's leader alone. Under ``make``, ``sudo`` or a script the
leader is another program, which may not pass it on; without this, what is left behind would
read end-of-file for ever and keep a processor busy.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable


def watch(fd: int, gone: Callable[[], None]) -> None:
    """Call back, from a thread of its own, when nobody is at the other end of a terminal any more."""
    threading.Thread(target=_wait, args=(fd, gone), name="hangup", daemon=True).start()


def _wait(fd: int, gone: Callable[[], None]) -> None:
    terminal = select.poll()
    terminal.register(fd, 0)  # hang-up and errors are always reported; nothing else is wanted
    terminal.poll()
    gone()
