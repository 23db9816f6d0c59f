"""Following an operation without a terminal UI: print its events, pass on signals, end with its exit code.

The operation is a process of its own. This one may leave at any time: SIGHUP, a closed stdout or SIGQUIT
(ctrl+\\) end the viewer alone; ctrl+c and SIGTERM ask the operation to stop at its next safe point, which is
waited for, and a second ctrl+c leaves it to itself.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from getpass import getpass
from typing import TYPE_CHECKING, TypeAlias

from kops_core.errors import EXIT_FAILED, KopsError
from kops_tui.cli.progress import event_printer
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from types import FrameType

    from kops_core import Asked, Engine, Event, OperationHandle, OperationRequest, Progress

React: TypeAlias = "Callable[[Event, OperationHandle], None]"


class Detached(Exception):
    """The viewer leaves, and the operation goes on."""

    def __init__(self, signal_number: int) -> None:
        super().__init__()
        self.exit_code = 128 + signal_number


def run_operation(engine: Engine, request: OperationRequest, events: str, react: React | None = None) -> int:
    """Start an operation and follow it to its end; its exit code. Raises the error that ended it."""
    from kops_core import LockHeld

    handle = engine.operations.start(request, interactive=is_interactive())
    try:
        return follow(handle, events, react)
    except LockHeld as error:
        holder = next(iter(engine.operations.running(request.cluster)), None)
        if holder is None:
            raise
        remedy = f"it was started here: kops-tui attach {holder.id} follows it"
        raise LockHeld(error.what, until=error.until, where=error.where, remedy=remedy) from error


def follow(handle: OperationHandle, form: str, react: React | None = None) -> int:
    """Print the events of an operation from the first one on; its exit code. Raises its error.

    react: called with each event after it was printed.
    """
    from kops_core import Failed, Finished, Progress, error_of

    echo(f"{handle.kind} {handle.cluster}: to follow it elsewhere: kops-tui attach {handle.id}", err=True)
    report = event_printer(form)
    progress = Progress()
    try:
        with _passing_signals_on(handle):
            for batch in handle.batches():
                for each in batch:
                    progress.record_event(each.event)
                    report(each)
                    if react is not None:
                        react(each.event, handle)
                # Not during a replay: somebody may have answered since.
                if progress.asked is not None and is_interactive():
                    _answer(handle, progress.asked)
    except Detached as detached:
        with suppress(OSError):  # the terminal may be gone
            echo(
                f"left; the {handle.kind} goes on by itself: kops-tui attach {handle.id} follows it, "
                f"kops-tui stop {handle.id} ends it",
                err=True,
            )
        return detached.exit_code
    _print_summary(handle, progress)
    end = progress.finished or progress.failed
    if isinstance(end, Failed):
        raise error_of(end)
    assert isinstance(end, Finished)  # noqa: S101 - the last event tells the end
    echo(end.message, err=form == "ndjson")
    return 0 if end.ok else EXIT_FAILED


def is_interactive() -> bool:
    """Whether somebody is there to answer questions."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answer(handle: OperationHandle, asked: Asked) -> None:
    with suppress(EOFError, KopsError):  # somebody else may have answered meanwhile
        handle.answer(asked.question, getpass(asked.text))


def _print_summary(handle: OperationHandle, progress: Progress) -> None:
    """What a log of CI should end with: the steps that failed and why, and how many there were of each."""
    from kops_core import Phase, printable

    for step in progress.steps.values():
        if step.phase is Phase.FAILED:
            echo(f"failed: {printable(step.name)}: {printable(step.note)}", err=True)
    end = progress.finished or progress.failed
    names = {Phase.DONE: "done", Phase.FAILED: "failed", Phase.SKIPPED: "skipped"}
    counts = [f"{progress.counts[phase]} {name}" for phase, name in names.items() if progress.counts[phase]]
    left = len(progress.steps) - sum(progress.counts[phase] for phase in names)
    counts += [f"{left} not ended"] if left else []
    counted = ", ".join(counts) or "no steps"
    spent = (end.at - handle.at).total_seconds() if end is not None else 0.0
    echo(f"{handle.kind} {handle.cluster} ({handle.id}): {counted} in {spent:.1f} s", err=True)


@contextmanager
def _passing_signals_on(handle: OperationHandle) -> Iterator[None]:
    """Signals to this process stop the operation, or end this process alone."""
    asked: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        if asked and number == signal.SIGINT:
            raise Detached(number)
        asked.append(number)
        with suppress(KopsError):  # it has just ended
            handle.stop()
        with suppress(RuntimeError):  # in the middle of writing a line: streams are not reentrant
            again = "; ctrl+c again leaves it to itself" if number == signal.SIGINT else ""
            echo(f"stopping after the steps under way{again}", err=True)

    def detach(number: int, _: FrameType | None) -> None:
        raise Detached(number)

    handlers = {
        signal.SIGINT: stop,
        signal.SIGTERM: stop,
        signal.SIGHUP: detach,
        signal.SIGQUIT: detach,
    }
    if threading.current_thread() is not threading.main_thread():
        handlers = {}
    # What was ignored stays so, as under nohup.
    kept = {each: signal.getsignal(each) for each in handlers}
    taken = [each for each in handlers if kept[each] is not signal.SIG_IGN]
    for each in taken:
        signal.signal(each, handlers[each])
    try:
        yield
    finally:
        for each in taken:
            signal.signal(each, kept[each])
