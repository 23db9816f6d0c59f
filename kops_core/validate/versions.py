"""Validation of the Kubernetes version against kOps' own version and the channel.

Facts: kOps' apply_cluster.go and channels.
"""

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
    yield from _kops_itself(spec, channel, settings)
    field = spec.at("kubernetesVersion")
    version = semver.parse_kubernetes(field.text)
    kops = semver.parse_tolerant(str(settings.get("kopsVersion") or ""))
    if version is None:
        return
    if kops is not None and not settings.get("runTooNewVersion"):
        first_too_new = Version(kops.major, kops.minor + 1)
        if version.release() >= first_too_new:
            yield field.forbidden(
                f"Kubernetes {first_too_new} and later need a newer kOps: use an older version,"
                " or set KOPS_RUN_TOO_NEW_VERSION=1 to try it all the same"
            )
    if version.release() < OLDEST_KUBERNETES:
        yield field.forbidden(f"the oldest version that runs is {OLDEST_KUBERNETES}: use a newer one")
    elif not settings.get("runObsoleteVersion"):
        required = _required(version, channel, "spec.kubernetesVersions")
        if required is not None and required > version:
            yield field.forbidden(
                f"the channel requires {required} or later: use that,"
                " or set KOPS_RUN_OBSOLETE_VERSION=1 to keep what you have"
            )


def _kops_itself(spec: Field, channel: Tree, settings: Tree) -> Findings:
    """Checks whether the channel says that this version of kOps is too old."""
    kops = semver.parse_tolerant(str(settings.get("kopsVersion") or ""))
    if kops is None or settings.get("runObsoleteVersion"):
        return
    required = _required(kops, channel, "spec.kopsVersions")
    if required is not None and required > kops:
        yield spec.at("channel").forbidden(
            f"the channel requires kOps {required} or later, and this is compatible with {kops}:"
            " use a newer kops-tui, or set KOPS_RUN_OBSOLETE_VERSION=1 to use this one all the same"
        )


def _required(version: Version, channel: Tree, listed: str) -> Version | None:
    found = get(channel, parse(listed))
    for entry in found if isinstance(found, list) else ():
        if isinstance(entry, dict):
            wanted = str(entry.get("range") or "")
            if not wanted or semver.in_range(version, wanted):
                return semver.parse_kubernetes(str(entry.get("requiredVersion") or ""))
    return None
