"""Checks across objects, each of which may be valid by itself."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.api.values import Tree
from kops_core.validate import spec_queries
from kops_core.validate.field import Field, Findings


def check_groups_present(groups: Sequence[Field]) -> Findings:
    """Checks that a cluster has a control plane and other nodes."""
    roles = [spec_queries.role(group) for group in groups]
    whole = Field(None, ("instanceGroups",))
    if "ControlPlane" not in roles:
        yield whole.required("the cluster has no control plane: add a group with the role Master")
    if not any(role != "ControlPlane" for role in roles):
        yield whole.required("the cluster has no workers: add a group with the role Node")


def check_etcd_groups(spec: Field, groups: Sequence[Field]) -> Findings:
    """Checks that etcd members are in existing instance groups, each in one zone. spec: the cluster's."""
    by_name = {group.at("metadata.name").text: group for group in groups}
    zone_of = {subnet.at("name").text: subnet.at("zone").text for subnet in spec.at("subnets").items}
    for etcd in spec.at("etcdClusters").items:
        for member in etcd.at("etcdMembers").items:
            named = member.at("instanceGroup")
            group = by_name.get(named.text)
            if group is None:
                if named.text:
                    yield named.not_found(f"there is no instance group {named.text}: add it, or name another")
                continue
            zones = {zone_of.get(name, "") for name in group.at("spec.subnets").texts} - {""}
            zones |= set(group.at("spec.zones").texts)
            if len(zones) != 1:
                yield named.invalid(f"the group lies in {len(zones)} zones: give it subnets of one zone")


def check_subnet_types(spec: Field, groups: Sequence[Field]) -> Findings:
    """Checks that the subnets of a group are of one type. spec: the cluster's."""
    type_of = {subnet.at("name").text: subnet.at("type").text for subnet in spec.at("subnets").items}
    for group in groups:
        subnets = group.at("spec.subnets").items
        for subnet in subnets[1:]:
            first, own = type_of.get(subnets[0].text), type_of.get(subnet.text)
            if first and own and first != own:
                yield subnet.forbidden(f"it is {own}, the group's other subnets are {first}: split the group")


def check_profiles(groups: Sequence[Field]) -> Findings:
    """Checks that an instance profile is used for one role only."""
    roles: dict[str, str] = {}
    for group in groups:
        profile = group.at("spec.iam.profile")
        if profile.text and roles.setdefault(profile.text, spec_queries.role(group)) != spec_queries.role(
            group
        ):
            yield profile.forbidden("the profile is used by a group of another role: name another")


def check_egress(spec: Field) -> Findings:
    """Checks that each zone has one NAT egress, and private subnets a utility subnet."""
    by_zone: dict[str, list[Field]] = {}
    for subnet in spec.at("subnets").items:
        if _uses_nat(spec, subnet):
            by_zone.setdefault(subnet.at("zone").text, []).append(subnet)
    for zone, subnets in by_zone.items():
        for subnet in subnets[1:]:
            for name in ("egress", "publicIP"):
                if subnet.at(name).text != subnets[0].at(name).text:
                    other = subnets[0].at("name").text
                    yield subnet.at(name).forbidden(
                        f"it differs from {other}'s in the same zone: write the same"
                    )
        if any(subnet.at("type").text != "Public" for subnet in subnets):
            yield from _utility_subnet(spec, zone)


def check_stores(spec: Field) -> Findings:
    """Checks that kOps can write to the stores of keys, secrets and backups."""
    backups = [etcd.at("backups.backupStore") for etcd in spec.at("etcdClusters").items]
    for store in (spec.at("keyStore"), spec.at("secretStore"), *backups):
        scheme, is_url, _ = store.text.partition("://")
        if is_url and scheme not in _WRITABLE:
            yield store.invalid("nothing can be written there: use a URL that starts with s3://")


_WRITABLE = ("s3", "file", "memfs", "gs", "do", "hos", "linode", "swift", "azureblob", "scw")
"""Schemes of stores that kOps writes to."""


def check_runc(spec: Field) -> Findings:
    """Checks that runc is named if containerd is the user's own: kOps then chooses none."""
    config = spec.at("containerd")
    runc = config.at("runc")
    packaged = any(
        runc.at(f"packages.url{each}").is_set and runc.at(f"packages.hash{each}").is_set
        for each in ("Amd64", "Arm64")
    )
    if not config.at("skipInstall").on and not runc.at("version").text and not packaged:
        yield runc.at("version").required("name the runc that goes with your containerd, e.g. 1.3.0")


def check_balancer(spec: Field) -> Findings:
    """Checks that the API's load balancer has subnets, and a bucket for its log."""
    balancer = spec.at("api.loadBalancer")
    log = balancer.at("accessLog")
    if log.is_set and not log.at("bucket").is_set:
        yield log.at("bucket").required("name the bucket that the log is written to")
    wanted = _BALANCER_SUBNETS.get(balancer.at("type").text)
    if not balancer.is_set or balancer.at("subnets").items or wanted is None:
        return
    if not any(subnet.at("type").text in wanted for subnet in spec.at("subnets").items):
        yield spec.at("subnets").required(
            f"the API's load balancer needs a subnet that is {' or '.join(wanted)}"
        )


_BALANCER_SUBNETS = {"Public": ("Public", "Utility"), "Internal": ("Private", "DualStack")}


def _uses_nat(spec: Field, subnet: Field) -> bool:
    """Whether kOps routes a subnet that it owns to a NAT gateway of its zone."""
    if subnet.at("id").text or subnet.at("egress").text == "External":
        return False
    public = (
        subnet.at("type").text == "Public" and spec_queries.is_ipv6(spec) and bool(subnet.at("ipv6CIDR").text)
    )
    return public or subnet.at("type").text in ("Private", "DualStack")


def _utility_subnet(spec: Field, zone: str) -> Findings:
    found = [
        subnet
        for subnet in spec.at("subnets").items
        if subnet.at("zone").text == zone and subnet.at("type").text == "Utility"
    ]
    if not found:
        yield spec.at("subnets").required(f"private subnets in {zone} need a Utility subnet there: add one")
    for subnet in found[1:]:
        yield subnet.at("type").forbidden(f"{zone} has a Utility subnet already: remove one")


def check_zones(spec: Field, facts: Tree) -> Findings:
    """Checks that subnets are in zones of one region.

    Without the fact ``zones`` their existence is not checked.
    """
    known = facts.get("zones")
    region = ""
    for subnet in spec.at("subnets").items:
        zone = subnet.at("zone")
        if not zone.text:
            if not subnet.at("id").text:
                yield zone.required("name the subnet's zone, or the id of one that exists")
        elif len(zone.text) <= 2:
            yield zone.invalid(f"{zone.text!r} is not a zone: write it like us-east-1a")
        elif region and zone.text[:-1] != region:
            yield zone.forbidden(f"a cluster lies in one region: use a zone of {region}")
        elif isinstance(known, list) and zone.text not in known:
            yield zone.not_found(
                f"the region has no zone {zone.text}: use one of {', '.join(map(str, known))}"
            )
        region = region or zone.text[:-1]


def check_hosted_zone(spec: Field, facts: Tree) -> Findings:
    """Checks that a public hosted zone exists exactly once.

    facts: by kind and key; without hosted zones nothing is checked.
    """
    zones, wanted = facts.get("hostedZones"), spec.at("dnsZone")
    if spec_queries.dns_kind(spec) != "Public" or not isinstance(zones, dict) or not wanted.text:
        return
    name = wanted.text.removesuffix(".")
    found = [
        zone_id
        for zone_id, zone in zones.items()
        if isinstance(zone, dict)
        and (zone_id == wanted.text or str(zone.get("name")).removesuffix(".") == name)
    ]
    if not found:
        yield wanted.not_found(f"the account has no hosted zone {wanted.text}: create it first")
    elif len(found) > 1:
        yield wanted.invalid(
            f"several hosted zones are named {name}: write the id, one of {', '.join(found)}"
        )
