"""VPC and what lies in it: subnets, gateways, routes.

Names of fields are those of the EC2 API, in snake case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import (
    Area,
    FactField,
    FactTable,
    KindSpec,
    NotInTerraform,
    Phase,
    TerraformName,
)
from kops_core.model.prune_policy import delete_always
from kops_core.model.resource import Content, Link, Resource, attr


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
    """The /56 that Amazon gives a VPC. Outputs: ``id`` (of the association), ``cidr_block``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        terraform=NotInTerraform("an argument of the VPC"),
    )

    vpc: Link = attr(immutable=True)


@dataclass(frozen=True, kw_only=True)
class DHCPOptions(Resource):
    """What DHCP tells instances. Outputs: ``id``."""

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
    """Which DHCP options a VPC uses. A VPC always has one: to change it is to update. No outputs."""

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
    """A range of a VPC in one zone. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        # A subnet may lie in an additional block of its VPC.
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
    """None in a subnet of IPv6 alone."""
    ipv6_cidr_block: Content = attr()
    """Associated after the subnet exists, unless it is of IPv6 alone."""
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
    """The way of a VPC to the internet. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        shareable=True,
        terraform=TerraformName("aws_internet_gateway"),
        facts=FactField(owner="vpc", name="internetGateway"),
    )

    vpc: Link = attr()
    """Attached after the gateway exists; one that is attached elsewhere is refused by AWS."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class EgressOnlyInternetGateway(Resource):
    """The way out of a VPC over IPv6. Outputs: ``id``."""

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
    """Only for one that the user named."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class NatGateway(Resource):
    """The way out of private subnets. Outputs: ``id``. Takes minutes to become available."""

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
    """Of one of the user's: our route table that leads to it, which says so in a tag. By that tag alone
    kOps' deletion of the cluster knows to spare the gateway."""
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
    """Which route table a subnet uses. Outputs: ``id``."""

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
