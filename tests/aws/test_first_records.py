"""Placeholder records exist before machines query them, because negative answers are cached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.resources.dns import DNSZone
from tests.aws.account import Account
from tests.aws.clusters import desired
from tests.operations.deleting import delete

pytestmark = pytest.mark.full

NAME = "minimal-aws.example.com"
PROVIDER = ("  networkCIDR:", "  externalDns:\n    provider: external-dns\n  networkCIDR:")
OWNER = f'"heritage=external-dns,external-dns/owner=kops-{NAME}"'


def _held(account: Account) -> dict[str, str]:
    """The cluster's records and what each holds."""
    answer: Any = account.aws.route53.list_resource_record_sets(HostedZoneId=account.zone)
    return {
        f"{each['Type']} {each['Name'].rstrip('.')}": each["ResourceRecords"][0]["Value"]
        for each in answer["ResourceRecordSets"]
        if NAME in each["Name"]
    }


def _change(account: Account, action: Any, name: str, value: str) -> None:
    kind, _, host = name.partition(" ")
    record: Any = {"Name": host, "Type": kind, "TTL": 10, "ResourceRecords": [{"Value": value}]}
    account.aws.route53.change_resource_record_sets(
        HostedZoneId=account.zone,
        ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    )


def test_records_are_there_first_and_then_their_publishers(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone)
    public, inside = f"A api.{NAME}", f"A api.internal.{NAME}"
    _change(account, "CREATE", public, "192.0.2.7")
    assert account.apply(cluster, tmp_path / "one").ok
    controller = f"A kops-controller.internal.{NAME}"
    assert _held(account) == {public: "192.0.2.7", inside: "203.0.113.123", controller: "203.0.113.123"}

    _change(account, "UPSERT", inside, "172.20.1.1")
    assert account.plan(cluster)[0].empty
    _change(account, "DELETE", inside, "172.20.1.1")
    plan, _ = account.plan(cluster)
    assert [(change.key.kind, [each.name for each in change.fields]) for change in plan.pending] == [
        ("DNSZone", ["first_records"])
    ]
    assert account.apply(cluster, tmp_path / "two").ok
    assert _held(account)[inside] == "203.0.113.123"

    assert delete(account, cluster.cluster, tmp_path / "gone").ok
    assert _held(account) == {}


def test_records_behind_hundreds_of_others_are_found(account: Account, tmp_path: Path) -> None:
    """The cluster's records are neighbours, unless many others lie between them in Route 53's order."""
    cluster = desired("minimal-aws", account.zone)
    assert account.apply(cluster, tmp_path).ok
    for number in range(310):
        _change(account, "CREATE", f"A b{number:03}.{NAME}", "192.0.2.1")
    account.calls.clear()
    assert account.plan(cluster)[0].empty
    asked = [each.operation for each in account.calls].count("ListResourceRecordSets")
    assert asked == 3, "one for all, and one for each of the two names behind the page"
    inside = f"A api.internal.{NAME}"
    _change(account, "DELETE", inside, "203.0.113.123")
    plan, _ = account.plan(cluster)
    assert [(change.key.kind, [each.name for each in change.fields]) for change in plan.pending] == [
        ("DNSZone", ["first_records"])
    ]


def test_external_dns_is_told_that_records_are_its_own(account: Account, tmp_path: Path) -> None:
    cluster = desired("minimal-aws", account.zone, PROVIDER)
    assert account.apply(cluster, tmp_path).ok
    names = {f"{each}.{NAME}" for each in ("api", "api.internal", "kops-controller.internal")}
    assert _held(account) == {f"A {name}": "203.0.113.123" for name in names} | {
        f"TXT {name}": OWNER for name in names
    }


def test_names_of_pods_with_ipv6_alone_are_asked_for_as_such() -> None:
    zone = next(each for each in desired("ipv6").resources if isinstance(each, DNSZone))
    assert zone.first_records == tuple(
        f"AAAA {name}.ipv6.example.com" for name in ("api.internal", "kops-controller.internal")
    )
