"""Errors that end an operation, as events and back, so that a viewer raises what the operation met."""

from __future__ import annotations

import errno
from datetime import datetime

from kops_core import errors
from kops_core.errors import FactsNotRead, InvalidSpec, KopsError, LockHeld, MissingFact, OperationFailed
from kops_core.operations.events import Failed


def failed(error: BaseException, at: datetime, operation: str) -> Failed:
    """The event for an error. Of one that is a fault of the program only the kind is told.

    Its text may hold anything; the log of the operation's process has where it happened.
    """
    if isinstance(error, OSError):
        error = OperationFailed(
            error.strerror or type(error).__name__,
            where=str(error.filename or ""),
            remedy=_REMEDIES.get(
                error.errno or 0, "what was done is done; started again, it goes on from there"
            ),
        )
    if not isinstance(error, KopsError):
        return Failed(
            at,
            operation,
            type(error).__name__,
            f"this is a fault of kops-tui: {type(error).__name__}",
            remedy="what was done is done; run it again to go on, and report the operation's log",
        )
    return Failed(
        at,
        operation,
        type(error).__name__,
        error.what,
        error.where,
        error.remedy,
        error.exit_code,
        error.until if isinstance(error, LockHeld) else None,
        error.errors if isinstance(error, InvalidSpec) else (),
    )


def error_of(event: Failed) -> KopsError:
    """The error that an event tells of, with its class, texts and exit code.

    A class that is unknown here, or made from more than its texts, becomes OperationFailed.
    """
    error: KopsError
    kind = getattr(errors, event.error, None)
    if kind is LockHeld:
        error = LockHeld(event.what, until=event.until, where=event.where, remedy=event.remedy)
    elif kind is InvalidSpec:
        error = InvalidSpec(event.fields, where=event.where, remedy=event.remedy)
    elif isinstance(kind, type) and issubclass(kind, KopsError) and kind not in _OF_FACTS:
        error = kind(event.what, where=event.where, remedy=event.remedy)
    else:
        error = OperationFailed(event.what, where=event.where, remedy=event.remedy)
    error.exit_code = event.exit_code
    return error


_REMEDIES = {
    errno.ENOSPC: "make room on the disk, then start it again; it goes on where it stopped",
    errno.EDQUOT: "make room in your quota, then start it again; it goes on where it stopped",
    errno.EACCES: "make it yours to write; where things are kept is told by: kops-tui info",
    errno.EROFS: "make it yours to write; where things are kept is told by: kops-tui info",
}
_OF_FACTS = (MissingFact, FactsNotRead)
