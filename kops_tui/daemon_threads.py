"""An executor for calls that may block for minutes and must not keep the program from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_T = TypeVar("_T")


class DaemonThreads(ThreadPoolExecutor):
    """A daemon thread for each call, so that ending does not wait for a store that never answers.

    The base class only satisfies asyncio, which takes no other executor; its own threads are joined by
    the interpreter at exit.
    """

    def __init__(self) -> None:
        super().__init__(max_workers=1)

    def submit(self, fn: Callable[..., _T], /, *args: object, **kwargs: object) -> Future[_T]:
        future: Future[_T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as problem:  # noqa: BLE001 - handed to whoever asked
                future.set_exception(problem)

        threading.Thread(target=work, name="question", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)
