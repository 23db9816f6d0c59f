"""A real process stopped in the middle of its work (SIGSTOP, as a laptop's sleep), overtaken, and continued.

Both processes talk over sockets to one embedded AWS. The stopped one goes through a proxy that stops it
at a chosen changing request, and then sees every request that it sends after it was continued.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from kops_core import ObjectNotFound
from tests.operations.engine_world import CLUSTER, World, engine, sandbox, world
from tests.operations.fault_injection import Answer, Fault, FaultProxy, Request, refusal

pytestmark = pytest.mark.sweep

TWENTY_MINUTES = "1200"

__all__ = ["sandbox", "world"]


class Stopping(Fault):
    """Stops a process when its nth changing request arrives; then tells what it sends once it goes on."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._count = 0
        self._mutex = threading.Lock()
        self.pid = 0
        self.stopped = threading.Event()
        self.stopped_at = ""
        self.late: list[str] = []
        """Changing requests that were signed after the stop."""
        self.expired: list[str] = []
        """Those signed before it: AWS refuses them, for they are older than five minutes."""

    def before(self, request: Request) -> Answer | None:
        if not request.changes or "/.kops-tui/" in request.operation:
            return None
        with self._mutex:
            if self.stopped.is_set():
                if request.signed_at <= self.stopped_at:
                    self.expired.append(request.operation)
                    return refusal(request.service, "RequestExpired", 400)
                self.late.append(request.operation)
                return None
            self._count += 1
            if self._count == self._at:
                os.kill(self.pid, signal.SIGSTOP)
                time.sleep(0.2)  # what was in its sockets by then arrives as if before
                self.stopped_at = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
                self.stopped.set()
        return None


def overtaken(world: World, at: int, mine: tuple[str, ...], theirs: tuple[str, ...]) -> Stopping:
    """Ann's work stopped at a request for 20 minutes, in which Bob's runs to its end."""
    world.clock.write_text("0")
    with FaultProxy.of(world.sandbox.endpoint_url) as front:
        fault = Stopping(at)
        with front.weather(fault):
            ann = world.start("ann@laptop", *mine, endpoint=front.url)
            fault.pid = ann.pid
            assert fault.stopped.wait(120), ann.communicate(timeout=10)
            world.clock.write_text(TWENTY_MINUTES)
            world.run("bob@desk", *theirs)
            time.sleep(1.1)  # dates of signatures have seconds
            ann.send_signal(signal.SIGCONT)
            told, _ = ann.communicate(timeout=180)
    assert ann.returncode == 5, told
    assert "bob@desk took it over" in told
    assert "nothing is left to do" not in told
    assert fault.late == []
    return fault


@pytest.mark.parametrize("at", [1, 40, 75])
def test_an_apply_that_was_overtaken_makes_nothing_twice(world: World, at: int) -> None:
    overtaken(world, at, ("apply",), ("apply",))
    found = world.named()
    assert found["vol a.etcd-main.fence.example.com"] == 1
    assert {name: number for name, number in found.items() if number > 1} == {}
    assert world.run("eve@tower", "apply") == "nothing to do\n"


def test_a_deletion_that_was_overtaken_says_so(world: World) -> None:
    world.run("eve@tower", "apply")
    overtaken(world, 20, ("delete",), ("delete",))
    assert engine().deletion(CLUSTER, region=world.sandbox.region, external=True).plan().pending[:-1] == ()
    with pytest.raises(ObjectNotFound):
        engine().open(CLUSTER)


def test_a_roll_that_was_overtaken_ends_no_instance_of_the_winner(world: World) -> None:
    world.run("eve@tower", "apply")
    workspace = engine().open(CLUSTER)
    workspace.set_field("nodes-us-east-1a", "spec.machineType", "m5.xlarge")
    workspace.save()
    world.run("eve@tower", "apply")
    before = _instances(world)
    overtaken(world, 1, ("roll",), ("roll",))
    after = _instances(world)
    ended = {id_ for id_, state in after.items() if state == "terminated"}
    assert len(ended) == 2, "two nodes were outdated"
    assert ended < before.keys()
    assert world.run("eve@tower", "roll") == "nothing to do\n"


def test_a_key_rotation_that_was_overtaken_stores_nothing_more(world: World) -> None:
    world.run("eve@tower", "apply")
    overtaken(world, 2, ("create-keypair", "all"), ("create-keypair", "all"))
    keypairs = engine().keypairs(CLUSTER).summaries()
    created = Counter(each.keyset for each in keypairs)
    # Ann had stored some when she was stopped, Bob one of each.
    assert set(created.values()) <= {2, 3}
    assert 2 in created.values()


def _instances(world: World) -> dict[str, str]:
    return {
        each["InstanceId"]: each["State"]["Name"]
        for reservation in world.ec2.describe_instances()["Reservations"]
        for each in reservation["Instances"]
        if CLUSTER in str(each.get("Tags"))
    }
