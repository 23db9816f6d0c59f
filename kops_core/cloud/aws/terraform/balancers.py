"""Arguments of load balancers and of records for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kops_core.cloud.aws.resources.balancers import (
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    SubnetMapping,
    TargetGroup,
)
from kops_core.cloud.aws.resources.dns import DNSName, DNSZone
from kops_core.cloud.aws.terraform.addresses import ZONE_ASSOCIATION, identifier
from kops_core.cloud.aws.terraform.scope import Arguments, Scope
from kops_core.cloud.terraform.hcl import Block, Body, Section, arguments
from kops_core.model.resource import Resource
from kops_core.model.template import Ref


def load_balancer(s: Scope, r: NetworkLoadBalancer) -> Body:
    """aws_lb."""
    log = r.access_log
    return arguments(
        access_logs=Block(arguments(bucket=log.s3_bucket_name, enabled=True, prefix=log.s3_bucket_prefix))
        if log and log.enabled
        else None,
        enable_cross_zone_load_balancing=bool(r.cross_zone_load_balancing),
        internal=r.scheme == "internal",
        ip_address_type="dualstack" if r.ip_address_type == "dualstack" else None,
        load_balancer_type="network",
        name=r.load_balancer_name,
        security_groups=s.links(r.security_groups),
        subnet_mapping=[_subnet_mapping(s, each) for each in r.subnet_mappings or ()],
        tags=r.tags,
    )


def _subnet_mapping(s: Scope, mapping: SubnetMapping) -> Block:
    return Block(
        arguments(
            allocation_id=mapping.allocation_id,
            private_ipv4_address=mapping.private_ipv4_address,
            subnet_id=s.link(mapping.subnet),
        )
    )


def target_group(s: Scope, r: TargetGroup) -> Body:
    """aws_lb_target_group."""
    attributes = r.target_group_attributes or {}
    check = arguments(
        healthy_threshold=r.healthy_threshold_count,
        interval=r.health_check_interval_seconds,
        path=r.health_check_path,
        protocol=r.health_check_protocol,
        unhealthy_threshold=r.unhealthy_threshold_count,
    )
    return arguments(
        connection_termination=attributes.get("deregistration_delay.connection_termination.enabled"),
        deregistration_delay=attributes.get("deregistration_delay.timeout_seconds"),
        health_check=Block(check),
        name=r.name,
        port=r.port,
        protocol=r.protocol,
        tags=r.tags,
        vpc_id=s.link(r.vpc),
    )


def listener(s: Scope, r: NetworkLoadBalancerListener) -> Body:
    """aws_lb_listener."""
    return arguments(
        certificate_arn=r.certificate or None,
        default_action=Block(arguments(target_group_arn=s.link(r.target_group), type="forward")),
        load_balancer_arn=s.link(r.load_balancer),
        port=r.port,
        protocol="TLS" if r.certificate else "TCP",
        ssl_policy=r.ssl_policy if r.certificate else None,
    )


def record(s: Scope, r: DNSName) -> Body:
    """aws_route53_record, an alias."""
    alias = arguments(
        evaluate_target_health=False,
        name=s.link(r.target_dns_name),
        zone_id=s.link(r.target_hosted_zone),
    )
    return arguments(alias=Block(alias), name=r.resource_name, type=r.resource_type, zone_id=s.link(r.zone))


def zone_association(s: Scope, r: DNSZone) -> Iterator[Section]:
    """aws_route53_zone_association, unless the VPC has it: the only block of a hosted zone."""
    if not isinstance(r.private_vpc, Ref):
        return
    vpc, zone = s.resources[r.private_vpc.key], Ref(r.key)
    if vpc.shared and vpc.existing_id in s.settings.zone_vpcs.get(s.known(zone), ()):
        return
    yield Section(
        "resource",
        (ZONE_ASSOCIATION, identifier(r.name)),
        arguments(vpc_id=s.link(r.private_vpc), zone_id=s.property(zone)),
    )


ARGUMENTS: Mapping[type[Resource], Arguments] = {
    NetworkLoadBalancer: load_balancer,
    TargetGroup: target_group,
    NetworkLoadBalancerListener: listener,
    DNSName: record,
}
