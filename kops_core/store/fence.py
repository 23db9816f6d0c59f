"""The fence: a check before every change of a store or a cloud, in the thread that sends it.

An operation holds its cluster's lock, which can be lost: after a pause longer than its TTL, or if
somebody removes it. So the sender of a change calls ``expect_held`` right before it is sent, also
before retries of an SDK, and the operation sets the check with ``fenced``. Outside of operations (an edit
of a spec, which is a conditional write) there is no fence and no check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[], None]
"""Raises LockLost if somebody else has the lock, NotReady while that is unknown."""

_CHECK: ContextVar[Check | None] = ContextVar("kops_tui_fence", default=None)


@contextmanager
def fenced(check: Check) -> Iterator[None]:
    """Runs a check before every change of this block and thread.

    Threads begin without a fence; ``contextvars.copy_context().run`` takes it along.
    """
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


@contextmanager
def unfenced() -> Iterator[None]:
    """A block without a fence, for writes of the lock itself."""
    token = _CHECK.set(None)
    try:
        yield
    finally:
        _CHECK.reset(token)


def is_fenced() -> bool:
    """Whether this thread has a fence."""
    return _CHECK.get() is not None


def expect_held() -> None:
    """Runs the check; to be called right before a change is sent. Raises LockLost, or NotReady if unknown."""
    check = _CHECK.get()
    if check is not None:
        check()


_READING = ("Assume", "Describe", "Get", "Head", "List")
"""Prefixes of AWS operations that change nothing."""


def changes(operation: str) -> bool:
    """Whether an AWS operation, by its name in botocore's model, may change something."""
    return not operation.startswith(_READING)


def before_send(event_name: str, **_: object) -> None:
    """A handler for botocore's ``before-send``, which every attempt at a call goes through."""
    if changes(event_name.rpartition(".")[2]):
        expect_held()
