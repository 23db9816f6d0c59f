"""Whether this program may run this version of Kubernetes. Facts: kOps' apply_cluster.go and channels."""

from __future__ import annotations

from kops_core.api import semver
from kops_core.api.path import get, parse
from kops_core.api.semver import Version
from kops_core.api.values import Tree
from kops_core.validate.field import Field, Findings

OLDEST_KUBERNETES = Version(1, 32)
"""The oldest version that kOps 1.37 runs."""


def check_versions(spec: Field, channel: Tree, settings: Tree) -> Findings:
    """``spec.kubernetesVersion`` against kOps' own version and what the channel requires.

    settings: ``kopsVersion``; ``runTooNewVersion`` and ``runObsoleteVersion`` turn checks off.
    """
    field = spec.at("kubernetesVersion")
    version = semver.parse_kubernetes(field.text)
    kops = semver.parse_tolerant(str(settings.get("kopsVersion") or ""))
    if version is None:
        return
    if kops is not None and not settings.get("runTooNewVersion"):
        first_too_new = Version(kops.major, kops.minor + 1)
        if version.release() >= first_too_new:
            yield field.forbidden(
                f"Kubernetes {first_too_new} and later need a newer kOps: use an older version"
            )
    if version.release() < OLDEST_KUBERNETES:
        yield field.forbidden(f"the oldest version that runs is {OLDEST_KUBERNETES}: use a newer one")
    elif not settings.get("runObsoleteVersion"):
        required = _required(version, channel)
        if required is not None and required > version:
            yield field.forbidden(f"the channel requires {required} or later: use that")


def _required(version: Version, channel: Tree) -> Version | None:
    found = get(channel, parse("spec.kubernetesVersions"))
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict):
            wanted = str(entry.get("range") or "")
            if not wanted or semver.in_range(version, wanted):
                return semver.parse_kubernetes(str(entry.get("requiredVersion") or ""))
    return None
