"""EBS volumes of etcd."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kops_core.cloud.aws.adapter import Adapter, Made, Work, given, known, retag_ec2, tag_specification
from kops_core.cloud.aws.reading import Reading, matched, tags_of
from kops_core.model.kinds import EBSVolume
from kops_core.plan.snapshot import Observed


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
                kms_key_id=item.get("KmsKeyId"),
                tags=tags_of(item),
            ),
            item["VolumeId"],
        )
        for wanted, item in matched(desired, alive, "VolumeId")
    ]


def _create(work: Work, desired: EBSVolume) -> Made:
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


def _update(work: Work, desired: EBSVolume, observed: Observed, changed: frozenset[str]) -> None:
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


def _delete(work: Work, observed: Observed) -> None:
    work.aws.ec2.delete_volume(VolumeId=observed.id)


ADAPTERS = (Adapter(EBSVolume, _observe, _create, _update, _delete),)
