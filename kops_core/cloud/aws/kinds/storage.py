"""EBS volumes of etcd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Made,
    given,
    known,
    only,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.reading import Reading, matched, tags_of
from kops_core.errors import CreationFailed
from kops_core.model.kinds.storage import EBSVolume
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import VolumeTypeDef


def _observe(reading: Reading, desired: Sequence[EBSVolume]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_volumes")
    items = reading.ec2(
        EBSVolume,
        "volume-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["Volumes"]],
    )
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
                kms_key_id=_key_seen(wanted.kms_key_id, item.get("KmsKeyId")),
                tags=tags_of(item),
            ),
            item["VolumeId"],
            unready=_unready(item),
        )
        for wanted, item in matched(desired, alive, "VolumeId")
    ]


def _key_seen(wanted: str | None, arn: str | None) -> str | None:
    """The key of a volume, in the operator's words where they name the same one.

    AWS takes an id, an alias or an ARN of either (CreateVolume), and answers the key's ARN. An alias can't
    be compared with that; the key of a volume never changes, so it counts as the one it was made with.
    """
    if not wanted or not arn or wanted == arn:
        return arn
    is_alias = wanted.startswith("alias/") or ":alias/" in wanted
    return wanted if is_alias or arn.endswith(f":key/{wanted}") else arn


def _unready(item: VolumeTypeDef) -> str:
    return "it is being created" if item["State"] == "creating" else ""


def _ready(work: CallContext, desired: EBSVolume, observed: Observed) -> Observed:
    item = only(work.aws.ec2.describe_volumes(VolumeIds=[observed.id])["Volumes"], observed.id)
    if item["State"] in {"error", "deleting", "deleted"}:
        raise CreationFailed(
            f"AWS gave up on volume {observed.id}: it is {item['State']}",
            where=str(desired.key),
            remedy="often it may not use the KMS key: check the key and its policy, and apply again",
        )
    return replace(observed, unready=_unready(item))


def _create(work: CallContext, desired: EBSVolume) -> Made:
    made = work.aws.ec2.create_volume(
        AvailabilityZone=known(desired.availability_zone),
        ClientToken=work.token,
        TagSpecifications=tag_specification("volume", desired.tags),
        **given(
            Size=desired.size,
            VolumeType=desired.volume_type,
            Iops=desired.iops,
            Throughput=desired.throughput,
            Encrypted=desired.encrypted,
            KmsKeyId=desired.kms_key_id,
        ),
    )
    return Made(made["VolumeId"])


def _update(work: CallContext, desired: EBSVolume, observed: Observed, changed: frozenset[str]) -> None:
    if changed & {"size", "volume_type", "iops", "throughput"}:
        work.aws.ec2.modify_volume(
            VolumeId=observed.id,
            **given(
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
