"""Real processes, real sockets, real kill -9: applied to the sandbox, killed, and run again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from kops_core.cloud.aws.session import AwsSession, AwsSettings
from kops_core.cloud.sandbox.process import Sandbox
from kops_core.operations import journal
from kops_core.store.file import FileBackend
from tests.aws.account import Account, difference
from tests.aws.clusters import desired
from tests.operations.engine_world import sandbox
from tests.sandbox.clients import made_up_login

pytestmark = pytest.mark.full

__all__ = ["sandbox"]

CASE = "minimal"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def there(sandbox: Sandbox) -> Account:
    """The sandbox as an account."""
    session = AwsSession(
        made_up_login(sandbox.region),
        AwsSettings(endpoint_url=sandbox.endpoint_url),
    )

    def reset() -> None:
        request = urllib.request.Request(f"{sandbox.endpoint_url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request).close()

    return Account(session, [], reset)


class Applier:
    """The program of ``applier.py``, with a store and journals of its own."""

    def __init__(self, sandbox: Sandbox, zone: str, folder: Path) -> None:
        self.store, self.journals = folder / "store", folder / "journals"
        arguments = [CASE, zone, str(self.store), str(self.journals)]
        self._command = [sys.executable, "-m", "tests.operations.applier", *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._environment = clean | sandbox.env

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self) -> None:
        process = self.start()
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output[-2000:]

    def written(self) -> int:
        """Lines of the journal so far."""
        return sum(path.read_bytes().count(b"\n") for path in self.journals.glob("*"))

    def kill_after(self, lines: int) -> bool:
        """Kills a run once the journal has so many more lines; False if it ended before."""
        process, before = self.start(), self.written()
        while process.poll() is None and self.written() < before + lines:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        return process.returncode == -signal.SIGKILL


def test_killed_and_run_again_over_sockets_it_ends_in_the_same_account(
    sandbox: Sandbox, there: Account, tmp_path: Path
) -> None:
    there.reset()
    uninterrupted = Applier(sandbox, there.zone, tmp_path / "one")
    uninterrupted.run()
    there.store = FileBackend(uninterrupted.store)
    expected = there.inventory()
    cluster = desired(CASE, there.zone)
    there.open_other = lambda url: FileBackend(uninterrupted.store / url.replace("/", "_"))  # type: ignore[method-assign]
    assert there.plan(cluster)[0].empty

    there.reset()
    killed = Applier(sandbox, there.zone, tmp_path / "other")
    for lines in (5, 60):
        assert killed.kill_after(lines)
    killed.run()
    there.store = FileBackend(killed.store)
    assert difference(expected, there.inventory()) == []
    history = journal.read(next(killed.journals.iterdir()))
    assert history is not None
    assert history.finished
    assert sum(entry.what == "started" for entry in history.entries) == 3
