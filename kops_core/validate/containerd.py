"""containerd, of the cluster or of one instance group."""

from __future__ import annotations

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import nanoseconds, url

_OLDEST = Version(2, 1, 0)
"""The oldest containerd that kOps sets up."""
_HASH_LENGTH = 64


def containerd(config: Field, *, of_cluster: bool) -> Findings:
    """``spec.containerd`` of a cluster or an instance group."""
    version = config.at("version")
    if version.is_set:
        found = semver.parse_tolerant(version.text)
        if found is None:
            yield version.invalid(f"{version.text!r} is not a version: write it like {_OLDEST}")
        elif found < _OLDEST:
            yield version.invalid(f"it must be {_OLDEST} or newer: raise it, or remove it for kOps' choice")
    yield from _node_resource_interface(config)
    for architecture in ("Amd64", "Arm64"):
        yield from _package(config.at("packages"), architecture)
    if of_cluster and config.at("gvisor").is_set:
        yield config.at("gvisor").forbidden("gVisor is for single instance groups: set it there")


def _node_resource_interface(config: Field) -> Findings:
    nri, version = config.at("nri"), config.at("version")
    if not nri.at("enabled").on:
        return
    for name in ("pluginRequestTimeout", "pluginRegistrationTimeout"):
        timeout = nri.at(name)
        length = nanoseconds(timeout)
        if length is not None and length <= 0:
            yield timeout.invalid("it must be longer than 0s")
    if not version.is_set:
        yield version.required(f"NRI needs the version to be named: set it, e.g. to {_OLDEST}")
    elif semver.parse(version.text) is None and semver.parse_tolerant(version.text) is not None:
        yield version.invalid("with NRI the version must be written in full, like 2.1.0")


def _package(packages: Field, architecture: str) -> Findings:
    address, digest = packages.at(f"url{architecture}"), packages.at(f"hash{architecture}")
    if address.is_set and not digest.is_set:
        yield address.invalid(f"the package needs its hash: set hash{architecture}")
    elif digest.is_set and not address.is_set:
        yield digest.invalid(f"the package needs its address: set url{architecture}")
    elif address.is_set:
        if url(address.text) is None:
            yield address.invalid(f"{address.text!r} is not a URL")
        if len(digest.text) > _HASH_LENGTH:
            yield digest.invalid(f"a SHA-256 has {_HASH_LENGTH} digits")
