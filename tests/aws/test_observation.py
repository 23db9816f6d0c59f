"""Observing all kinds at once: what waits for what, and what a kind that fails does to the others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from kops_core.cloud.aws.adapter import Adapter, unsupported
from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.observation import ObservationContext
from kops_core.cloud.aws.resources.network import VPC, RouteTable, Subnet
from kops_core.cloud.aws.session import AwsSession
from kops_core.errors import CloudError
from kops_core.model.template import Key, Ref
from kops_core.plan.snapshot import Observed, Snapshot
from tests.sandbox.clients import made_up_login

THEN = datetime(2026, 1, 1, tzinfo=UTC)
NETWORK = VPC(name="net")
SUBNET = Subnet(name="a", vpc=Ref(NETWORK.key))
TABLE = RouteTable(name="t", vpc=Ref(NETWORK.key))

Observe = Callable[[ObservationContext, Sequence[Any]], list[Observed]]


def observe(**kinds: Observe) -> Snapshot:
    """Observe a VPC, a subnet and a route table in it by functions of the test. Fails if that hangs."""
    types = {"VPC": VPC, "Subnet": Subnet, "RouteTable": RouteTable}
    never = unsupported("never")
    adapters = {name: Adapter(types[name], each, never, never, never) for name, each in kinds.items()}
    cloud = AwsCloud(
        AwsSession(made_up_login("us-east-1")),
        cast("Any", None),
        "c",
        now=lambda: THEN,
        adapters=cast("Any", adapters),
    )
    desired = [each for each in (SUBNET, TABLE, NETWORK) if each.key.kind in kinds]
    found: list[Snapshot | BaseException] = []

    def look() -> None:
        try:
            found.append(cloud.observe(desired))
        except BaseException as error:  # noqa: BLE001 - handed to the test
            found.append(error)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    thread.join(20)
    assert found, "it hangs"
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def the_vpc(_: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
    return [Observed(each, "vpc-1") for each in desired]


def with_vpc(reading: ObservationContext, desired: Sequence[Any]) -> list[Observed]:
    return [Observed(replace(each, vpc=reading.value(each.vpc)), each.name) for each in desired]


def test_calls_that_need_no_reference_are_made_before_the_other_kind_was_read() -> None:
    subnets_asked = threading.Event()

    def vpcs(reading: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
        assert subnets_asked.wait(10), "the subnets have to be asked for meanwhile"
        return the_vpc(reading, desired)

    def subnets(reading: ObservationContext, desired: Sequence[Subnet]) -> list[Observed]:
        subnets_asked.set()
        return with_vpc(reading, desired)

    found = observe(Subnet=subnets, VPC=vpcs).resources[SUBNET.key]
    assert isinstance(found.resource, Subnet)
    assert found.resource.vpc == "vpc-1"


def test_parallel_calls_of_a_kind_may_all_wait_for_another() -> None:
    """The other kind makes calls in parallel, too: those that wait must not take its threads."""

    def vpcs(reading: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
        reading.each(lambda _: threading.Event().wait(0.01), range(50))
        return the_vpc(reading, desired)

    def subnets(reading: ObservationContext, desired: Sequence[Subnet]) -> list[Observed]:
        assert set(reading.each(lambda _: reading.value(SUBNET.vpc), range(100))) == {"vpc-1"}
        return with_vpc(reading, desired)

    assert observe(Subnet=subnets, VPC=vpcs, RouteTable=with_vpc).resources.keys() == {
        NETWORK.key,
        SUBNET.key,
        TABLE.key,
    }


def test_what_several_kinds_need_is_asked_once() -> None:
    asked: list[str] = []

    def ask() -> list[str]:
        asked.append("vpcs")
        return ["vpc-1"]

    def each(reading: ObservationContext, desired: Sequence[Any]) -> list[Observed]:
        (id_,) = reading.once("vpcs", ask)
        return [Observed(one, id_) for one in desired]

    observe(Subnet=each, RouteTable=each, VPC=each)
    assert asked == ["vpcs"]


def test_a_kind_that_fails_is_an_error_of_the_snapshot_and_its_references_are_unknown() -> None:
    def refused(reading: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
        raise CloudError("EC2 refuses access", where="VPC")

    found = observe(Subnet=with_vpc, VPC=refused)
    assert [error.splitlines()[0] for error in found.errors] == ["VPC: EC2 refuses access"]
    (subnet,) = found.resources.values()
    assert isinstance(subnet.resource, Subnet)
    assert subnet.resource.vpc is None


def test_a_fault_of_the_program_keeps_nobody_waiting() -> None:
    def broken(reading: ObservationContext, desired: Sequence[VPC]) -> list[Observed]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        observe(Subnet=with_vpc, VPC=broken)


def test_leftovers_are_told_in_the_same_order_whoever_is_first() -> None:
    def slow(kind: str, first: str) -> Observe:
        def each(reading: ObservationContext, desired: Sequence[Any]) -> list[Observed]:
            threading.Event().wait(0 if kind == first else 0.05)
            return [Observed(replace(one, name="left"), f"{kind}-1") for one in desired]

        return each

    orders = set()
    for first in ("VPC", "Subnet", "RouteTable"):
        found = observe(**{kind: slow(kind, first) for kind in ("VPC", "Subnet", "RouteTable")})
        orders.add(tuple(each.id for each in found.foreign))
    assert len(orders) == 1
    assert Key("VPC", "net") not in found.resources
