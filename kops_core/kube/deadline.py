"""A call with a deadline that holds whatever the call waits for: a name, a connection, each next byte."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """The result of a call, or what it raises; TimeoutError if it takes longer.

    The call runs in a thread of its own, in the caller's context, so that an operation's fence is there, too.
    A call that is late goes on in its thread, which does not keep the program from ending: a name look-up
    can't be interrupted, nor can a read in another thread.
    """
    future: Future[T] = Future()
    context = copy_context()

    def run() -> None:
        try:
            future.set_result(context.run(call))
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            future.set_exception(error)

    Thread(target=run, name="kubernetes", daemon=True).start()
    return future.result(timeout=seconds)
