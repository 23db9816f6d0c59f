"""Volumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import Area, Risk, RiskProfile, TerraformName
from kops_core.model.resource import KindSpec, Resource, attr


def _terraform_name(volume: EBSVolume) -> str:
    return f"ebs-{volume.name}" if volume.name[:1].isdigit() else volume.name


@dataclass(frozen=True, kw_only=True)
class EBSVolume(Resource):
    """A volume, found by its ``Name`` tag. Outputs: ``id``. It has etcd's data, so it is never replaced."""

    spec = KindSpec(
        area=Area.VOLUMES,
        needed_at_boot=True,
        risk=RiskProfile(on_loss=Risk.DELETES_DATA),
        terraform=TerraformName("aws_ebs_volume", _terraform_name),
    )

    availability_zone: str | None = attr(immutable=True)
    size: int | None = attr()
    """GiB."""
    volume_type: str | None = attr()
    iops: int | None = attr()
    throughput: int | None = attr()
    """MiB/s, of gp3."""
    encrypted: bool | None = attr(immutable=True)
    kms_key_id: str | None = attr(immutable=True)
    tags: Mapping[str, str] | None = attr()
    """All tags: etcd-manager finds its volumes by them."""


KINDS = (EBSVolume,)
