"""What Terraform calls our resources: types, names, and the attributes that others refer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kops_core.model.kinds.balancers import NetworkLoadBalancerListener
from kops_core.model.names import fnv1a_32
from kops_core.model.resource import Key, Ref, Resource

POLICY_ATTACHMENT = "aws_iam_role_policy_attachment"
ZONE_ASSOCIATION = "aws_route53_zone_association"


def _own_name(resource: Resource) -> str:
    return resource.name


def _volume_name(resource: Resource) -> str:
    return f"ebs-{resource.name}" if resource.name[:1].isdigit() else resource.name


def _listener_name(resource: Resource) -> str:
    """That of its load balancer with the port."""
    if isinstance(resource, NetworkLoadBalancerListener) and isinstance(resource.load_balancer, Ref):
        return f"{resource.load_balancer.key.name}-{resource.port}"
    return resource.name


@dataclass(frozen=True)
class Named:
    """How a kind appears in Terraform."""

    type: str
    name: Callable[[Resource], str] = _own_name
    """Before characters are replaced that Terraform does not take."""
    link: str = "id"
    """Attribute that stands for the resource where another refers to it."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Attributes that have another name than ours and that are not ``link``."""


NAMES: Mapping[str, Named] = {
    "VPC": Named("aws_vpc"),
    "VPCCIDRBlock": Named("aws_vpc_ipv4_cidr_block_association", lambda r: f"cidr-{r.name}"),
    "DHCPOptions": Named("aws_vpc_dhcp_options"),
    "VPCDHCPOptionsAssociation": Named("aws_vpc_dhcp_options_association"),
    "Subnet": Named("aws_subnet"),
    "InternetGateway": Named("aws_internet_gateway"),
    "EgressOnlyInternetGateway": Named("aws_egress_only_internet_gateway"),
    "ElasticIP": Named("aws_eip"),
    "NatGateway": Named("aws_nat_gateway"),
    "RouteTable": Named("aws_route_table"),
    "RouteTableAssociation": Named("aws_route_table_association"),
    "Route": Named("aws_route", lambda r: f"route-{r.name}"),
    "SecurityGroup": Named("aws_security_group"),
    "SecurityGroupRule": Named("aws_security_group_rule"),
    "NetworkLoadBalancer": Named("aws_lb", attributes={"dns_name": "dns_name", "hosted_zone_id": "zone_id"}),
    "TargetGroup": Named("aws_lb_target_group"),
    "NetworkLoadBalancerListener": Named("aws_lb_listener", _listener_name),
    "DNSName": Named("aws_route53_record"),
    "IAMRole": Named("aws_iam_role", link="name", attributes={"arn": "arn"}),
    "IAMRolePolicy": Named("aws_iam_role_policy"),
    "IAMInstanceProfile": Named("aws_iam_instance_profile"),
    "IAMOIDCProvider": Named("aws_iam_openid_connect_provider", link="arn"),
    "SSHKey": Named("aws_key_pair", lambda r: r.name.replace(":", "")),
    "EBSVolume": Named("aws_ebs_volume", _volume_name),
    "LaunchTemplate": Named("aws_launch_template", attributes={"latest_version": "latest_version"}),
    "AutoscalingGroup": Named("aws_autoscaling_group"),
    "AutoscalingLifecycleHook": Named("aws_autoscaling_lifecycle_hook"),
    "SQS": Named("aws_sqs_queue", link="arn"),
    "EventBridgeRule": Named("aws_cloudwatch_event_rule"),
    "EventBridgeTarget": Named("aws_cloudwatch_event_target"),
    "ManagedFile": Named("aws_s3_object"),
    "AddonManifest": Named("aws_s3_object"),
    "BootstrapChannel": Named("aws_s3_object"),
}
"""By kind. Types and names are kOps' (``RenderTerraform`` of its tasks)."""


def identifier(name: str) -> str:
    """A name as Terraform takes it, as kOps makes it (``sanitizeName``)."""
    if name[:1].isdigit():
        name = f"prefix_{name}"
    return name.replace(".", "-").replace("/", "--").replace(":", "_")


def name_of(resource: Resource) -> str:
    """The name of a resource's declaration."""
    return identifier(NAMES[resource.key.kind].name(resource))


def data_file_name(resource: Resource, argument: str) -> str:
    """The name of the file that holds an argument."""
    named = NAMES[resource.key.kind]
    return f"{named.type}_{named.name(resource)}_{argument}"


def attachment_name(policy: Resource, arn: str) -> str:
    """The name of the attachment of a managed policy."""
    return identifier(f"{policy.name}-{fnv1a_32(arn.encode())}")


def attribute(key: Key, ours: str) -> str:
    """Terraform's name of an attribute."""
    named = NAMES[key.kind]
    return named.attributes.get(ours, named.link)
