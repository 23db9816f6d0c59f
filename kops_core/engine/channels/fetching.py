"""Fetches a small file over HTTP, with limits of size and total time."""

from __future__ import annotations

import threading
from queue import Empty, SimpleQueue
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    UnknownHandler,
)

from kops_core.errors import UsageError

_PATIENCE = 3.0
"""Timeout in seconds for each response of the server."""
_DEADLINE = 10.0
"""Timeout in seconds for all of it, also for a server that sends a byte now and then."""


def fetch(url: str, largest: int, *, deadline: float = _DEADLINE) -> bytes:
    """I/O. The content of a URL. largest: bytes; deadline: seconds.

    Raises UsageError if it fails, is larger, or takes longer.
    """
    answers: SimpleQueue[bytes | Exception] = SimpleQueue()
    threading.Thread(target=_fetch_into, args=(answers, url, largest), daemon=True).start()
    try:
        answer = answers.get(timeout=deadline)
    except Empty:
        raise UsageError(f"the channel was not there within {deadline:.0f} s", where=url) from None
    if isinstance(answer, UsageError):
        raise answer
    if isinstance(answer, Exception):
        raise UsageError("the channel can't be fetched", where=url, remedy=str(answer)) from answer
    if len(answer) > largest:
        raise UsageError(f"the channel is larger than {largest >> 20} MiB", where=url)
    return answer


def _fetch_into(answers: SimpleQueue[bytes | Exception], url: str, largest: int) -> None:
    try:
        with _opener().open(url, timeout=_PATIENCE) as answer:
            answers.put(answer.read(largest + 1))
    except Exception as problem:  # noqa: BLE001 - carried over to the thread that waits
        answers.put(problem)


def _opener() -> OpenerDirector:
    """An opener of http:// and https:// only: the library's default would follow a redirect to ftp://."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        UnknownHandler(),
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPRedirectHandler(),
        HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
