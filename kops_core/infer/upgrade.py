"""The Kubernetes version and the images that a channel recommends to a cluster that exists.

Facts: kOps' ``cmd/kops/upgrade_cluster.go``, ``pkg/apis/kops/channel.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kops_core.api import semver
from kops_core.api.path import FieldPath
from kops_core.api.semver import Version
from kops_core.errors import KopsError
from kops_core.infer import channel
from kops_core.infer.inference import Inference
from kops_core.infer.instance_types import architecture
from kops_core.infer.reader import Reader

CHANNEL_IMAGES: Final = (
    "kope.io/k8s-",
    "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-",
    "099720109477/ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-",
    "099720109477/ubuntu/images/hvm-ssd/ubuntu-focal-20.04-",
)
"""How the names of AWS' images in kOps' channels begin; an image of another name is the operator's choice."""


@dataclass(frozen=True)
class UpgradeItem:
    """One field that an upgrade sets."""

    group: str
    """Name of the instance group; "" for the cluster."""
    field: str
    """kOps' name of the field: ``Channel``, ``KubernetesVersion`` or ``Image``."""
    path: FieldPath
    """Within the object's document."""
    before: str
    after: str

    @property
    def item(self) -> str:
        """kOps' name of the object: ``Cluster`` or ``InstanceGroup/<name>``."""
        return f"InstanceGroup/{self.group}" if self.group else "Cluster"


def next_kubernetes(c: Reader, current: Version, kops_version: str) -> Version | None:
    """The recommended version of the next minor release, if kOps has it, else of the current one.

    None if the channel does not know the current version.
    """
    found = channel.recommended_patch(c, current)
    kops = semver.parse_tolerant(kops_version)
    if found is None or kops is None:
        return found
    following = Version(found.major, found.minor + 1)
    if following > kops:
        return found
    return channel.recommended_patch(c, following) or found


def image_items(inference: Inference, kubernetes: Version) -> tuple[list[UpgradeItem], list[str]]:
    """The images of instance groups that follow the channel, and a note for each group that does not."""
    items: list[UpgradeItem] = []
    notes: list[str] = []
    for name, machine_type, image in _groups(inference):
        if image and not image.startswith(CHANNEL_IMAGES):
            notes.append(f"the image of {name} is your own, {image}, and stays as it is")
            continue
        reader = Reader(inference.sheet, ("instanceGroups", name))
        try:
            wanted = channel.recommended_image(reader, kubernetes, architecture(reader, machine_type))
        except KopsError as error:
            notes.append(f"the image of {name} stays as it is: {error.what}")
            continue
        if wanted is None:
            notes.append(
                f"the image of {name} stays as it is: the channel has none for Kubernetes {kubernetes}"
            )
        elif wanted != image:
            items.append(UpgradeItem(name, "Image", ("spec", "image"), image, wanted))
    return items, notes


def _groups(inference: Inference) -> Iterator[tuple[str, str, str]]:
    """Name, machine type and image of each group, as the operator wrote them."""
    for name, document in inference.inputs.instance_groups.items():
        spec = document.get("spec")
        written = spec if isinstance(spec, dict) else {}
        yield name, str(written.get("machineType") or ""), str(written.get("image") or "")
