"""The fence: what is asked, in the thread that makes it, before every change to a store or a cloud.

An operation works under its cluster's lock, and a lock can be lost: to a pause that was longer than
its TTL, or to somebody who removed it. So whoever sends a change calls ``expect_held`` at the last
moment before it is sent, retries of an SDK included, and the operation says with ``fenced`` what
that means for it. Outside of operations (an edit of a spec, which is a conditional write) there is
no fence and nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[], None]
"""Raises LockLost if the lock is another's, NotReady as long as that can't be told."""

_CHECK: ContextVar[Check | None] = ContextVar("kops_tui_fence", default=None)


@contextmanager
def fenced(check: Check) -> Iterator[None]:
    """Has every change made in this block, by this thread, ask first.

    Threads begin without a fence; ``contextvars.copy_context().run`` takes it along.
    """
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


@contextmanager
def unfenced() -> Iterator[None]:
    """For the lock's own writes, which are what the fence asks about."""
    token = _CHECK.set(None)
    try:
        yield
    finally:
        _CHECK.reset(token)


def is_fenced() -> bool:
    """Whether this thread works under a lock."""
    return _CHECK.get() is not None


def expect_held() -> None:
    """To be called right before a change is sent. Raises LockLost, or NotReady if that can't be told."""
    check = _CHECK.get()
    if check is not None:
        check()


_READING = ("Assume", "Describe", "Get", "Head", "List")
"""How the names of AWS operations begin that change nothing."""


def changes(operation: str) -> bool:
    """Whether an AWS operation, by its name in botocore's model, may change something."""
    return not operation.startswith(_READING)


def before_send(event_name: str, **_: object) -> None:
    """A handler for botocore's ``before-send``, which every attempt at a call goes through."""
    if changes(event_name.rpartition(".")[2]):
        expect_held()
