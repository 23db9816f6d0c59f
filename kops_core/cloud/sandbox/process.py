"""Starts and stops the sandbox's process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from kops_core.cloud.sandbox.server import PID_PATH, STRICT_PATH
from kops_core.errors import KopsError

REGION = "us-east-1"

_STARTS_WITHIN = 60.0
"""Timeout of the start in seconds, enough for a cold disk and a busy machine."""


_ENDS_WITHIN = 3.0
"""Seconds after which a server that was terminated is killed."""


class SandboxError(KopsError):
    """The sandbox could not be started or reached."""


@dataclass
class Sandbox:
    """A running sandbox. As a context manager, stops it at the end."""

    endpoint_url: str
    """The endpoint of all services, e.g. ``http://127.0.0.1:40123``."""
    kubernetes_url: str
    """The API server of all clusters, e.g. ``https://127.0.0.1:40124``; the TLS server name says which."""
    pid: int
    log: Path
    """The server's log file."""
    region: str = REGION
    _process: subprocess.Popen[str] | None = None

    @classmethod
    def start(
        cls, *, detached: bool = False, log: Path | None = None, as_is: bool = False, wait: bool = True
    ) -> Self:
        """Starts a server and waits until it responds; without ``wait``, until it listens.

        A listening server queues requests until it has loaded, for about a second. It ends with this process,
        unless detached: then it runs until ``stop``, ``running()`` finds it, and there is one for each user.
        ``as_is`` leaves the emulator unpatched, for tests of the patches. Raises SandboxError.
        """
        if detached and (running := cls.running()) is not None:
            return running
        log = log or _log_of_its_own(detached)
        command = [sys.executable, "-m", "kops_core.cloud.sandbox.server"]
        command += [flag for flag, wanted in (("--detached", detached), ("--as-is", as_is)) if wanted]
        with log.open("w") as output:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                command,
                stdin=subprocess.DEVNULL if detached else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                start_new_session=True,
            )
        assert process.stdout is not None  # noqa: S101 - asked for above
        line = process.stdout.readline()
        process.stdout.close()
        try:
            greeting = json.loads(line)
        except ValueError:
            process.kill()
            process.wait()
            raise SandboxError(
                "the sandbox did not start",
                where=str(log),
                remedy="is the package installed with its sandbox extra (moto)?",
            ) from None
        sandbox = cls(greeting["endpoint"], greeting["kubernetes"], greeting["pid"], log, _process=process)
        if wait:
            sandbox.wait()
        if detached:
            _state_file().write_text(json.dumps({**greeting, "log": str(log)}))
        return sandbox

    @classmethod
    def running(cls) -> Self | None:
        """The detached sandbox of this user, if one runs."""
        try:
            known = json.loads(_state_file().read_text())
            sandbox = cls(
                str(known["endpoint"]), str(known["kubernetes"]), int(known["pid"]), Path(known["log"])
            )
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None
        return sandbox if sandbox._is_responding() else None

    @property
    def env(self) -> dict[str, str]:
        """The environment that points the AWS SDK, so kOps too, at the sandbox, and us at its clusters."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ACCESS_KEY_ID": "sandbox",
            "AWS_SECRET_ACCESS_KEY": "sandbox",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "KOPS_STATE_STORE": "s3://kops-state",
            "KOPS_TUI_KUBERNETES_ENDPOINT": self.kubernetes_url,
            "NO_PROXY": "127.0.0.1",
        }

    def wait(self) -> None:
        """Returns when the server responds. Stops it and raises SandboxError if it does not."""
        if not self._is_responding(_STARTS_WITHIN):
            self.stop()
            raise SandboxError("the sandbox does not answer", where=self.endpoint_url)

    def make_strict(self) -> None:
        """Makes the account strict: it behaves as AWS does, ten times as fast. Raises SandboxError."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"{self.endpoint_url}{STRICT_PATH}", method="POST")  # noqa: S310 - http
        try:
            with direct.open(request, timeout=_STARTS_WITHIN):
                return
        except OSError as error:
            raise SandboxError(
                f"the sandbox did not become strict: {error}", where=self.endpoint_url
            ) from error

    def stop(self) -> None:
        """Stops the server; stopping twice is no error."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        elif self._is_responding():
            os.kill(self.pid, signal.SIGTERM)
        if self.log == _state_folder() / "sandbox.log":
            _state_file().unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _is_responding(self, timeout: float = 2.0) -> bool:
        """Whether this server responds, and not another one at its old port."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.endpoint_url}{PID_PATH}", timeout=timeout) as answer:
                return bool(answer.read() == str(self.pid).encode())
        except OSError:
            return False


def _log_of_its_own(detached: bool) -> Path:
    """The default log file of a server; logs of processes that have ended are removed."""
    folder = _state_folder()
    for old in folder.glob("sandbox-*.log"):
        pid = old.stem.removeprefix("sandbox-")
        if pid.isdecimal() and not _is_alive(int(pid)):
            old.unlink(missing_ok=True)
    return folder / ("sandbox.log" if detached else f"sandbox-{os.getpid()}.log")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _state_folder() -> Path:
    from platformdirs import user_state_path

    folder = user_state_path("kops-tui") / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _state_file() -> Path:
    return _state_folder() / "sandbox.json"
