"""Stopping an operation of the command line by ctrl+c or SIGTERM."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import CancelToken


@contextmanager
def cancel_on_signals() -> Iterator[CancelToken]:
    """A cancel token that ctrl+c and SIGTERM set, so that operations stop at the next safe point."""
    from kops_core import CancelToken

    cancel = CancelToken()

    def stop(*_: object) -> None:
        cancel.stop()
        with suppress(RuntimeError):  # a signal in the middle of writing a line: streams are not reentrant
            echo("stopping after the steps under way", err=True)

    in_main_thread = threading.current_thread() is threading.main_thread()
    signals = (signal.SIGINT, signal.SIGTERM) if in_main_thread else ()
    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield cancel
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
