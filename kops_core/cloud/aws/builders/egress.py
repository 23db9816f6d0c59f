"""Egress of private subnets by zone: NAT gateways, the user's own targets, and route tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.cloud.aws.builders.context import SubnetView, subnet_at, subnets_of
from kops_core.cloud.aws.builders.network import public_with_nat64, route, route_table
from kops_core.cloud.aws.resources.network import (
    EgressOnlyInternetGateway,
    ElasticIP,
    InternetGateway,
    NatGateway,
)
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Link, Ref

NAT64_PREFIX = "64:ff9b::/96"
"""Well-known prefix of RFC 6052 for IPv4 addresses in an IPv6-only network."""


@dataclass(frozen=True)
class _WayOut:
    """The target of a zone's default route: at most one of these is set."""

    nat: Link = None
    transit_gateway: str | None = None
    instance: str | None = None


def egress(c: Context) -> Iterator[Resource]:
    """NAT gateways and private route tables of the zones with own subnets that need them."""
    for zone in dict.fromkeys(each.zone for each in subnets_of(c)):
        yield from _zone(c, zone)


def _zone(c: Context, zone: str) -> Iterator[Resource]:
    members = [each for each in subnets_of(c) if each.zone == zone]
    owned = [each for each in members if not each.shared and not each.external_egress]
    private = [each for each in owned if not each.public]
    nat64 = [each for each in owned if public_with_nat64(c, each)]
    users = [each for each in owned if each in private or each in nat64]
    if not users:
        return
    _require_same(users, zone)
    yield from _ways(c, zone, users[0].position, private=bool(private))
    way = _way(c, zone, users[0])
    if private:
        yield from _private_routes(c, zone, way)
        # Also those of subnets with external egress, as in kOps.
        for each in (each for each in members if each.type == "Private"):
            yield from _additional_routes(c, each, f"private-{zone}.{c.name}")
    if nat64:
        yield from _public_routes(c, zone, way)


def _require_same(users: list[SubnetView], zone: str) -> None:
    for name in ("egress", "publicIP"):
        if len({each.text(name) for each in users}) > 1:
            raise InvalidSpec(
                [
                    FieldError(
                        "Invalid value",
                        f"spec.subnets[{users[-1].position}].{name}",
                        f"subnets of zone {zone} share one NAT gateway, so their {name} has to be the same",
                    )
                ]
            )


def _way(c: Context, zone: str, user: SubnetView) -> _WayOut:
    target = user.text("egress")
    if target.startswith("tgw-"):
        return _WayOut(transit_gateway=target)
    if target.startswith("i-"):
        return _WayOut(instance=target)
    return _WayOut(nat=Ref(Key("NatGateway", f"{zone}.{c.name}")))


def _ways(c: Context, zone: str, position: int, *, private: bool) -> Iterator[Resource]:
    """The resources of a target: none for a transit gateway or an instance, which the user owns."""
    target = subnet_at(c, position).text("egress")
    if target.startswith("nat-"):
        table = f"{'private' if private else 'public'}-{zone}.{c.name}"
        yield c.make(_users_nat_gateway, f"{zone}.{c.name}", target, table)
    elif not target or target.startswith("eipalloc-"):
        yield c.make(_elastic_ip, zone, position)
        yield c.make(_nat_gateway, zone, "Utility" if private else "Public")
    elif not target.startswith(("tgw-", "i-")):
        raise InvalidSpec(
            [
                FieldError(
                    "Invalid value",
                    f"spec.subnets[{position}].egress",
                    f"{target!r} is none of nat-, eipalloc-, tgw- and i- ids, and not External",
                )
            ]
        )


def _elastic_ip(c: Context, zone: str, position: int) -> ElasticIP:
    name = f"{zone}.{c.name}"
    subnet = subnet_at(c, position)
    allocation, address = subnet.text("egress"), subnet.text("publicIP")
    return ElasticIP(
        name=name,
        shared=bool(allocation or address),
        existing_id=allocation,
        public_ip=address or None,
        tags=c.tags(name, shared=bool(allocation or address)),
    )


def _nat_gateway(c: Context, zone: str, host_type: str) -> NatGateway:
    name = f"{zone}.{c.name}"
    hosts = [each for each in subnets_of(c) if each.zone == zone and each.type == host_type]
    if len(hosts) != 1:
        raise InvalidSpec(
            [
                FieldError(
                    "Invalid value",
                    "spec.subnets",
                    f"zone {zone} needs one {host_type} subnet for its NAT gateway, and has {len(hosts)}",
                )
            ]
        )
    return NatGateway(
        name=name, elastic_ip=Ref(Key("ElasticIP", name)), subnet=hosts[0].ref, tags=c.tags(name)
    )


def _users_nat_gateway(c: Context, name: str, target: str, table: str = "") -> NatGateway:
    """The user's NAT gateway, as a shared resource.

    table: our route table with the default route to it; "" leaves it untagged.
    """
    return NatGateway(
        name=name,
        shared=True,
        existing_id=target,
        marked_route_table=Ref(Key("RouteTable", table)) if table else None,
        tags=c.tags(name, shared=True) if table else None,
    )


def _private_routes(c: Context, zone: str, way: _WayOut) -> Iterator[Resource]:
    table = f"private-{zone}.{c.name}"
    yield c.make(route_table, table, f"private-{zone}")
    yield c.make(
        route,
        f"private-{zone}-0.0.0.0/0",
        table,
        "0.0.0.0/0",
        nat=way.nat,
        transit_gateway=way.transit_gateway,
        instance=way.instance,
    )
    if c.ipv6_only:
        yield c.make(_nat64_route, f"private-{zone}", table, way)
        gateway = Ref(Key("EgressOnlyInternetGateway", c.name))
        yield c.make(route, f"private-{zone}-::/0", table, "::/0", egress_only=gateway)


def _public_routes(c: Context, zone: str, way: _WayOut) -> Iterator[Resource]:
    table = f"public-{zone}.{c.name}"
    gateway = Ref(Key("InternetGateway", c.name))
    yield c.make(route_table, table, f"public-{zone}")
    yield c.make(route, f"public-{zone}-0.0.0.0/0", table, "0.0.0.0/0", gateway=gateway)
    yield c.make(route, f"public-{zone}-::/0", table, "::/0", gateway=gateway)
    yield c.make(_nat64_route, f"public-{zone}", table, way)


def _nat64_route(c: Context, prefix: str, table: str, way: _WayOut) -> Resource:
    return route(
        c,
        f"{prefix}-{NAT64_PREFIX}",
        table,
        NAT64_PREFIX,
        nat=way.nat,
        transit_gateway=way.transit_gateway,
    )


def _additional_routes(c: Context, subnet: SubnetView, table: str) -> Iterator[Resource]:
    for at, row in enumerate(c.read.records(f"spec.subnets[{subnet.position}].additionalRoutes")):
        cidr, target = str(row.get("cidr", "")), str(row.get("target", ""))
        name = f"{subnet.name}.{cidr}"
        match target.partition("-")[0]:
            case "pcx":
                yield c.make(route, name, table, cidr, peering=target)
            case "i":
                yield c.make(route, name, table, cidr, instance=target)
            case "tgw":
                yield c.make(route, name, table, cidr, transit_gateway=target)
            case "nat":
                yield c.make(_users_nat_gateway, target, target)
                yield c.make(route, name, table, cidr, nat=Ref(Key("NatGateway", target)))
            case "igw":
                yield InternetGateway(name=target, shared=True, existing_id=target)
                yield c.make(route, name, table, cidr, gateway=Ref(Key("InternetGateway", target)))
            case "eigw":
                yield EgressOnlyInternetGateway(name=target, shared=True, existing_id=target)
                yield c.make(
                    route, name, table, cidr, egress_only=Ref(Key("EgressOnlyInternetGateway", target))
                )
            case _:
                raise InvalidSpec(
                    [
                        FieldError(
                            "Invalid value",
                            f"spec.subnets[{subnet.position}].additionalRoutes[{at}].target",
                            f"{target!r} is none of pcx-, i-, tgw-, nat-, igw- and eigw- ids",
                        )
                    ]
                )
