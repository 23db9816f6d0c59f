"""Kinds of the network: VPC, subnets, gateways, routes, with the EC2 API's field names in snake case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import Area, FactField, FactTable, NotInTerraform, Phase, TerraformName
from kops_core.model.prune_policy import delete_always
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.template import Content, Link


@dataclass(frozen=True, kw_only=True)
class VPC(Resource):
    """A virtual private cloud. Outputs: ``id``, ``ipv6_cidr_block`` (where it has one)."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        shareable=True,
        terraform=TerraformName("aws_vpc"),
        facts=FactTable(name="vpcs"),
    )

    cidr_block: str | None = attr(immutable=True)
    enable_dns_hostnames: bool | None = attr()
    enable_dns_support: bool | None = attr()
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class VPCCIDRBlock(Resource):
    """An additional IPv4 block of a VPC, named by its CIDR. Outputs: ``id`` (of the association)."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        prune=delete_always,
        terraform=TerraformName("aws_vpc_ipv4_cidr_block_association", lambda block: f"cidr-{block.name}"),
    )

    vpc: Link = attr(immutable=True)
    cidr_block: str | None = attr(immutable=True)


@dataclass(frozen=True, kw_only=True)
class VPCAmazonIPv6CIDRBlock(Resource):
    """Amazon's /56 of a VPC. Outputs: ``id`` (of the association), ``cidr_block``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        terraform=NotInTerraform("an argument of the VPC"),
    )

    vpc: Link = attr(immutable=True)


@dataclass(frozen=True, kw_only=True)
class DHCPOptions(Resource):
    """The DHCP options of a VPC. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        terraform=TerraformName("aws_vpc_dhcp_options"),
    )

    domain_name: str | None = attr(replace=True)
    domain_name_servers: str | None = attr(replace=True)
    """Comma-separated addresses, or ``AmazonProvidedDNS``."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class VPCDHCPOptionsAssociation(Resource):
    """The association of a VPC with DHCP options. A VPC always has one, so it is updated. No outputs."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        needed_at_boot=True,
        terraform=TerraformName("aws_vpc_dhcp_options_association"),
    )

    vpc: Link = attr(immutable=True)
    dhcp_options: Link = attr()


@dataclass(frozen=True, kw_only=True)
class Subnet(Resource):
    """A subnet of a VPC in one zone. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        # A subnet may be in an additional block of its VPC.
        depends_on=(VPCCIDRBlock,),
        shareable=True,
        terraform=TerraformName("aws_subnet"),
        facts=FactTable(name="subnets"),
    )

    short_name: str = ""
    """Its name in the cluster spec."""
    vpc: Link = attr(immutable=True)
    availability_zone: str | None = attr(immutable=True)
    cidr_block: str | None = attr(immutable=True)
    """None in an IPv6-only subnet."""
    ipv6_cidr_block: Content = attr()
    """Associated after the subnet exists, unless it is IPv6-only."""
    ipv6_native: bool | None = attr(immutable=True)
    assign_ipv6_address_on_creation: bool | None = attr()
    enable_dns64: bool | None = attr()
    private_dns_hostname_type_on_launch: str | None = attr()
    """``resource-name`` or ``ip-name``."""
    enable_resource_name_dns_a_record_on_launch: bool | None = attr()
    enable_resource_name_dns_aaaa_record_on_launch: bool | None = attr()
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class InternetGateway(Resource):
    """The internet gateway of a VPC. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        shareable=True,
        terraform=TerraformName("aws_internet_gateway"),
        facts=FactField(owner="vpc", name="internetGateway"),
    )

    vpc: Link = attr()
    """Attached after the gateway exists; AWS refuses one that is attached elsewhere."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class EgressOnlyInternetGateway(Resource):
    """The egress-only internet gateway of a VPC, for IPv6. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        shareable=True,
        terraform=TerraformName("aws_egress_only_internet_gateway"),
        facts=FactField(owner="vpc", name="egressOnlyInternetGateway"),
    )

    vpc: Link = attr(immutable=True)
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class ElasticIP(Resource):
    """A public address. Outputs: ``id`` (of the allocation), ``public_ip``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        # A public address needs a VPC with an internet gateway.
        depends_on=(InternetGateway,),
        shareable=True,
        terraform=TerraformName("aws_eip"),
        facts=FactTable(name="addresses", match=lambda address: {"publicIp": address.public_ip}),
    )

    public_ip: str | None = attr(immutable=True)
    """Only if the user named it."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class NatGateway(Resource):
    """A NAT gateway of private subnets. Outputs: ``id``. Takes minutes to become available."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        depends_on=(InternetGateway,),
        shareable=True,
        terraform=TerraformName("aws_nat_gateway"),
        facts=FactTable(name="natGateways"),
    )

    elastic_ip: Link = attr(replace=True)
    """Its allocation id."""
    subnet: Link = attr(replace=True)
    marked_route_table: Link = attr(on_shared=True)
    """Of a shared one: our route table with a route to it, which gets a tag.

    By that tag kOps retains the gateway when it deletes the cluster.
    """
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class RouteTable(Resource):
    """A set of routes. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        shareable=True,
        terraform=TerraformName("aws_route_table"),
    )

    vpc: Link = attr(immutable=True)
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class RouteTableAssociation(Resource):
    """The association of a subnet with a route table. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        needed_at_boot=True,
        terraform=TerraformName("aws_route_table_association"),
    )

    route_table: Link = attr()
    """Changed in place with ReplaceRouteTableAssociation."""
    subnet: Link = attr(replace=True)


@dataclass(frozen=True, kw_only=True)
class Route(Resource):
    """One route of a table: one destination and one target. Identified by both; no outputs."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        needed_at_boot=True,
        terraform=TerraformName("aws_route", lambda route: f"route-{route.name}"),
    )

    route_table: Link = attr(replace=True)
    destination_cidr_block: str | None = attr(replace=True)
    destination_ipv6_cidr_block: str | None = attr(replace=True)
    gateway: Link = attr()
    """An internet gateway."""
    nat_gateway: Link = attr()
    egress_only_internet_gateway: Link = attr()
    transit_gateway: str | None = attr()
    instance: str | None = attr()
    vpc_peering_connection: str | None = attr()


KINDS: tuple[type[Resource], ...] = (
    VPC,
    VPCCIDRBlock,
    VPCAmazonIPv6CIDRBlock,
    DHCPOptions,
    VPCDHCPOptionsAssociation,
    Subnet,
    InternetGateway,
    EgressOnlyInternetGateway,
    ElasticIP,
    NatGateway,
    RouteTable,
    RouteTableAssociation,
    Route,
)
