"""Subnets and their routes, topology, bastion, DNS and egress proxy."""

from typing import Annotated

from kops_core.api.v1alpha2.types import UNUSED, Always, Int64, Lost, Model, Nonzero, OneOf, about


class RouteSpec(Model):
    """A route of a subnet."""

    cidr: Nonzero[str] = about("Range that it is for.")
    target: Nonzero[str] = about("Gateway, peering or instance that it goes to.")


class ClusterSubnetSpec(Model):
    """A subnet of the cluster."""

    name: Nonzero[str] = about("Name, unique in its list.")
    zone: Nonzero[str] = about("Availability zone.")
    region: Nonzero[str] = about("Region, where subnets are not of one zone.")
    cidr: Nonzero[str] = about("IPv4 range.")
    ipv6CIDR: Nonzero[str] = about("IPv6 range; /64#n counts within the VPC's range.")
    id: Nonzero[str] = about("Id of an existing subnet to use.")
    egress: Nonzero[str] = about("Existing way out: NAT gateway, instance, transit gateway, or External.")
    type: Nonzero[Annotated[str, OneOf(("Public", "Private", "DualStack", "Utility"))]] = about(
        "What stands in it."
    )
    publicIP: Nonzero[str] = about("Elastic IP for its NAT gateway.")
    additionalRoutes: list[RouteSpec] | None = about("More routes of its route table.")


class BastionLoadBalancerSpec(Model):
    """The bastion's load balancer."""

    additionalSecurityGroups: list[str] | None = about("Ids of security groups to attach besides kOps' own.")
    type: Nonzero[Annotated[str, OneOf(("Public", "Internal"))]] = about(
        "Whether it can be reached from the internet."
    )


class BastionSpec(Model):
    """The way in by SSH."""

    bastionPublicName: Nonzero[str] = about("DNS name of the bastion.")
    idleTimeoutSeconds: Lost[Int64] = about(UNUSED)
    loadBalancer: BastionLoadBalancerSpec | None = about("Load balancer in front of the bastion.")


class DNSSpec(Model):
    """The DNS zone's kind."""

    type: Nonzero[Annotated[str, OneOf(("Public", "Private", "None"))]] = about(
        "Who can see the cluster's names; None uses no DNS at all."
    )


class TopologySpec(Model):
    """DNS and bastion."""

    masters: Lost[str] = about(UNUSED)
    nodes: Lost[str] = about(UNUSED)
    bastion: BastionSpec | None = about("The way in by SSH.")
    dns: DNSSpec | None = about("Which DNS zone names the cluster.")


class HTTPProxy(Model):
    """An HTTP proxy."""

    host: Nonzero[str] = about("Name or address of the proxy.")
    port: Nonzero[Int64] = about("Port of the proxy.")


class EgressProxySpec(Model):
    """The proxy by which machines reach the internet."""

    httpProxy: Always[HTTPProxy] = about("The proxy.")
    excludes: Nonzero[str] = about("Names and ranges reached without it, by comma.")
