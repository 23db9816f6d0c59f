"""Arguments of the VPC and its resources."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.cloud.aws.resources.network import (
    VPC,
    DHCPOptions,
    EgressOnlyInternetGateway,
    ElasticIP,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    VPCAmazonIPv6CIDRBlock,
    VPCCIDRBlock,
    VPCDHCPOptionsAssociation,
)
from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Body, Entry, Expression, arguments
from kops_core.model.resource import Resource
from kops_core.model.template import CidrSubnet, Content, Template

ALL_PROTOCOLS = "-1"
LAST_PORT = 65535


def vpc(s: Scope, r: VPC) -> Body:
    """aws_vpc, with Amazon's IPv6 block, which is no resource of its own."""
    blocks = (each for each in s.resources.values() if isinstance(each, VPCAmazonIPv6CIDRBlock))
    return arguments(
        assign_generated_ipv6_cidr_block=True if any(s.declares(each) for each in blocks) else None,
        cidr_block=r.cidr_block,
        enable_dns_hostnames=r.enable_dns_hostnames,
        enable_dns_support=r.enable_dns_support,
        tags=r.tags,
    )


def vpc_cidr_block(s: Scope, r: VPCCIDRBlock) -> Body:
    """aws_vpc_ipv4_cidr_block_association."""
    return arguments(cidr_block=r.cidr_block, vpc_id=s.link(r.vpc))


def dhcp_options(s: Scope, r: DHCPOptions) -> Body:
    """aws_vpc_dhcp_options."""
    servers = tuple(r.domain_name_servers.split(",")) if r.domain_name_servers else ()
    return arguments(domain_name=r.domain_name, domain_name_servers=servers, tags=r.tags)


def dhcp_options_association(s: Scope, r: VPCDHCPOptionsAssociation) -> Body:
    """aws_vpc_dhcp_options_association."""
    return arguments(dhcp_options_id=s.link(r.dhcp_options), vpc_id=s.link(r.vpc))


def subnet(s: Scope, r: Subnet) -> Body:
    """aws_subnet."""
    return arguments(
        assign_ipv6_address_on_creation=r.assign_ipv6_address_on_creation,
        availability_zone=r.availability_zone,
        cidr_block=r.cidr_block,
        enable_dns64=r.enable_dns64,
        enable_resource_name_dns_a_record_on_launch=r.enable_resource_name_dns_a_record_on_launch,
        enable_resource_name_dns_aaaa_record_on_launch=r.enable_resource_name_dns_aaaa_record_on_launch,
        ipv6_cidr_block=_ipv6(r.ipv6_cidr_block),
        ipv6_native=r.ipv6_native,
        private_dns_hostname_type_on_launch=r.private_dns_hostname_type_on_launch,
        tags=r.tags,
        vpc_id=s.link(r.vpc),
    )


def _ipv6(block: Content) -> Entry | None:
    """An IPv6 network of the VPC, whose size Terraform only knows from the VPC."""
    if not isinstance(block, Template):
        return block
    (piece,) = block.parts
    if isinstance(piece, CidrSubnet):
        bits = f"{piece.prefix_length} - local.vpc_ipv6_cidr_length"
        return Expression(f"cidrsubnet(local.vpc_ipv6_cidr_block, {bits}, {piece.number})")
    return str(piece)


def in_vpc(s: Scope, r: InternetGateway | EgressOnlyInternetGateway | RouteTable) -> Body:
    """aws_internet_gateway, aws_egress_only_internet_gateway, aws_route_table."""
    return arguments(tags=r.tags, vpc_id=s.link(r.vpc))


def elastic_ip(s: Scope, r: ElasticIP) -> Body:
    """aws_eip."""
    return arguments(domain="vpc", tags=r.tags)


def nat_gateway(s: Scope, r: NatGateway) -> Body:
    """aws_nat_gateway."""
    return arguments(allocation_id=s.link(r.elastic_ip), subnet_id=s.link(r.subnet), tags=r.tags)


def route_table_association(s: Scope, r: RouteTableAssociation) -> Body:
    """aws_route_table_association."""
    return arguments(route_table_id=s.link(r.route_table), subnet_id=s.link(r.subnet))


def route(s: Scope, r: Route) -> Body:
    """aws_route."""
    return arguments(
        destination_cidr_block=r.destination_cidr_block,
        destination_ipv6_cidr_block=r.destination_ipv6_cidr_block,
        egress_only_gateway_id=s.link(r.egress_only_internet_gateway),
        gateway_id=s.link(r.gateway),
        instance_id=r.instance,
        nat_gateway_id=s.link(r.nat_gateway),
        route_table_id=s.link(r.route_table),
        transit_gateway_id=r.transit_gateway,
        vpc_peering_connection_id=r.vpc_peering_connection,
    )


def security_group(s: Scope, r: SecurityGroup) -> Body:
    """aws_security_group."""
    return arguments(description=r.description, name=r.name, tags=r.tags, vpc_id=s.link(r.vpc))


def security_group_rule(s: Scope, r: SecurityGroupRule) -> Body:
    """aws_security_group_rule, which also needs ports if all are allowed."""
    last = 0 if r.ip_protocol == ALL_PROTOCOLS else LAST_PORT
    return arguments(
        cidr_blocks=(r.cidr_ipv4,) if r.cidr_ipv4 else None,
        from_port=0 if r.from_port is None else r.from_port,
        ipv6_cidr_blocks=(r.cidr_ipv6,) if r.cidr_ipv6 else None,
        prefix_list_ids=(r.prefix_list_id,) if r.prefix_list_id else None,
        protocol=r.ip_protocol,
        security_group_id=s.link(r.security_group),
        source_security_group_id=s.link(r.referenced_group),
        to_port=last if r.to_port is None else r.to_port,
        type="egress" if r.egress else "ingress",
    )


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    VPC: vpc,
    VPCCIDRBlock: vpc_cidr_block,
    DHCPOptions: dhcp_options,
    VPCDHCPOptionsAssociation: dhcp_options_association,
    Subnet: subnet,
    InternetGateway: in_vpc,
    EgressOnlyInternetGateway: in_vpc,
    ElasticIP: elastic_ip,
    NatGateway: nat_gateway,
    RouteTable: in_vpc,
    RouteTableAssociation: route_table_association,
    Route: route,
    SecurityGroup: security_group,
    SecurityGroupRule: security_group_rule,
}
