"""Validation of the network: ranges, subnets, topology and DNS."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.validate import spec_queries
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import Network, belongs_to, check_network, ipv6_share, network, overlap

_DNS_TYPES = ("Public", "Private", "None")
_SUBNET_TYPES = ("Public", "Private", "DualStack", "Utility")
_EGRESS = ("nat", "eipalloc", "i", "External", "tgw")
"""Prefixes of a subnet's egress, up to the first dash."""
_ROUTE_TARGETS = ("pcx-", "i-", "nat-", "tgw-", "igw-", "eigw-")


@dataclass(frozen=True)
class Ranges:
    """The parsed ranges of a cluster."""

    networks: list[Network]
    """Ranges of the VPC: the first, then additional ones."""
    pods: Network | None
    services: Network | None


def ranges(spec: Field) -> Ranges:
    """The ranges of a cluster, for checks of its subnets."""
    written = [spec.at("networkCIDR"), *spec.at("additionalNetworkCIDRs").items]
    found = [network(field.text) for field in written]
    return Ranges(
        [each for each in found if each is not None],
        network(spec.at("podCIDR").text),
        network(spec.at("serviceClusterIPRange").text),
    )


def check_ranges(spec: Field, *, strict: bool) -> Findings:
    """Checks the cluster's ranges; strict: the completed spec."""
    own = spec.at("networkCIDR")
    if not own.text:
        yield own.required("the network has no range: set one such as 172.20.0.0/16")
    else:
        yield from check_network(own)
    for cidr in spec.at("additionalNetworkCIDRs").items:
        yield from check_network(cidr)
    yield from _non_masquerade(spec)
    pods, around = spec.at("podCIDR"), network(spec.at("nonMasqueradeCIDR").text)
    if pods.text:
        yield from check_network(pods)
        found = network(pods.text)
        if found is not None and around is not None and not belongs_to(around, found):
            yield pods.forbidden(f"it must lie within spec.nonMasqueradeCIDR, {around}")
    elif strict and not spec_queries.is_ipv6(spec):
        yield pods.required("pods have no range: set one within spec.nonMasqueradeCIDR")
    services = spec.at("serviceClusterIPRange")
    if services.text:
        yield from check_network(services)
    elif strict:
        yield services.required("services have no range: set one such as 100.64.0.0/13")


def _non_masquerade(spec: Field) -> Findings:
    field = spec.at("nonMasqueradeCIDR")
    if not field.text:
        yield field.required("pods and services have no range: set one such as 100.64.0.0/10")
        return
    yield from check_network(field)
    if ":" in field.text and field.text != "::/0":
        yield field.forbidden("of an IPv6 cluster it must be ::/0")
    found, pods = network(field.text), spec.at("networking")
    if pods.at("amazonvpc").is_set or pods.at("cilium.ipam").text == "eni":
        return
    for each in ranges(spec).networks:
        if overlap(found, each):
            yield field.forbidden(f"it overlaps the network's range {each}: choose another")


def check_subnets(spec: Field, *, strict: bool) -> Findings:
    """``spec.subnets``; strict: the completed spec."""
    subnets, known = spec.at("subnets"), ranges(spec)
    if not subnets.items:
        yield subnets.required("the cluster has no subnet: add one")
        return
    names: set[str] = set()
    shared = bool(subnets.items[0].at("id").text)
    for subnet in subnets.items:
        yield from _subnet(spec, subnet, known, strict=strict)
        name = subnet.at("name")
        if name.text in names:
            yield name.duplicate(f"two subnets are named {name.text!r}: rename one")
        names.add(name.text)
    for subnet in subnets.items:
        if bool(subnet.at("id").text) != shared:
            yield subnet.at("id").forbidden("either all subnets exist already and have an id, or none")


def _subnet(spec: Field, subnet: Field, known: Ranges, *, strict: bool) -> Findings:
    if not subnet.at("name").text:
        yield subnet.at("name").required("a subnet needs a name")
    yield from _subnet_range(spec, subnet, known, strict=strict)
    yield from _subnet_ipv6(subnet.at("ipv6CIDR"), known)
    yield from _egress(subnet)
    kind = subnet.at("type")
    if kind.text not in _SUBNET_TYPES:
        yield kind.unsupported(_SUBNET_TYPES)
    if kind.text == "DualStack" and not spec_queries.is_ipv6(spec):
        yield kind.forbidden("DualStack subnets are for IPv6 clusters: use Private or Public")
    routes = subnet.at("additionalRoutes")
    if routes.is_set:
        if subnet.at("id").text:
            yield routes.forbidden("routes of a subnet that exists already are not kOps': remove them")
        elif kind.text != "Private":
            yield routes.forbidden("only Private subnets can have additional routes: remove them")
        yield from _routes(routes, known)


def _subnet_range(spec: Field, subnet: Field, known: Ranges, *, strict: bool) -> Findings:
    cidr = subnet.at("cidr")
    if not cidr.text:
        ipv6_only = ":" in spec.at("nonMasqueradeCIDR").text and subnet.at("ipv6CIDR").text
        if strict and not ipv6_only:
            yield cidr.required("the subnet has no range: set one within spec.networkCIDR")
        return
    yield from check_network(cidr)
    found = network(cidr.text)
    if found is None:
        return
    if known.networks and not any(belongs_to(each, found) for each in known.networks):
        places = " or ".join(map(str, known.networks))
        yield cidr.forbidden(f"it must lie within the network, {places}")
    if overlap(found, known.pods) and not spec.at("networking.amazonvpc").is_set:
        yield cidr.forbidden(f"it overlaps spec.podCIDR, {known.pods}: choose another")
    if overlap(found, known.services):
        yield cidr.forbidden(f"it overlaps spec.serviceClusterIPRange, {known.services}: choose another")


def _subnet_ipv6(cidr: Field, known: Ranges) -> Findings:
    if not cidr.text:
        return
    if cidr.text.startswith("/"):
        share = ipv6_share(cidr.text)
        if share is None:
            yield cidr.invalid("a part of the VPC's range is written like /64#1")
        elif share[0] > 128:
            yield cidr.invalid("a prefix has at most 128 bits")
        return
    yield from check_network(cidr)
    found = network(cidr.text)
    if found is None or found.version != 6:
        yield cidr.invalid(f"{cidr.text!r} is not an IPv6 range: write it like 2001:db8::/64")
    if overlap(found, known.services):
        yield cidr.forbidden(f"it overlaps spec.serviceClusterIPRange, {known.services}: choose another")


def _egress(subnet: Field) -> Findings:
    egress, kind = subnet.at("egress"), subnet.at("type").text
    if not egress.text:
        return
    if egress.text.partition("-")[0] not in _EGRESS:
        yield egress.invalid(
            "it must be External or the id of a NAT gateway, address, instance or transit gateway"
        )
    with_ipv6 = kind == "Public" and subnet.at("ipv6CIDR").text
    if egress.text != "External" and kind not in ("DualStack", "Private") and not with_ipv6:
        yield egress.forbidden("only private subnets, and public ones with IPv6, have an egress: remove it")


def _routes(routes: Field, known: Ranges) -> Findings:
    taken = {str(each) for each in known.networks}
    for route in routes.items:
        target, cidr = route.at("target"), route.at("cidr")
        if not target.text.startswith(_ROUTE_TARGETS):
            yield target.invalid(f"the target's id must start with one of {', '.join(_ROUTE_TARGETS)}")
        yield from check_network(cidr)
        found = network(cidr.text)
        if found is not None and target.text.startswith("pcx-"):
            for each in known.networks:
                if each.version == found.version and found.network_address in each:
                    yield target.forbidden(
                        f"a route into the network, {each}, can't lead to a peering connection"
                    )
        if cidr.text in taken:
            yield cidr.duplicate(f"there is a route to {cidr.text} already: remove one")
        taken.add(cidr.text)


def check_topology(cluster: Field) -> Findings:
    """``spec.topology``: DNS of a kind that still exists."""
    spec = cluster.at("spec")
    kind = spec.at("topology.dns.type")
    yield from kind.if_given_in(_DNS_TYPES)
    name = cluster.at("metadata.name").text.removesuffix(".")
    if spec_queries.dns_kind(spec) != "None" and name.endswith(".k8s.local"):
        yield kind.forbidden(
            "gossip names, ending in k8s.local, are gone: set None, or use a hosted zone's name"
        )
    elif spec_queries.dns_kind(spec) not in _DNS_TYPES:
        yield kind.forbidden("there is no such kind of DNS: use Public, Private or None")
