"""Validation of the etcd clusters."""

from __future__ import annotations

from typing import NamedTuple

from kops_core.api import semver
from kops_core.api.semver import Version
from kops_core.infer.components.etcd import LATEST_PATCH
from kops_core.validate.field import Field, Findings

_NAMES = ("cilium", "main", "events", "leases")


class _VolumeLimits(NamedTuple):
    least_iops: int
    """The least IOPS, which kOps sets if fewer or none are given."""
    most_iops_per_gb: int


_VOLUME_LIMITS = {
    "io1": _VolumeLimits(100, 50),
    "io2": _VolumeLimits(100, 500),
    "gp3": _VolumeLimits(3000, 500),
}
_VOLUME_SIZE = 20
"""GB"""
_LEAST_THROUGHPUT = 125
"""MB a second, of gp3"""


def check_etcd(spec: Field, *, strict: bool) -> Findings:
    """``spec.etcdClusters``; strict: before a plan."""
    clusters = spec.at("etcdClusters")
    if not clusters.items:
        yield clusters.required("the cluster has no etcd: add main and events")
        return
    for etcd in clusters.items:
        yield from _cluster(etcd, strict=strict)
    names: set[str] = set()
    for etcd in clusters.items:
        if etcd.at("name").text in names:
            yield (
                clusters.key(0)
                .key("backupStore")
                .forbidden(
                    f"two etcd clusters are named {etcd.at('name').text!r} and share backups: rename one"
                )
            )
        names.add(etcd.at("name").text)
    first = clusters.key(0).at("version").text
    for etcd in clusters.items:
        version = etcd.at("version")
        if version.text and version.text != first:
            yield version.forbidden("all etcd clusters run one version: write the same in each")


def _cluster(etcd: Field, *, strict: bool) -> Findings:
    name = etcd.at("name")
    if name.text not in _NAMES:
        yield name.unsupported(_NAMES)
    yield from etcd.at("provider").if_given_in(("Manager",))
    members = etcd.at("etcdMembers")
    if not members.items:
        yield members.required(
            "the etcd cluster has no member: add one for each control-plane instance group"
        )
    elif len(members.items) % 2 == 0:
        yield members.invalid(
            "etcd needs an odd number of members: use 1, 3 or 5 control-plane instance groups"
        )
    yield from _version(etcd, strict=strict)
    yield from _members(members)
    if strict:
        for member in members.items:
            yield from _volume(member)
    for field in ("leaderElectionTimeout", "heartbeatInterval"):
        if strict and etcd.at(field).is_set:
            yield etcd.at(field).forbidden("etcd-manager can't set it: remove it")


def _version(etcd: Field, *, strict: bool) -> Findings:
    version, has_image = etcd.at("version"), bool(etcd.at("image").text)
    if not version.text:
        if has_image:
            yield version.required("an image of your own needs its version: set it")
        return
    found = semver.parse(version.text.removeprefix("v"))
    if found is None:
        yield version.invalid(f"{version.text!r} is not a version: write it like 3.5.21")
    elif found.major != 3:
        yield version.invalid("only etcd 3 is supported")
    elif strict and not has_image and not _is_bundled(found):
        newest = ", ".join(f"{major}.{minor}.{patch}" for (major, minor), patch in LATEST_PATCH.items())
        yield version.invalid(f"there is no image of it: remove it, or use up to one of {newest}")


def _is_bundled(version: Version) -> bool:
    latest = LATEST_PATCH.get((version.major, version.minor), -1)
    return not version.pre and version.patch <= latest


def _members(members: Field) -> Findings:
    names: set[str] = set()
    for member in members.items:
        name, group = member.at("name"), member.at("instanceGroup")
        if not name.text:
            yield name.required("a member needs a name")
        elif name.text in names:
            yield name.duplicate(f"two members are named {name.text!r}: rename one")
        names.add(name.text)
        if not group.text:
            yield group.required("a member needs the instance group that it runs in")


def _volume(member: Field) -> Findings:
    """Checks EBS' ratios of IOPS, size and throughput of a volume; unset ones are kOps' defaults."""
    kind = member.at("volumeType").text or "gp3"
    limits = _VOLUME_LIMITS.get(kind)
    if limits is None:
        return
    iops_field, throughput_field = member.at("volumeIops"), member.at("volumeThroughput")
    size = member.at("volumeSize").number or _VOLUME_SIZE
    iops = max(iops_field.number or 0, limits.least_iops)
    if iops > limits.most_iops_per_gb * size and (kind != "gp3" or iops > limits.least_iops):
        most = limits.most_iops_per_gb * size
        yield iops_field.invalid(f"{kind} of {size} GB does at most {most} operations a second: lower it")
    throughput = max(throughput_field.number or 0, _LEAST_THROUGHPUT)
    if kind == "gp3" and throughput * 4 > iops:
        yield throughput_field.invalid(f"{iops} operations a second allow at most {iops // 4} MB: lower it")


def check_member_of(group: str, at: Field, spec: Field) -> Findings:
    """Checks that a control-plane instance group has a member in every etcd cluster. at: the group's name."""
    for etcd in spec.at("etcdClusters").items:
        if group not in (member.at("instanceGroup").text for member in etcd.at("etcdMembers").items):
            name = etcd.at("name").text
            yield at.forbidden(
                f"the group has no member in the etcd cluster {name}: add one, or remove the group"
            )
