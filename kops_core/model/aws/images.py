"""Facts about machine images and instance types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.api.values import Tree, Value
from kops_core.errors import MissingFact
from kops_core.model.context import Context, Group
from kops_core.model.kinds import BlockDevice

OWNERS = {
    "amazon": "137112412989",
    "amazon.com": "137112412989",
    "debian": "136693071363",
    "debian11": "136693071363",
    "flatcar": "075585003325",
    "redhat": "309956199498",
    "redhat.com": "309956199498",
    "rocky": "792107900819",
    "rockylinux": "792107900819",
    "ubuntu": "099720109477",
}
"""Accounts that publish images, by the alias that kOps knows them by."""


@dataclass(frozen=True)
class Image:
    """A machine image."""

    id: str
    root_device: str


def find(c: Context, group: Group) -> Image:
    """The image of a group: an id, a name, ``owner/name``, or an SSM parameter resolved in the facts.

    Raises MissingFact if the facts hold no such image; the newest of several wins.
    """
    wanted = group.text("image") or ""
    images = c.read.fact("images")
    found = [
        (str(image.get("creationDate", "")), name, image)
        for name, image in (images.items() if isinstance(images, dict) else ())
        if isinstance(image, dict) and _matches(name, image, wanted)
    ]
    if not found:
        raise MissingFact(
            f"facts.images for {wanted!r}", remedy="record the account's facts with: kops-tui facts record"
        )
    _, name, newest = max(found, key=lambda each: each[:2])
    return Image(name, str(newest.get("rootDeviceName", "/dev/xvda")))


def _matches(image_id: str, image: Tree, wanted: str) -> bool:
    if wanted in (image_id, image.get("name"), image.get("ssmParameter")):
        return True
    owner, _, name = wanted.partition("/")
    owners = (image.get("ownerId"), image.get("ownerAlias"))
    return image.get("name") == name and (owner in owners or OWNERS.get(owner) in owners)


def ephemeral_devices(c: Context, group: Group) -> Iterator[BlockDevice]:
    """Mappings of the instance type's own disks."""
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
