"""Locals and outputs of the module, for other modules."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.cloud.aws.resources.groups import AutoscalingGroup, LaunchTemplate
from kops_core.cloud.aws.resources.iam import IAMOIDCProvider, IAMRole
from kops_core.cloud.aws.resources.network import VPC, RouteTable, Subnet
from kops_core.cloud.aws.terraform.addresses import address_of, identifier, name_of
from kops_core.cloud.aws.terraform.scope import Scope
from kops_core.cloud.terraform.hcl import Expression, Section, Value, inline
from kops_core.model.resource import Resource
from kops_core.model.template import Link, Ref

ROLE_TAG = "k8s.io/role/"
"""Prefix of the tag with the role of a group's instances."""
TABLE_TAG = "kubernetes.io/kops/role"
"""Tag of a route table with its role, e.g. ``public``."""
IPV6_LENGTH = Expression(
    'local.vpc_ipv6_cidr_block == "" ? null : tonumber(regex(".*/(\\\\d+)", local.vpc_ipv6_cidr_block)[0])'
)
"""The prefix length of the VPC's IPv6 block, which may have none."""

Found = tuple[str, Value]


def sections(s: Scope, cluster: str, resources: list[Resource]) -> Iterator[Section]:
    """The ``locals`` block and the outputs, for the resources of the module."""
    found = dict(sorted(_values(s, cluster, resources).items()))
    yield Section("locals", (), found)
    for name, value in found.items():
        yield Section("output", (name,), {"value": value})


def _values(s: Scope, cluster: str, resources: list[Resource]) -> dict[str, Value]:
    single: dict[str, Value] = {"cluster_name": cluster, "region": s.settings.region}
    several: dict[str, list[Value]] = {}
    for resource in resources:
        for name, value in _of_one(s, resource):
            single[identifier(name)] = value
        for name, value in _of_many(s, resource):
            several.setdefault(identifier(name), []).append(value)
    return single | {name: _once(values) for name, values in several.items()}


def _once(values: list[Value]) -> tuple[Value, ...]:
    return tuple(dict(sorted({inline(each): each for each in values}.items())).values())


def _of_one(s: Scope, resource: Resource) -> Iterator[Found]:
    """Outputs of one resource."""
    link = Ref(resource.key)
    match resource:
        case VPC():
            yield from _vpc(s, resource)
        case Subnet() if resource.short_name:
            yield f"subnet_{resource.short_name}_id", s.property(link)
        case RouteTable() if resource.tags and TABLE_TAG in resource.tags:
            yield f"route_table_{resource.tags[TABLE_TAG]}_id", s.property(link)
        case IAMRole() if resource.export_id:
            yield f"{resource.export_id}_role_arn", s.property(Ref(resource.key, "arn"))
            yield f"{resource.export_id}_role_name", s.property(link)
        case IAMOIDCProvider():
            yield "iam_openid_connect_provider_arn", s.property(link)
            issuer = s.text(resource.url, resource) or ""
            yield "iam_openid_connect_provider_issuer", issuer.rpartition("://")[2]
        case _:
            pass


def _vpc(s: Scope, vpc: VPC) -> Iterator[Found]:
    source = f"{address_of(VPC).type}.{name_of(vpc)}"
    if vpc.shared:
        source = f"data.{source}"
    yield "vpc_id", s.property(Ref(vpc.key))
    yield "vpc_cidr_block", Expression(f"{source}.cidr_block")
    yield "vpc_ipv6_cidr_block", Expression(f"{source}.ipv6_cidr_block")
    yield "vpc_ipv6_cidr_length", IPV6_LENGTH


def _of_many(s: Scope, resource: Resource) -> Iterator[Found]:
    """Outputs that list an attribute of several resources."""
    if isinstance(resource, Subnet) and resource.shared:
        yield "subnet_ids", s.property(Ref(resource.key))
    if not isinstance(resource, AutoscalingGroup):
        return
    role = role_of(resource)
    if not role:
        return
    yield f"{role}_autoscaling_group_ids", s.property(Ref(resource.key))
    for value in s.links(_security_groups(s, resource.launch_template)):
        yield f"{role}_security_group_ids", value
    if role == "node":
        for value in s.links(resource.subnets):
            yield f"{role}_subnet_ids", value


def _security_groups(s: Scope, link: Link) -> tuple[Link, ...]:
    template = s.resources.get(link.key) if isinstance(link, Ref) else None
    return template.security_groups or () if isinstance(template, LaunchTemplate) else ()


def role_of(group: AutoscalingGroup) -> str:
    """The role of a group's instances in outputs; kOps uses the old name of the control plane."""
    roles = [tag.removeprefix(ROLE_TAG) for tag in group.tags or {} if tag.startswith(ROLE_TAG)]
    return "master" if "control-plane" in roles else "".join(roles[:1])
