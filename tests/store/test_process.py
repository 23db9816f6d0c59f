"""Proof that the process of a lock's holder has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from kops_core.store.process import Liveness, ProcessIdentity, liveness, this_process

IDENTIFY = "from kops_core.store.process import this_process as t; p=t(); print(p.pid, p.started, flush=True)"

pytestmark = pytest.mark.skipif(not this_process().boot, reason="this system tells no boot id")


def _other() -> tuple[subprocess.Popen[str], ProcessIdentity]:
    process = subprocess.Popen(
        [sys.executable, "-c", f"{IDENTIFY}; import time; time.sleep(60)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    pid, started = process.stdout.readline().split()
    return process, replace(this_process(), pid=int(pid), started=started)


def test_a_process_lives_until_it_ends_even_stopped_and_as_a_zombie_it_has_ended() -> None:
    process, identity = _other()
    assert liveness(this_process()) is Liveness.RUNNING
    assert liveness(identity) is Liveness.RUNNING
    process.send_signal(signal.SIGSTOP)
    assert liveness(identity) is Liveness.RUNNING
    process.kill()
    while liveness(identity) is Liveness.RUNNING:  # not reaped: it is a zombie now
        time.sleep(0.01)
    assert (os.waitid(os.P_PID, identity.pid, os.WEXITED | os.WNOWAIT)) is not None
    assert liveness(identity) is Liveness.GONE
    process.communicate()
    assert liveness(identity) is Liveness.GONE


def test_another_process_with_the_same_number_is_not_it() -> None:
    assert liveness(replace(this_process(), started="1")) is Liveness.GONE


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"boot": "another-boot"},
        {"namespace": "pid:[1]"},
        {"boot": ""},
        {"pid": 0},
        {"started": ""},
    ],
)
def test_nothing_is_proven_of_another_boot_or_container(elsewhere: dict[str, str]) -> None:
    gone = replace(this_process(), pid=2**22 + 1)  # beyond the largest number that Linux gives
    assert liveness(gone) is Liveness.GONE
    assert liveness(replace(gone, **elsewhere)) is Liveness.UNKNOWN  # type: ignore[arg-type]
