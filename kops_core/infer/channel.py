"""The versions and images that a channel recommends, read through a `Reader`.

Facts: kOps' ``pkg/apis/kops/channel.go``.
"""

from __future__ import annotations

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.api.values import Value, mappings
from kops_core.infer.reader import Reader


def recommended_kubernetes(c: Reader, kops_version: str) -> str | None:
    """The Kubernetes version that the channel recommends for a version of kOps; None if it has none."""
    kops = semver.parse_tolerant(kops_version)
    if kops is None:
        return None
    for entry in mappings(c.channel("spec.kopsVersions")):
        if _fits(entry.get("range"), kops):
            found = semver.parse_kubernetes(str(entry.get("kubernetesVersion") or ""))
            return None if found is None else str(found)
    return None


def recommended_patch(c: Reader, kubernetes: Version) -> Version | None:
    """The version that the channel recommends to clusters of a Kubernetes version; None if it has none."""
    for entry in mappings(c.channel("spec.kubernetesVersions")):
        if _fits(entry.get("range"), kubernetes):
            return semver.parse_kubernetes(str(entry.get("recommendedVersion") or ""))
    return None


def recommended_image(c: Reader, kubernetes: Version, architecture: str) -> str | None:
    """The channel's first image for a Kubernetes version and an architecture (``amd64``, ``arm64``)."""
    for image in mappings(c.channel("spec.images")):
        if (
            image.get("providerID") == "aws"
            and image.get("architectureID") in (None, "", architecture)
            and _fits(image.get("kubernetesVersion"), kubernetes)
        ):
            return str(image.get("name") or "")
    return None


def _fits(wanted: Value, version: Version) -> bool:
    return not wanted or semver.in_range(version, str(wanted))
