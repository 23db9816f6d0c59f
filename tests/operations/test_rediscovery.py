"""Deletion of a cluster whose controllers still create resources, in a minimal fake account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from kops_core.cloud.ports import Discovery
from kops_core.errors import AccessDenied, CloudConflict
from kops_core.model.template import Key
from kops_core.operations.apply import ApplySettings, ClusterDeletion, apply
from kops_core.operations.events import Event
from kops_core.operations.journal import Journal, read_all
from kops_core.operations.outcome import Outcome
from kops_core.operations.rediscovery import NOTHING_LEFT
from kops_core.operations.steps import Limits
from kops_core.plan.deletion import KUBECONFIG, StateLocation, plan_deletion
from kops_core.plan.snapshot import DiscoveredResource, Snapshot
from tests.aws.account import FakeClock

VPC = DiscoveredResource("VPC", "vpc-1")
SUBNET = DiscoveredResource("Subnet", "subnet-1", uses=frozenset({"vpc-1"}))
MACHINE = DiscoveredResource("Instance", "i-1", uses=frozenset({"subnet-1"}))
INTERFACE = DiscoveredResource("NetworkInterface", "eni-1", uses=frozenset({"subnet-1"}))
VOLUME = DiscoveredResource("EBSVolume", "vol-1")
STATE = StateLocation("mem://store/c", ("c/config",))


@dataclass
class Cloud:
    """An account that refuses to delete what something else uses, and in which things appear."""

    there: dict[str, DiscoveredResource]
    appearing: Callable[[Cloud, str], None] = lambda cloud, id_: None
    """Called with each id after it was deleted."""
    deleted: list[str] = field(default_factory=list)
    denied: str = ""
    """Id of what the credentials may not delete."""
    refused: str = ""
    """Id of what something unseen holds on to."""
    looks: int = 0

    def discover(self) -> Snapshot:
        self.looks += 1
        return Snapshot(datetime(2026, 1, 1, tzinfo=UTC), discovered=tuple(self.there.values()))

    def delete(self, found: DiscoveredResource) -> None:
        if found.id == self.denied:
            raise AccessDenied("no", where=str(found.key))
        if found.id == self.refused or any(found.id in each.uses for each in self.there.values()):
            raise CloudConflict("something uses it", where=str(found.key))
        del self.there[found.id]
        self.deleted.append(found.id)
        self.appearing(self, found.id)


def delete(cloud: Cloud, folder: Path, final: Callable[[Key], None], *, deadline: float = 600) -> Outcome:
    discovery: Discovery = cloud
    snapshot = discovery.discover()
    plan = plan_deletion("c", snapshot, state=(STATE,), kubeconfig=True)
    acts = {key: lambda key=key: final(key) for key in (STATE.key, KUBECONFIG)}
    clock, events = FakeClock(), list[Event]()
    with Journal.start(folder, "delete", "c", "tester@here", "0123456789ab", clock.now) as journal:
        return apply(
            plan,
            {},
            snapshot,
            None,
            journal,
            clock=clock,
            random=lambda: 0.5,
            emit=events.append,
            settings=ApplySettings(Limits(threads=1, deadline=deadline), "tester@here"),
            deletion=ClusterDeletion(discovery, acts),
        )


def account(*found: DiscoveredResource) -> Cloud:
    return Cloud({each.id: each for each in found})


def test_what_refers_to_others_goes_first_and_the_state_last(tmp_path: Path) -> None:
    cloud, last = account(VPC, SUBNET, MACHINE, VOLUME), list[Key]()
    outcome = delete(cloud, tmp_path, last.append)
    assert outcome.ok, outcome.failed
    assert [id_ for id_ in cloud.deleted if id_ != VOLUME.id] == [MACHINE.id, SUBNET.id, VPC.id]
    assert last == [STATE.key, KUBECONFIG]
    assert {*outcome.done} == {
        *(str(each.key) for each in (VPC, SUBNET, MACHINE, VOLUME)),
        NOTHING_LEFT,
        str(STATE.key),
        str(KUBECONFIG),
    }


def test_what_comes_to_light_while_a_deletion_is_refused_goes_before_it(tmp_path: Path) -> None:
    """The network plugin leaves an interface behind with its machine, and that holds on to the subnet."""
    cloud, last = account(VPC, SUBNET, MACHINE), list[Key]()

    def leave(cloud: Cloud, id_: str) -> None:
        if id_ == MACHINE.id:
            cloud.there[INTERFACE.id] = INTERFACE

    cloud.appearing = leave
    outcome = delete(cloud, tmp_path, last.append)
    assert outcome.ok, outcome.failed
    assert cloud.deleted == [MACHINE.id, INTERFACE.id, SUBNET.id, VPC.id]
    assert last == [STATE.key, KUBECONFIG]


def test_what_was_made_meanwhile_and_holds_on_to_nothing_is_found_before_the_state_goes(
    tmp_path: Path,
) -> None:
    cloud, there = account(VPC, MACHINE), list[bool]()

    def claim(cloud: Cloud, id_: str) -> None:
        if id_ == VPC.id:
            cloud.there[VOLUME.id] = VOLUME

    cloud.appearing = claim
    outcome = delete(cloud, tmp_path, lambda key: there.append(bool(cloud.there)))
    assert outcome.ok, outcome.failed
    assert cloud.deleted[-1] == VOLUME.id
    assert there == [False, False]
    assert cloud.looks == 3, "before, after the VPC, after the volume"


def test_two_looks_that_contradict_each_other_do_not_stop_the_deletion(tmp_path: Path) -> None:
    """Two security groups: at first one refers to the other, and later the other to the one."""
    one = DiscoveredResource("SecurityGroup", "sg-1", uses=frozenset({"sg-2"}))
    two = DiscoveredResource("SecurityGroup", "sg-2")
    turned = (replace(one, uses=frozenset()), replace(two, uses=frozenset({"sg-1"})), INTERFACE)
    cloud = account(one, two, MACHINE, replace(SUBNET, uses=frozenset()))

    def turn(cloud: Cloud, id_: str) -> None:
        if id_ == MACHINE.id:
            cloud.there |= {each.id: each for each in turned}

    cloud.appearing = turn
    outcome = delete(cloud, tmp_path, lambda key: None)
    assert outcome.ok, (outcome.failed, outcome.skipped)
    assert cloud.there == {}


def test_after_a_failure_the_state_stays_and_the_next_run_goes_on(tmp_path: Path) -> None:
    cloud, last = account(VPC, SUBNET, MACHINE), list[Key]()
    cloud.denied = SUBNET.id
    failed = delete(cloud, tmp_path, last.append)
    assert not failed.ok
    assert list(failed.failed) == [str(SUBNET.key)]
    assert set(failed.skipped) == {str(VPC.key), NOTHING_LEFT, str(STATE.key), str(KUBECONFIG)}
    assert last == []
    cloud.denied = ""
    assert delete(cloud, tmp_path, last.append).ok
    assert cloud.deleted == [MACHINE.id, SUBNET.id, VPC.id]
    assert last == [STATE.key, KUBECONFIG]
    (history,) = read_all(tmp_path)
    assert history.finished


def test_what_stays_refused_fails_at_its_deadline(tmp_path: Path) -> None:
    cloud, last = account(SUBNET, VPC), list[Key]()
    cloud.refused = SUBNET.id
    outcome = delete(cloud, tmp_path, last.append, deadline=120)
    assert list(outcome.failed) == [str(SUBNET.key)]
    assert isinstance(outcome.failed[str(SUBNET.key)], CloudConflict)
    assert cloud.looks >= 3, "it is looked again while it is refused"
    assert last == []
