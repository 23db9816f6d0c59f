"""Adapters of hosted zones, which the user owns, and of records in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import Adapter, CallContext, Created, require_resolved
from kops_core.cloud.aws.errors import absent, code_of
from kops_core.cloud.aws.observation import ObservationContext
from kops_core.cloud.aws.resources.dns import DNSName, DNSZone
from kops_core.cloud.aws.session import AwsSession
from kops_core.errors import CloudNotFound, NotReady
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetOutputTypeDef

FindRecords: TypeAlias = "Callable[[str], list[ResourceRecordSetOutputTypeDef]]"
"""From a name to the records of that name."""

_FIRST_VALUES = {
    "A": "203.0.113.123",
    "AAAA": "fd00:dead:add::",
    "TXT": '"heritage=external-dns,external-dns/owner=kops-{cluster}"',
}
"""The placeholder values of records until a controller publishes addresses; kOps recognises them."""
_FIRST_TTL = 10
"""Seconds."""


def _observe_zone(reading: ObservationContext, desired: Sequence[DNSZone]) -> list[Observed]:
    client, found = reading.aws.route53, []
    for wanted in desired:
        if wanted.existing_id:
            ids = [wanted.existing_id]
        else:
            name = (wanted.dns_name or wanted.name).rstrip(".") + "."
            listed = client.list_hosted_zones_by_name(DNSName=name, MaxItems="10")["HostedZones"]
            ids = [
                zone["Id"]
                for zone in listed
                if zone["Name"] == name and zone["Config"]["PrivateZone"] == bool(wanted.private)
            ]
        for id_ in ids:
            try:
                item = client.get_hosted_zone(Id=id_)
            except ClientError as error:
                if absent(error):
                    continue
                raise
            attached = [vpc["VPCId"] for vpc in item.get("VPCs", [])]
            ours = reading.value(wanted.private_vpc)
            seen = replace(
                wanted,
                dns_name=item["HostedZone"]["Name"].rstrip(".") if wanted.dns_name else None,
                private=item["HostedZone"]["Config"]["PrivateZone"],
                private_vpc=ours if ours in attached else next(iter(attached), None),
                first_records=_standing(wanted, partial(_find, reading, id_.removeprefix("/hostedzone/"))),
            )
            found.append(Observed(seen, item["HostedZone"]["Id"].removeprefix("/hostedzone/")))
    return found


def _create_zone(work: CallContext, desired: DNSZone) -> Created:
    raise CloudNotFound(
        f"the hosted zone {desired.dns_name or desired.name} does not exist",
        where=str(desired.key),
        remedy="make it in Route 53, or name another with spec.dnsZone",
    )


def _standing(wanted: DNSZone, find: FindRecords) -> tuple[str, ...] | None:
    """The first records that exist, with any value."""
    if wanted.first_records is None:
        return None
    names = dict.fromkeys(each.partition(" ")[2] for each in wanted.first_records)
    found = {f"{each['Type']} {name}" for name in names for each in find(name)}
    return tuple(each for each in wanted.first_records if each in found)


def _records_of(aws: AwsSession, zone: str, name: str) -> list[ResourceRecordSetOutputTypeDef]:
    listed = aws.route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name, MaxItems="20")
    return [each for each in listed["ResourceRecordSets"] if _normalize_name(each["Name"]) == name.lower()]


def _find(reading: ObservationContext, zone: str, name: str) -> list[ResourceRecordSetOutputTypeDef]:
    return _records(reading, zone)(name)


def _records(reading: ObservationContext, zone: str) -> FindRecords:
    """The records of a zone by name: those of the cluster, which are neighbours, by one call.

    Route 53 lists records by name with the labels reversed (API reference, ListResourceRecordSets).
    """

    def ask() -> FindRecords:
        names = {each.resource_name for each in reading.of(DNSName) if each.resource_name}
        names |= {each.partition(" ")[2] for own in reading.of(DNSZone) for each in own.first_records or ()}
        first = min(names, key=_order)
        answer = reading.aws.route53.list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=first, MaxItems="300"
        )
        listed = answer["ResourceRecordSets"]
        known: dict[str, list[ResourceRecordSetOutputTypeDef]] = {}
        for each in listed:
            known.setdefault(_normalize_name(each["Name"]), []).append(each)
        reached = _order(_normalize_name(listed[-1]["Name"])) if answer["IsTruncated"] else None

        def find(name: str) -> list[ResourceRecordSetOutputTypeDef]:
            if reached is not None and _order(name) >= reached:
                return _records_of(reading.aws, zone, name)
            return known.get(name.lower(), [])

        return find

    return reading.once(f"records {zone}", ask)


def _order(name: str) -> str:
    return ".".join(reversed(name.lower().replace("*", "\\052").split("."))) + "."


def _make_first_records(work: CallContext, desired: DNSZone, zone: str) -> None:
    # A controller may have published them since the plan.
    there = _standing(desired, partial(_records_of, work.aws, zone)) or ()
    missing = (each.partition(" ") for each in desired.first_records or () if each not in there)
    changes: list[Any] = [
        {
            "Action": "CREATE",
            "ResourceRecordSet": {
                "Name": name,
                "Type": kind,
                "TTL": _FIRST_TTL,
                "ResourceRecords": [{"Value": _FIRST_VALUES[kind].format(cluster=work.cluster)}],
            },
        }
        for kind, _, name in missing
    ]
    if not changes:
        return
    try:
        work.aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    except ClientError as error:
        if code_of(error) != "InvalidChangeBatch" or "already exists" not in str(error):
            raise
        # The SDK retried after a lost response, or a controller was faster.
        raise NotReady("records that were missing are there by now", where=str(desired.key)) from error


def _update_zone(work: CallContext, desired: DNSZone, observed: Observed, changed: frozenset[str]) -> None:
    if "private_vpc" in changed:
        region: Any = work.aws.region
        work.aws.route53.associate_vpc_with_hosted_zone(
            HostedZoneId=observed.id,
            VPC={"VPCRegion": region, "VPCId": require_resolved(desired.private_vpc)},
        )
    if "first_records" in changed:
        _make_first_records(work, desired, observed.id)


def _delete_zone(work: CallContext, observed: Observed) -> None:
    """Does nothing: the user owns the zone."""


def _observe_name(reading: ObservationContext, desired: Sequence[DNSName]) -> list[Observed]:
    return [each for each in reading.each(lambda name: _observed_name(reading, name), desired) if each]


def _observed_name(reading: ObservationContext, wanted: DNSName) -> Observed | None:
    zone = reading.value(wanted.zone)
    if zone is None or wanted.resource_name is None:
        return None
    there = _find(reading, zone, wanted.resource_name)
    record = next((each for each in there if each["Type"] == wanted.resource_type), None)
    if record is None or "AliasTarget" not in record:
        return None
    seen = replace(
        wanted,
        zone=zone,
        # The console, and old versions of kOps, put this before a load balancer's name.
        target_dns_name=_normalize_name(record["AliasTarget"]["DNSName"]).removeprefix("dualstack."),
        target_hosted_zone=record["AliasTarget"]["HostedZoneId"],
    )
    return Observed(seen, f"{zone}:{wanted.resource_type}:{wanted.resource_name}")


def _normalize_name(name: str) -> str:
    # Route 53 returns octal codes for characters other than letters, digits and hyphens.
    return name.replace("\\052", "*").rstrip(".").lower()


def _change(work: CallContext, action: str, seen: DNSName) -> None:
    change: Any = {
        "Action": action,
        "ResourceRecordSet": {
            "Name": seen.resource_name,
            "Type": seen.resource_type,
            "AliasTarget": {
                "DNSName": require_resolved(seen.target_dns_name),
                "EvaluateTargetHealth": False,
                "HostedZoneId": require_resolved(seen.target_hosted_zone),
            },
        },
    }
    work.aws.route53.change_resource_record_sets(
        HostedZoneId=require_resolved(seen.zone), ChangeBatch={"Changes": [change]}
    )


def _create_name(work: CallContext, desired: DNSName) -> Created:
    _change(work, "UPSERT", desired)
    return Created(f"{desired.zone}:{desired.resource_type}:{desired.resource_name}")


def _update_name(work: CallContext, desired: DNSName, observed: Observed, changed: frozenset[str]) -> None:
    _change(work, "UPSERT", desired)


def _delete_name(work: CallContext, observed: Observed) -> None:
    if isinstance(observed.resource, DNSName):
        _change(work, "DELETE", observed.resource)


ADAPTERS = (
    Adapter(DNSZone, _observe_zone, _create_zone, _update_zone, _delete_zone),
    Adapter(DNSName, _observe_name, _create_name, _update_name, _delete_name),
)
