"""The process of an operation: ``python -m kops_core.engine.background.worker FOLDER``.

It leads a session of its own, so that no terminal can end it, and ignores SIGHUP. SIGINT and SIGTERM stop
the operation at its next safe point. The exit code is that of the command line.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kops_core.collector import collect_less_often
from kops_core.engine.background.control import ControlMessage, ControlReader
from kops_core.engine.background.folder import OperationFolder
from kops_core.engine.background.run import Emit, OperationRun
from kops_core.errors import EXIT_FAILED, KopsError
from kops_core.operations.clock import CancelToken
from kops_core.operations.event_log import EventLog
from kops_core.operations.events import Control, Failed, Finished
from kops_core.operations.failure import failed

_WRITTEN_WITHIN = 30.0
"""Seconds that the end waits for room on a full disk."""


def main(path: Path) -> int:
    """Carries out the order in a folder; the exit code."""
    collect_less_often()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    folder = OperationFolder(path)
    log = EventLog(folder.events)
    try:
        last = _carry_out(folder, log)
    except (KopsError, OSError) as error:  # it can't be controlled, or what it should do can't be read
        last = failed(error, datetime.now(UTC), folder.id)
        log.append(last)
    until = time.monotonic() + _WRITTEN_WITHIN
    while not log.flush() and time.monotonic() < until:
        time.sleep(0.2)
    if isinstance(last, Failed):
        return last.exit_code
    return 0 if last.ok else EXIT_FAILED


def _carry_out(folder: OperationFolder, log: EventLog) -> Finished | Failed:
    order = folder.order()
    run = OperationRun(order, log.append, lambda: datetime.now(UTC))

    def stop(number: int, _: object) -> None:
        message = ControlMessage(Control.STOP, signal.Signals(number).name)
        # In a thread of its own: this one may be about to write the log.
        threading.Thread(target=run.receive, args=(message,), daemon=True).start()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    ControlReader(folder.control, run.receive)
    folder.identify()

    def work(emit: Emit, cancel: CancelToken) -> Finished:
        # Only now, so that viewers can follow and stop it from the first moment on.
        from kops_core.engine.background.carry_out import carry_out
        from kops_core.engine.engine import Engine

        engine = Engine(replace(order.settings, environment=dict(os.environ)))
        if order.interactive:
            engine.mfa_prompt.ask = run.ask
        return carry_out(engine, order.request, emit, cancel)

    return run.carry_out(work, lambda where: print(where, file=sys.stderr))  # noqa: T201 - this is its log


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
