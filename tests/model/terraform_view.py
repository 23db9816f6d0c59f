"""Our resources as the Terraform arguments that kOps writes for them, to compare with the corpus."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from kops_core.model.kinds import (
    SQS,
    VPC,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    BlockDevice,
    DHCPOptions,
    DNSName,
    DNSZone,
    EBSVolume,
    EgressOnlyInternetGateway,
    ElasticIP,
    EventBridgeRule,
    EventBridgeTarget,
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
    IAMRole,
    IAMRolePolicy,
    InternetGateway,
    LaunchTemplate,
    NatGateway,
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    Route,
    RouteTable,
    RouteTableAssociation,
    SecurityGroup,
    SecurityGroupRule,
    SSHKey,
    Subnet,
    TargetGroup,
    VPCCIDRBlock,
    VPCDHCPOptionsAssociation,
    WarmPool,
)
from kops_core.model.names import fnv1a_32
from kops_core.model.resource import Key, Ref, Resource, Text

TYPES = {
    "VPC": "aws_vpc",
    "VPCCIDRBlock": "aws_vpc_ipv4_cidr_block_association",
    "DHCPOptions": "aws_vpc_dhcp_options",
    "VPCDHCPOptionsAssociation": "aws_vpc_dhcp_options_association",
    "Subnet": "aws_subnet",
    "InternetGateway": "aws_internet_gateway",
    "EgressOnlyInternetGateway": "aws_egress_only_internet_gateway",
    "ElasticIP": "aws_eip",
    "NatGateway": "aws_nat_gateway",
    "RouteTable": "aws_route_table",
    "RouteTableAssociation": "aws_route_table_association",
    "Route": "aws_route",
    "SecurityGroup": "aws_security_group",
    "SecurityGroupRule": "aws_security_group_rule",
    "NetworkLoadBalancer": "aws_lb",
    "NetworkLoadBalancerListener": "aws_lb_listener",
    "TargetGroup": "aws_lb_target_group",
    "DNSName": "aws_route53_record",
    "IAMRole": "aws_iam_role",
    "IAMRolePolicy": "aws_iam_role_policy",
    "IAMInstanceProfile": "aws_iam_instance_profile",
    "IAMOIDCProvider": "aws_iam_openid_connect_provider",
    "SSHKey": "aws_key_pair",
    "EBSVolume": "aws_ebs_volume",
    "LaunchTemplate": "aws_launch_template",
    "AutoscalingGroup": "aws_autoscaling_group",
    "AutoscalingLifecycleHook": "aws_autoscaling_lifecycle_hook",
    "SQS": "aws_sqs_queue",
    "EventBridgeRule": "aws_cloudwatch_event_rule",
    "EventBridgeTarget": "aws_cloudwatch_event_target",
}
"""Terraform's types by kind. Kinds that are written otherwise are not compared."""

Args = dict[str, Any]


class View:
    """The resources of one cluster as Terraform's."""

    def __init__(self, resources: Mapping[Key, Resource], facts: Mapping[str, Any]) -> None:
        self.resources = resources
        self.facts = facts

    def all(self) -> dict[str, Args]:
        """Arguments by ``type.name``, without those that are unset."""
        found = {}
        for resource in self.resources.values():
            for address, args in self.written(resource):
                found[address] = {key: value for key, value in args.items() if value not in (None, {}, [])}
        return found

    def written(self, resource: Resource) -> Iterator[tuple[str, Args]]:
        """The Terraform resources that one of ours becomes: none, one, or several."""
        kind = resource.key.kind
        if isinstance(resource, DNSZone) and resource.private_vpc is not None:
            zone, vpc = "/hostedzone/" + self.zone_id(resource), self.link(resource.private_vpc)
            if vpc not in self.facts["hostedZones"][self.zone_id(resource)]["vpcs"]:
                yield f"aws_route53_zone_association.{tf_name(resource)}", {"zone_id": zone, "vpc_id": vpc}
        if kind not in TYPES or resource.shared or resource.absent:
            return
        if isinstance(resource, IAMRolePolicy) and resource.policy_arns is not None:
            yield from self._attachments(resource)
            return
        args = WRITERS[type(resource)](self, resource)
        yield f"{TYPES[kind]}.{tf_name(resource)}", args

    def _attachments(self, policy: IAMRolePolicy) -> Iterator[tuple[str, Args]]:
        for arn in policy.policy_arns or ():
            yield (
                f"aws_iam_role_policy_attachment.{tf_name(policy)}-{fnv1a_32(arn.encode())}",
                {"role": self.link(policy.role, "name"), "policy_arn": arn},
            )

    def link(self, value: Any, attribute: str = "id") -> Any:
        """A reference as an expression, or the id of a resource of the user's."""
        if not isinstance(value, Ref):
            return value
        target = self.resources[value.key]
        if value.key.kind == "DNSZone":
            return "/hostedzone/" + self.zone_id(target)
        if target.shared:
            return target.existing_id or self.found(target)
        return f"${{{TYPES[value.key.kind]}.{tf_name(target)}.{attribute}}}"

    def zone_id(self, zone: Resource) -> str:
        """The id of a hosted zone, which the facts know."""
        zones = self.facts["hostedZones"]
        return (
            zone.name if zone.name in zones else next(k for k, v in zones.items() if v["name"] == zone.name)
        )

    def found(self, target: Resource) -> str:
        """The id of something in a shared VPC that is found by where it lies."""
        fields = {
            "InternetGateway": "internetGateway",
            "EgressOnlyInternetGateway": "egressOnlyInternetGateway",
        }
        vpc = next(each for each in self.resources.values() if isinstance(each, VPC))
        return str(self.facts["vpcs"][vpc.existing_id][fields[target.key.kind]])

    def text(self, value: Text | str | None) -> str | None:
        """A text with the ids that the facts know in place of references."""
        if not isinstance(value, Text):
            return value
        return value.resolve(
            lambda ref: self.zone_id(self.resources[ref.key]) if ref.key.kind == "DNSZone" else f"<{ref.key}>"
        )

    def json(self, value: Text | str | None) -> Any:
        """A JSON text, parsed."""
        text = self.text(value)
        return json.loads(text) if text else None


def tf_name(resource: Resource) -> str:
    """The name of a Terraform resource: only letters, digits, ``-`` and ``_``, beginning with no digit."""
    name = resource.name
    if isinstance(resource, SSHKey):
        name = name.replace(":", "")
    name = name.replace(".", "-").replace("/", "--").replace(":", "_")
    name = re.sub(r"\*", "wildcard", name)
    kind = resource.key.kind
    if isinstance(resource, NetworkLoadBalancerListener) and isinstance(resource.load_balancer, Ref):
        return f"{resource.load_balancer.key.name}-{resource.port}".replace(".", "-")
    if kind in ("Route", "VPCCIDRBlock"):
        return f"{'route' if kind == 'Route' else 'cidr'}-{name}"
    return name if name[:1].isalpha() else f"prefix_{name}"


def _vpc(v: View, r: VPC) -> Args:
    return {
        "assign_generated_ipv6_cidr_block": True,
        "cidr_block": r.cidr_block,
        "enable_dns_hostnames": r.enable_dns_hostnames,
        "enable_dns_support": r.enable_dns_support,
        "tags": r.tags,
    }


def _subnet(v: View, r: Subnet) -> Args:
    args = {
        "availability_zone": r.availability_zone,
        "cidr_block": r.cidr_block,
        "private_dns_hostname_type_on_launch": r.private_dns_hostname_type_on_launch,
        "enable_resource_name_dns_a_record_on_launch": r.enable_resource_name_dns_a_record_on_launch,
        "enable_resource_name_dns_aaaa_record_on_launch": r.enable_resource_name_dns_aaaa_record_on_launch,
        "assign_ipv6_address_on_creation": r.assign_ipv6_address_on_creation,
        "enable_dns64": r.enable_dns64,
        "ipv6_native": r.ipv6_native,
        "tags": r.tags,
        "vpc_id": v.link(r.vpc),
    }
    if isinstance(r.ipv6_cidr_block, Text):
        piece = r.ipv6_cidr_block.parts[0]
        if isinstance(piece, str):
            args["ipv6_cidr_block"] = piece
        else:
            args["ipv6_cidr_block"] = (
                "${cidrsubnet(local.vpc_ipv6_cidr_block, "
                f"{piece.prefix_length} - local.vpc_ipv6_cidr_length, {piece.number})}}"  # type: ignore[union-attr]
            )
    return args


def _tagged_in_vpc(v: View, r: InternetGateway | EgressOnlyInternetGateway | RouteTable) -> Args:
    return {"tags": r.tags, "vpc_id": v.link(r.vpc)}


def _route(v: View, r: Route) -> Args:
    return {
        "route_table_id": v.link(r.route_table),
        "destination_cidr_block": r.destination_cidr_block,
        "destination_ipv6_cidr_block": r.destination_ipv6_cidr_block,
        "gateway_id": v.link(r.gateway),
        "nat_gateway_id": v.link(r.nat_gateway),
        "egress_only_gateway_id": v.link(r.egress_only_internet_gateway),
        "transit_gateway_id": r.transit_gateway,
        "instance_id": r.instance,
        "vpc_peering_connection_id": r.vpc_peering_connection,
    }


def _rule(v: View, r: SecurityGroupRule) -> Args:
    return {
        "type": "egress" if r.egress else "ingress",
        "security_group_id": v.link(r.security_group),
        "source_security_group_id": v.link(r.referenced_group),
        "from_port": r.from_port or 0,
        "to_port": r.to_port or (0 if r.ip_protocol == "-1" else 65535),
        "protocol": r.ip_protocol,
        "cidr_blocks": [r.cidr_ipv4] if r.cidr_ipv4 else None,
        "ipv6_cidr_blocks": [r.cidr_ipv6] if r.cidr_ipv6 else None,
        "prefix_list_ids": [r.prefix_list_id] if r.prefix_list_id else None,
    }


def _balancer(v: View, r: NetworkLoadBalancer) -> Args:
    log = r.access_log
    return {
        "name": r.load_balancer_name,
        "internal": r.scheme == "internal",
        "load_balancer_type": "network",
        "ip_address_type": r.ip_address_type if r.ip_address_type == "dualstack" else None,
        "enable_cross_zone_load_balancing": bool(r.cross_zone_load_balancing),
        "security_groups": sorted(v.link(each) for each in r.security_groups or ()),
        "subnet_mapping": sorted(
            (
                _set(
                    subnet_id=v.link(each.subnet),
                    allocation_id=each.allocation_id,
                    private_ipv4_address=each.private_ipv4_address,
                )
                for each in r.subnet_mappings or ()
            ),
            key=str,
        ),
        "access_logs": [_set(enabled=True, bucket=log.s3_bucket_name, prefix=log.s3_bucket_prefix)]
        if log and log.enabled
        else None,
        "tags": r.tags,
    }


def _set(**values: Any) -> Args:
    return {key: value for key, value in values.items() if value is not None}


def _target_group(v: View, r: TargetGroup) -> Args:
    attributes = r.target_group_attributes or {}
    return {
        "name": r.name,
        "port": r.port,
        "protocol": r.protocol,
        "vpc_id": v.link(r.vpc),
        "connection_termination": attributes["deregistration_delay.connection_termination.enabled"],
        "deregistration_delay": attributes["deregistration_delay.timeout_seconds"],
        "health_check": [
            _set(
                healthy_threshold=r.healthy_threshold_count,
                unhealthy_threshold=r.unhealthy_threshold_count,
                interval=r.health_check_interval_seconds,
                protocol=r.health_check_protocol,
                path=r.health_check_path,
            )
        ],
        "tags": r.tags,
    }


def _launch_template(v: View, r: LaunchTemplate) -> Args:
    meta = r.metadata_options
    assert meta is not None
    spot = r.spot
    return {
        "name": r.name,
        "image_id": r.image_id,
        "instance_type": r.instance_type,
        "key_name": v.link(r.key_name),
        "iam_instance_profile": [{"name": v.link(r.iam_instance_profile)}],
        "lifecycle": [{"create_before_destroy": True}],
        "block_device_mappings": sorted((_device(each) for each in r.block_device_mappings or ()), key=str),
        "metadata_options": [
            {
                "http_endpoint": meta.http_endpoint,
                "http_protocol_ipv6": meta.http_protocol_ipv6,
                "http_put_response_hop_limit": meta.http_put_response_hop_limit,
                "http_tokens": meta.http_tokens,
            }
        ],
        "monitoring": [{"enabled": r.monitoring}],
        "network_interfaces": [
            {
                "associate_public_ip_address": r.associate_public_ip_address,
                "delete_on_termination": True,
                "ipv6_address_count": r.ipv6_address_count,
                "security_groups": sorted(v.link(each) for each in r.security_groups or ()),
            }
        ],
        "placement": [{"tenancy": r.tenancy}] if r.tenancy else None,
        "credit_specification": [{"cpu_credits": r.cpu_credits}] if r.cpu_credits else None,
        "instance_market_options": [
            {
                "market_type": "spot",
                "spot_options": [
                    _set(
                        max_price=spot.max_price,
                        block_duration_minutes=spot.block_duration_minutes,
                        instance_interruption_behavior=spot.instance_interruption_behavior,
                    )
                ],
            }
        ]
        if spot
        else None,
        "tags": r.tags,
        "tag_specifications": [
            {"resource_type": each, "tags": r.tags} for each in ("instance", "volume", "network-interface")
        ],
    }


def _device(each: BlockDevice) -> Args:
    if each.virtual_name:
        return {"device_name": each.device_name, "virtual_name": each.virtual_name}
    ebs = _set(
        delete_on_termination=True,
        encrypted=each.encrypted,
        iops=each.iops,
        kms_key_id=each.kms_key_id,
        throughput=each.throughput,
        volume_size=each.volume_size,
        volume_type=each.volume_type,
    )
    return {"device_name": each.device_name, "ebs": [ebs]}


def _group(v: View, r: AutoscalingGroup) -> Args:
    pool = next(
        (each for each in v.resources.values() if isinstance(each, WarmPool) and each.name == r.name), None
    )
    most = pool.max_group_prepared_capacity if pool else None
    return {
        "name": r.name,
        "min_size": r.min_size,
        "max_size": r.max_size,
        "enabled_metrics": sorted(r.enabled_metrics or ()),
        "metrics_granularity": "1Minute",
        "protect_from_scale_in": r.new_instances_protected_from_scale_in,
        "max_instance_lifetime": r.max_instance_lifetime,
        "vpc_zone_identifier": [v.link(each) for each in r.subnets or ()],
        "target_group_arns": sorted(v.link(each) for each in r.target_groups or ()),
        "load_balancers": list(r.load_balancers or ()),
        "suspended_processes": list(r.suspended_processes or ()),
        "capacity_rebalance": r.capacity_rebalance,
        "tag": [
            {"key": key, "propagate_at_launch": True, "value": value}
            for key, value in sorted((r.tags or {}).items())
        ],
        "warm_pool": [_set(min_size=pool.min_size, max_group_prepared_capacity=most if most != -1 else None)]
        if pool
        else None,
        **_template_of(v, r),
    }


def _template_of(v: View, r: AutoscalingGroup) -> Args:
    template, version = v.link(r.launch_template), v.link(r.launch_template, "latest_version")
    policy = r.mixed_instances_policy
    if policy is None:
        return {"launch_template": [{"id": template, "version": version}]}
    distribution = _set(
        on_demand_allocation_strategy=policy.on_demand_allocation_strategy,
        on_demand_base_capacity=policy.on_demand_base_capacity,
        on_demand_percentage_above_base_capacity=policy.on_demand_percentage_above_base_capacity,
        spot_allocation_strategy=policy.spot_allocation_strategy,
        spot_instance_pools=policy.spot_instance_pools,
        spot_max_price=policy.spot_max_price,
    )
    launch: Args = {
        "launch_template_specification": [{"launch_template_id": template, "version": version}],
        "override": [{"instance_type": each} for each in policy.instance_types],
    }
    mixed = _set(
        instances_distribution=[distribution],
        launch_template=[{key: value for key, value in launch.items() if value}],
    )
    return {"mixed_instances_policy": [mixed]}


def _role(v: View, r: IAMRole) -> Args:
    return {
        "name": r.name,
        "tags": r.tags,
        "permissions_boundary": r.permissions_boundary,
        "assume_role_policy": v.json(r.assume_role_policy_document),
    }


def _profile(v: View, r: IAMInstanceProfile) -> Args:
    role = v.resources[Key("IAMInstanceProfileRole", r.name)]
    assert isinstance(role, IAMInstanceProfileRole)
    return {"name": r.name, "tags": r.tags, "role": v.link(role.role, "name")}


def _listener(v: View, r: NetworkLoadBalancerListener) -> Args:
    return {
        "load_balancer_arn": v.link(r.load_balancer),
        "port": r.port,
        "protocol": "TLS" if r.certificate else "TCP",
        "certificate_arn": r.certificate,
        "ssl_policy": r.ssl_policy,
        "default_action": [{"target_group_arn": v.link(r.target_group), "type": "forward"}],
    }


def _record(v: View, r: DNSName) -> Args:
    alias = {
        "evaluate_target_health": False,
        "name": v.link(r.target_dns_name, "dns_name"),
        "zone_id": v.link(r.target_hosted_zone, "zone_id"),
    }
    return {"name": r.resource_name, "type": r.resource_type, "zone_id": v.link(r.zone), "alias": [alias]}


WRITERS: dict[type[Resource], Callable[[View, Any], Args]] = {
    VPC: _vpc,
    VPCCIDRBlock: lambda v, r: {"cidr_block": r.cidr_block, "vpc_id": v.link(r.vpc)},
    DHCPOptions: lambda v, r: {
        "domain_name": r.domain_name,
        "domain_name_servers": r.domain_name_servers.split(","),
        "tags": r.tags,
    },
    VPCDHCPOptionsAssociation: lambda v, r: {
        "dhcp_options_id": v.link(r.dhcp_options),
        "vpc_id": v.link(r.vpc),
    },
    Subnet: _subnet,
    InternetGateway: _tagged_in_vpc,
    EgressOnlyInternetGateway: _tagged_in_vpc,
    ElasticIP: lambda v, r: {"domain": "vpc", "tags": r.tags},
    NatGateway: lambda v, r: {
        "allocation_id": v.link(r.elastic_ip),
        "subnet_id": v.link(r.subnet),
        "tags": r.tags,
    },
    RouteTable: _tagged_in_vpc,
    RouteTableAssociation: lambda v, r: {
        "route_table_id": v.link(r.route_table),
        "subnet_id": v.link(r.subnet),
    },
    Route: _route,
    SecurityGroup: lambda v, r: {
        "name": r.name,
        "description": r.description,
        "tags": r.tags,
        "vpc_id": v.link(r.vpc),
    },
    SecurityGroupRule: _rule,
    NetworkLoadBalancer: _balancer,
    NetworkLoadBalancerListener: _listener,
    TargetGroup: _target_group,
    DNSName: _record,
    IAMRole: _role,
    IAMRolePolicy: lambda v, r: {
        "name": r.name,
        "role": v.link(r.role, "name"),
        "policy": v.json(r.policy_document),
    },
    IAMInstanceProfile: _profile,
    IAMOIDCProvider: lambda v, r: {
        "client_id_list": list(r.client_id_list),
        "tags": r.tags,
        "thumbprint_list": list(r.thumbprint_list),
        "url": r.url,
    },
    SSHKey: lambda v, r: {"key_name": r.name, "tags": r.tags, "public_key": r.public_key_material.strip()},
    EBSVolume: lambda v, r: {
        "availability_zone": r.availability_zone,
        "encrypted": r.encrypted,
        "iops": r.iops,
        "size": r.size,
        "throughput": r.throughput,
        "type": r.volume_type,
        "kms_key_id": r.kms_key_id,
        "tags": r.tags,
    },
    LaunchTemplate: _launch_template,
    AutoscalingGroup: _group,
    AutoscalingLifecycleHook: lambda v, r: {
        "autoscaling_group_name": v.link(r.auto_scaling_group),
        "default_result": r.default_result,
        "heartbeat_timeout": r.heartbeat_timeout,
        "lifecycle_transition": r.lifecycle_transition,
        "name": r.hook_name,
    },
    SQS: lambda v, r: {
        "name": r.name,
        "message_retention_seconds": r.message_retention_period,
        "policy": v.json(r.policy),
        "tags": r.tags,
    },
    EventBridgeRule: lambda v, r: {
        "name": r.name,
        "event_pattern": v.json(r.event_pattern),
        "tags": r.tags,
    },
    EventBridgeTarget: lambda v, r: {"rule": v.link(r.rule), "arn": v.link(r.target, "arn")},
}
