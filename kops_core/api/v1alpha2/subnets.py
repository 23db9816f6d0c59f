"""subnets"""

from typing import Annotated

from kops_core.api.v1alpha2.types import UNUSED, Always, Int64, Lost, Model, Nonzero, OneOf, about


class RouteSpec(Model):
    """RouteSpec."""

    cidr: Nonzero[str] = about("")
    target: Nonzero[str] = about("")


class ClusterSubnetSpec(Model):
    """ClusterSubnetSpec."""

    name: Nonzero[str] = about("")
    zone: Nonzero[str] = about("")
    region: Nonzero[str] = about("")
    cidr: Nonzero[str] = about("")
    ipv6CIDR: Nonzero[str] = about("")
    id: Nonzero[str] = about("")
    egress: Nonzero[str] = about("")
    type: Nonzero[Annotated[str, OneOf(("Public", "Private", "DualStack", "Utility"))]] = about("")
    publicIP: Nonzero[str] = about("")
    additionalRoutes: list[RouteSpec] | None = about("")


class BastionLoadBalancerSpec(Model):
    """BastionLoadBalancerSpec."""

    additionalSecurityGroups: list[str] | None = about("")
    type: Nonzero[Annotated[str, OneOf(("Public", "Internal"))]] = about("")


class BastionSpec(Model):
    """BastionSpec."""

    bastionPublicName: Nonzero[str] = about("")
    idleTimeoutSeconds: Lost[Int64] = about(UNUSED)
    loadBalancer: BastionLoadBalancerSpec | None = about("")


class DNSSpec(Model):
    """DNSSpec."""

    type: Nonzero[Annotated[str, OneOf(("Public", "Private"))]] = about("")


class TopologySpec(Model):
    """TopologySpec."""

    masters: Lost[str] = about(UNUSED)
    nodes: Lost[str] = about(UNUSED)
    bastion: BastionSpec | None = about("")
    dns: DNSSpec | None = about("")


class HTTPProxy(Model):
    """HTTPProxy."""

    host: Nonzero[str] = about("")
    port: Nonzero[Int64] = about("")


class EgressProxySpec(Model):
    """EgressProxySpec."""

    httpProxy: Always[HTTPProxy] = about("")
    excludes: Nonzero[str] = about("")
