"""The adapter of EBS volumes of etcd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_listed,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.errors import absent
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.storage import EBSVolume
from kops_core.errors import CreationFailed
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import VolumeTypeDef


def _observe(reading: ObservationContext, desired: Sequence[EBSVolume]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_volumes")
    items = reading.ec2(
        EBSVolume,
        "volume-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["Volumes"]],
    )
    behind = _keys_behind(reading, desired) if any(item.get("KmsKeyId") for item in items) else {}
    alive = [each for each in items if each["State"] not in {"deleting", "deleted", "error"}]
    return [
        Observed(
            replace(
                wanted,
                availability_zone=item["AvailabilityZone"],
                size=item["Size"],
                volume_type=item["VolumeType"],
                iops=item.get("Iops"),
                throughput=item.get("Throughput"),
                encrypted=item["Encrypted"],
                kms_key_id=_key_seen(wanted.kms_key_id, item.get("KmsKeyId"), behind),
                tags=tags_of(item),
            ),
            item["VolumeId"],
            unready=_unready(item),
        )
        for wanted, item in matched(desired, alive, "VolumeId")
    ]


def _is_alias(key: str) -> bool:
    return key.startswith("alias/") or ":alias/" in key


def _keys_behind(reading: ObservationContext, desired: Sequence[EBSVolume]) -> dict[str, str]:
    """ARNs of the keys that the spec names by alias; unknown aliases are left out."""
    found: dict[str, str] = {}
    for alias in {each.kms_key_id for each in desired if each.kms_key_id and _is_alias(each.kms_key_id)}:
        try:
            found[alias] = reading.aws.kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
        except ClientError as error:
            if not absent(error):
                raise
    return found


def _key_seen(wanted: str | None, arn: str | None, behind: Mapping[str, str]) -> str | None:
    """The key of a volume, as written in the spec if that is the same key.

    AWS accepts an id, an alias or an ARN of either (CreateVolume), and returns the key's ARN. An alias may
    have another key by now, and a volume's key can't be changed.
    """
    if not wanted or not arn:
        return arn
    same = behind.get(wanted) == arn if _is_alias(wanted) else arn.endswith(f":key/{wanted}")
    return wanted if same else arn


def _unready(item: VolumeTypeDef) -> str:
    return "it is being created" if item["State"] == "creating" else ""


def _ready(work: CallContext, desired: EBSVolume, observed: Observed) -> Observed:
    item = require_listed(work.aws.ec2.describe_volumes(VolumeIds=[observed.id])["Volumes"], observed.id)
    if item["State"] in {"error", "deleting", "deleted"}:
        raise CreationFailed(
            f"AWS gave up on volume {observed.id}: it is {item['State']}",
            where=str(desired.key),
            remedy="often it may not use the KMS key: check the key and its policy, and apply again",
        )
    return replace(observed, unready=_unready(item))


def _create(work: CallContext, desired: EBSVolume) -> Created:
    made = work.aws.ec2.create_volume(
        AvailabilityZone=require_resolved(desired.availability_zone),
        ClientToken=work.token,
        TagSpecifications=tag_specification("volume", desired.tags),
        **drop_none(
            Size=desired.size,
            VolumeType=desired.volume_type,
            Iops=desired.iops,
            Throughput=desired.throughput,
            Encrypted=desired.encrypted,
            KmsKeyId=desired.kms_key_id,
        ),
    )
    return Created(made["VolumeId"])


def _update(work: CallContext, desired: EBSVolume, observed: Observed, changed: frozenset[str]) -> None:
    if changed & {"size", "volume_type", "iops", "throughput"}:
        work.aws.ec2.modify_volume(
            VolumeId=observed.id,
            **drop_none(
                Size=desired.size,
                VolumeType=desired.volume_type,
                Iops=desired.iops,
                Throughput=desired.throughput,
            ),
        )
    retag_ec2(work, observed.id, desired.tags, observed, whole=True)


def _delete(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_volume(VolumeId=observed.id)


ADAPTERS = (Adapter(EBSVolume, _observe, _create, _update, _delete, ready=_ready),)
