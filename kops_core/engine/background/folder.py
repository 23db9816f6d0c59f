"""The folder of one operation in the state folder: its request, event log, process and control channel.

    operations/<id>/request.json   what it was asked to do, by whom, under which settings
                    events.ndjson  what it has reported
                    control        a FIFO, in which viewers ask it to stop, pause, resume, skip, end a drain
                    process.json   which process it is
                    log            what that process wrote on stdout and stderr: nothing, unless it is broken

All of it is readable by its owner alone, whatever the umask: the folder has mode 0700, the files 0600.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kops_core.engine.background.control import is_read
from kops_core.engine.background.requests import Order, dumps, loads
from kops_core.engine.private_files import make_private, write_private
from kops_core.errors import OperationFailed, Refused
from kops_core.operations.plain_data import from_data, to_data
from kops_core.store.process import Liveness, ProcessIdentity, liveness, this_process

KEPT = timedelta(days=30)
"""How long the folder of an operation that has ended is kept."""
_STARTS_WITHIN = timedelta(seconds=60)
"""After that, a process that has not identified itself has not started."""


@dataclass(frozen=True)
class OperationFolder:
    """The files of one operation."""

    path: Path

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.path.name

    @property
    def request(self) -> Path:
        """Its order."""
        return self.path / "request.json"

    @property
    def events(self) -> Path:
        """Its event log."""
        return self.path / "events.ndjson"

    @property
    def control(self) -> Path:
        """Its control channel."""
        return self.path / "control"

    @property
    def log(self) -> Path:
        """What its process wrote."""
        return self.path / "log"

    @property
    def _process(self) -> Path:
        return self.path / "process.json"

    def order(self) -> Order:
        """I/O. What it was asked to do. Raises OperationFailed."""
        try:
            text = self.request.read_bytes()
        except OSError as error:
            raise OperationFailed(
                f"the request of an operation can't be read: {error.strerror}", where=str(self.request)
            ) from error
        return loads(text, where=str(self.request))

    def identify(self) -> None:
        """I/O. Records that this process carries it out. Raises OSError."""
        write_private(self._process, json.dumps(to_data(this_process())))

    def process(self) -> ProcessIdentity | None:
        """I/O. The process that carries it out; None if it has not identified itself."""
        try:
            return from_data(json.loads(self._process.read_bytes()), ProcessIdentity)
        except (OSError, ValueError):
            return None

    def liveness(self, at: datetime, now: datetime) -> Liveness:
        """I/O. Whether its process runs. at: when it was asked for."""
        process = self.process()
        if process is not None:
            found = liveness(process)
            # Where processes can't be told apart, their end of the FIFO can, on the same machine.
            if found is Liveness.UNKNOWN and process.host == socket.gethostname():
                return Liveness.RUNNING if is_read(self.control) else Liveness.GONE
            return found
        return Liveness.RUNNING if now - at < _STARTS_WITHIN else Liveness.GONE

    def expect_own(self) -> None:
        """I/O. Raises Refused for a folder or control channel of another user."""
        for path in (self.path, self.control):
            with suppress(FileNotFoundError):
                found = path.lstat()
                if found.st_uid != os.geteuid() or stat.S_ISLNK(found.st_mode):
                    raise Refused(
                        "this operation belongs to another user",
                        where=str(path),
                        remedy="follow and control it as that user",
                    )


def create_folder(operations: Path, make: Callable[[str], Order]) -> tuple[OperationFolder, Order]:
    """I/O. The folder of a new operation below that of all of them, with its order in it.

    make: the order for an id. Raises OperationFailed if anything of it can't be written.
    """
    folder = OperationFolder(operations / secrets.token_hex(4))
    order = make(folder.id)
    try:
        make_private(operations)
        folder.path.mkdir(mode=0o700)
        os.mkfifo(folder.control, 0o600)
        for empty in (folder.events, folder.log):
            write_private(empty, "")
        write_private(folder.request, dumps(order))  # last: with it, the folder counts
    except OSError as error:
        shutil.rmtree(folder.path, ignore_errors=True)
        raise OperationFailed(
            f"the operation can't be recorded: {error.strerror}",
            where=str(folder.path),
            remedy="nothing was started; make room there, or set another state folder (XDG_STATE_HOME)",
        ) from error
    return folder, order


def folders(operations: Path) -> Iterator[OperationFolder]:
    """I/O. The folders of all operations."""
    with suppress(FileNotFoundError):
        for path in operations.iterdir():
            if (path / "request.json").is_file():
                yield OperationFolder(path)


def remove_old(operations: Path, now: datetime) -> None:
    """I/O. Removes the folders of operations that reported nothing for a long time and run no more."""
    for folder in folders(operations):
        with suppress(OSError):
            last = datetime.fromtimestamp(folder.events.stat().st_mtime, UTC)
            process = folder.process()
            if now - last > KEPT and (process is None or liveness(process) is not Liveness.RUNNING):
                shutil.rmtree(folder.path)
