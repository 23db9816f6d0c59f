"""Runs one operation of the engine as a process, with a clock that its test moves.

``python -m tests.operations.engine_worker OPERATOR CLOCK_FILE WORK [ARGUMENT]``: WORK is ``apply``, ``roll``,
``delete`` or ``create-keypair KEYSET [N]``, which is killed outright once N keypairs are made. The clock
file holds the seconds by which both clocks are ahead.
The exit code is that of the command line.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from kops_core import CancelToken, Engine, Event, Finished, KeypairChange, KopsError, Limits, RollingSettings
from kops_core.operations.clock import SystemClock
from kops_tui.cli.settings import resolve


class MovedClock(SystemClock):
    """The machine's time plus the offset in the file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._ahead())

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead()

    def _ahead(self) -> float:
        return float(self._file.read_text())


def main() -> int:
    operator, clock_file, work, *rest = sys.argv[1:]
    settings = replace(resolve({}, os.environ, write=True), operator=operator)
    engine = Engine(settings, clock=MovedClock(Path(clock_file)))
    try:
        ended = _run(engine, settings.cluster, work, rest)
    except KopsError as error:
        sys.stdout.write(f"error: {error}\n")
        return error.exit_code
    if ended is not None:
        sys.stdout.write(f"{ended.message}\n")
        return 0 if ended.ok else 1
    return 0


def _run(engine: Engine, cluster: str, work: str, rest: list[str]) -> Finished | None:
    cancel = CancelToken()

    def emit(event: Event) -> None:
        pass

    made: list[str] = []

    def tell(change: KeypairChange) -> None:
        sys.stdout.write(f"{change.keyset} {change.id} {change.done}\n")
        made.append(change.keyset)
        if rest[1:] == [str(len(made))]:
            os.kill(os.getpid(), signal.SIGKILL)

    match work:
        case "apply":
            return engine.open(cluster).apply(emit, cancel)
        case "roll":
            return engine.open(cluster).roll(
                (),
                emit,
                cancel,
                settings=RollingSettings(node_interval=0, control_plane_interval=0, cloud_only=True),
            )
        case "delete":
            return engine.deletion(cluster).carry_out(
                None, emit, cancel, Limits(deadline=120, total_timeout=120)
            )
        case "create-keypair":
            engine.keypairs(cluster).create(rest[0], tell)
            return None
    raise ValueError(work)


if __name__ == "__main__":
    sys.exit(main())
