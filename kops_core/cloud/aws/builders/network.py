"""The VPC with its subnets, routes and gateways."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.cloud.aws.builders.context import (
    SubnetView,
    all_public,
    has_dual_stack,
    has_shared_vpc,
    subnet_at,
    subnets_of,
    vpc_of,
)
from kops_core.cloud.aws.resources.network import (
    VPC,
    DHCPOptions,
    EgressOnlyInternetGateway,
    InternetGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    VPCAmazonIPv6CIDRBlock,
    VPCCIDRBlock,
    VPCDHCPOptionsAssociation,
)
from kops_core.model.context import Context
from kops_core.model.resource import Resource
from kops_core.model.template import CidrSubnet, Key, Link, Ref, Template

ROLE_TAG = "kubernetes.io/kops/role"
"""Tag that identifies a route table."""
AMAZON_IPV6 = Key("VPCAmazonIPv6CIDRBlock", "AmazonIPv6")


def network(c: Context) -> Iterator[Resource]:
    """The resources of the network, including the user's that others refer to."""
    yield c.make(vpc)
    if not has_shared_vpc(c):
        yield c.make(amazon_ipv6)
        for cidr in c.read.strings("spec.additionalNetworkCIDRs"):
            yield c.make(additional_cidr, cidr)
        yield c.make(dhcp_options)
        yield c.make(dhcp_association)
    subnets = subnets_of(c)
    if any(not each.external_egress for each in subnets):
        yield c.make(internet_gateway)
        if any(not each.shared for each in subnets):
            yield c.make(route_table, c.name, "public")
            gateway = Ref(Key("InternetGateway", c.name))
            yield c.make(route, "0.0.0.0/0", c.name, "0.0.0.0/0", gateway=gateway)
            yield c.make(route, "::/0", c.name, "::/0", gateway=gateway)
    for each in subnets:
        yield c.make(subnet, each.position)
    for each in subnets:
        if not each.shared and not each.external_egress:
            yield c.make(route_table_association, each.position)
    private = [each for each in subnets if not each.public]
    if c.ipv6_only and any(not each.external_egress for each in private):
        yield c.make(egress_only_gateway)


def vpc(c: Context) -> VPC:
    """The VPC; a shared one is found by its id and not tagged."""
    shared = c.read.string("spec.networkID") or ""
    return VPC(
        name=c.name,
        shared=bool(shared),
        existing_id=shared,
        cidr_block=c.read.string("spec.networkCIDR"),
        enable_dns_support=True,
        enable_dns_hostnames=None if shared else True,
        tags=None if shared else c.tags(c.name),
    )


def amazon_ipv6(c: Context) -> VPCAmazonIPv6CIDRBlock:
    """Amazon's IPv6 block, for each VPC that the cluster owns."""
    return VPCAmazonIPv6CIDRBlock(name=AMAZON_IPV6.name, vpc=vpc_of(c))


def additional_cidr(c: Context, cidr: str) -> VPCCIDRBlock:
    """A further IPv4 block of the VPC."""
    return VPCCIDRBlock(name=cidr, vpc=vpc_of(c), cidr_block=cidr)


def dhcp_options(c: Context) -> DHCPOptions:
    """The DHCP options: the region's domain, and Amazon's resolvers."""
    domain = "ec2.internal" if c.region == "us-east-1" else f"{c.region}.compute.internal"
    return DHCPOptions(
        name=c.name, domain_name=domain, domain_name_servers="AmazonProvidedDNS", tags=c.tags(c.name)
    )


def dhcp_association(c: Context) -> VPCDHCPOptionsAssociation:
    """The association of the VPC with our DHCP options."""
    return VPCDHCPOptionsAssociation(name=c.name, vpc=vpc_of(c), dhcp_options=Ref(Key("DHCPOptions", c.name)))


def internet_gateway(c: Context) -> InternetGateway:
    """The internet gateway; in a shared VPC the user owns it, and kOps does not tag it."""
    return InternetGateway(
        name=c.name,
        shared=has_shared_vpc(c),
        vpc=vpc_of(c),
        tags=None if has_shared_vpc(c) else c.tags(c.name),
    )


def egress_only_gateway(c: Context) -> EgressOnlyInternetGateway:
    """The egress-only gateway for IPv6, tagged like the internet gateway."""
    return EgressOnlyInternetGateway(
        name=c.name,
        shared=has_shared_vpc(c),
        vpc=vpc_of(c),
        tags=None if has_shared_vpc(c) else c.tags(c.name),
    )


def route_table(c: Context, name: str, role: str, *, shared: bool = False) -> RouteTable:
    """A route table, identified by its role tag."""
    return RouteTable(
        name=name, shared=shared, vpc=vpc_of(c), tags={**c.tags(name, shared=shared), ROLE_TAG: role}
    )


def route(
    c: Context,
    name: str,
    table: str,
    destination: str,
    *,
    gateway: Link = None,
    nat: Link = None,
    egress_only: Link = None,
    transit_gateway: str | None = None,
    instance: str | None = None,
    peering: str | None = None,
) -> Route:
    """A route of a table to one target."""
    v6 = ":" in destination
    return Route(
        name=name,
        route_table=Ref(Key("RouteTable", table)),
        destination_cidr_block=None if v6 else destination,
        destination_ipv6_cidr_block=destination if v6 else None,
        gateway=gateway,
        nat_gateway=nat,
        egress_only_internet_gateway=egress_only,
        transit_gateway=transit_gateway,
        instance=instance,
        vpc_peering_connection=peering,
    )


def subnet(c: Context, position: int) -> Subnet:
    """A subnet with the tags by which load balancers find it."""
    view = subnet_at(c, position)
    cidr, v6 = view.text("cidr"), view.text("ipv6CIDR")
    resource_names = (
        None
        if not c.present("spec.cloudControllerManager")
        else not c.read.boolean("spec.cloudConfig.useIPBasedNodeNames")
    )
    native = bool(v6) and not cidr
    return Subnet(
        name=f"{view.name}.{c.name}",
        short_name=view.name,
        shared=view.shared,
        existing_id=view.text("id"),
        vpc=vpc_of(c),
        availability_zone=view.zone,
        cidr_block=cidr or None,
        ipv6_cidr_block=_ipv6_block(c, v6) if v6 else None,
        ipv6_native=native or None,
        assign_ipv6_address_on_creation=(bool(v6) or None) if not view.shared else None,
        enable_dns64=native or None,
        private_dns_hostname_type_on_launch=_hostname_type(resource_names, native=native),
        enable_resource_name_dns_a_record_on_launch=None if native else resource_names,
        enable_resource_name_dns_aaaa_record_on_launch=resource_names if v6 else None,
        tags=_subnet_tags(c, view),
    )


def _hostname_type(resource_names: bool | None, *, native: bool) -> str | None:
    if resource_names is None and not native:
        return None
    return "resource-name" if resource_names or native else "ip-name"


def _ipv6_block(c: Context, cidr: str) -> Template:
    """A subnet's IPv6 block: ``/64#2`` is the third /64 of the VPC's block; others are literal."""
    if not cidr.startswith("/"):
        return Template.of(cidr)
    length, _, number = cidr[1:].partition("#")
    block = Ref(vpc_of(c).key, "ipv6_cidr_block") if has_shared_vpc(c) else Ref(AMAZON_IPV6, "cidr_block")
    return Template.of(CidrSubnet(block, int(length), int(number, 16)))


def _subnet_tags(c: Context, view: SubnetView) -> dict[str, str] | None:
    if c.read.boolean("spec.DisableSubnetTags"):
        return None
    tags = {**c.tags(f"{view.name}.{c.name}", shared=view.shared), "SubnetType": view.type}
    if view.public:
        tags["kubernetes.io/role/elb"] = "1"
        if all_public(c) and not c.ipv6_only:
            tags["kubernetes.io/role/internal-elb"] = "1"
    elif view.type == "DualStack" or not has_dual_stack(c, view.zone):
        tags["kubernetes.io/role/internal-elb"] = "1"
    for group in c.groups:
        if group.karpenter and view.name in group.strings("subnets"):
            tags[f"kops.k8s.io/instance-group/{group.name}"] = "true"
    return tags


def route_table_association(c: Context, position: int) -> RouteTableAssociation:
    """The association of a subnet with its table: the public one, or its zone's if it uses NAT."""
    view = subnet_at(c, position)
    if not view.public:
        prefix, table = "private-", f"private-{view.zone}.{c.name}"
    elif public_with_nat64(c, view):
        prefix, table = "public-", f"public-{view.zone}.{c.name}"
    else:
        prefix, table = "", c.name
    return RouteTableAssociation(
        name=f"{prefix}{view.name}.{c.name}", route_table=Ref(Key("RouteTable", table)), subnet=view.ref
    )


def public_with_nat64(c: Context, view: SubnetView) -> bool:
    """Whether public subnets need NAT gateways: in IPv6 clusters they reach IPv4 through NAT64."""
    return c.ipv6_only and view.type == "Public" and bool(view.text("ipv6CIDR"))
