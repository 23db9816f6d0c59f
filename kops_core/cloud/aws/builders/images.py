"""Facts about machine images and instance types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.api.values import Value
from kops_core.cloud.aws.resources.groups import BlockDevice
from kops_core.errors import MissingFact
from kops_core.infer.images import newest
from kops_core.model.context import Context, Group


@dataclass(frozen=True)
class Image:
    """A machine image."""

    id: str
    root_device: str


def find(c: Context, group: Group) -> Image:
    """The image of a group: an id, a name, ``owner/name``, or an SSM parameter resolved in the facts.

    The newest of several; raises MissingFact if the facts have none.
    """
    wanted = group.text("image") or ""
    found = newest(c.read.fact("images"), wanted)
    if found is None:
        raise MissingFact(
            f"facts.images for {wanted!r}", remedy="record the account's facts with: kops-tui facts record"
        )
    name, image = found
    return Image(name, str(image.get("rootDeviceName", "/dev/xvda")))


def ephemeral_devices(c: Context, group: Group) -> Iterator[BlockDevice]:
    """Mappings of the instance store volumes of a type."""
    kind = (group.text("machineType") or "").split(",")[0]
    for number in range(_disks(c, kind)):
        yield BlockDevice(device_name=f"/dev/sd{chr(ord('c') + number)}", virtual_name=f"ephemeral{number}")


def _disks(c: Context, kind: str) -> int:
    found = c.read.fact("instanceTypes", kind)
    if not isinstance(found, dict):
        return 0
    sizes, disks = found.get("ephemeralDisksGiB"), found.get("instanceStorage")
    if isinstance(sizes, list):
        return len(sizes)
    return sum(_count(disk) for disk in disks) if isinstance(disks, list) else 0


def _count(disk: Value) -> int:
    count = disk.get("count", 1) if isinstance(disk, dict) else 0
    return count if isinstance(count, int) else 0
