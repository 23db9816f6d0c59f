"""What the channel recommends for a new cluster. Facts: kOps' channels and how it reads them."""

from __future__ import annotations

from kops_core.api import semver
from kops_core.api.path import get, parse
from kops_core.api.semver import Version
from kops_core.api.values import Tree
from kops_core.errors import KopsError

_ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
"""EC2's names of the architectures that kOps has images for, the preferred one first."""


def recommended_kubernetes(channel: Tree, kops_version: str) -> str:
    """The Kubernetes version for a release of kOps, without a leading v; "" if the channel has none."""
    release = semver.parse_tolerant(kops_version)
    for entry in _entries(channel, "spec.kopsVersions"):
        wanted = entry.get("range")
        if release is None or (wanted and not semver.in_range(release, str(wanted))):
            continue
        version = semver.parse_kubernetes(str(entry.get("kubernetesVersion") or ""))
        return str(version) if version else ""
    return ""


def recommended_image(channel: Tree, kubernetes: Version, architecture: str) -> str:
    """The machine image for a Kubernetes version; architecture as EC2 names it.

    Raises KopsError if the channel knows none.
    """
    for image in _entries(channel, "spec.images"):
        wanted = image.get("kubernetesVersion")
        if (
            image.get("providerID") == "aws"
            and image.get("architectureID") in (None, "", _ARCHITECTURES.get(architecture))
            and (not wanted or semver.in_range(kubernetes, str(wanted)))
        ):
            return str(image.get("name") or "")
    raise KopsError(
        f"the channel has no image for Kubernetes {kubernetes} on {architecture}",
        remedy="name one with --image, or choose another channel",
    )


def preferred_architecture(architectures: list[str]) -> str | None:
    """The architecture that a machine type's image should have; None if kOps supports none of them."""
    return next((name for name in architectures if name in _ARCHITECTURES), None)


def _entries(channel: Tree, path: str) -> list[Tree]:
    found = get(channel, parse(path))
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
