"""Bastions: their load balancer, security groups and rules for SSH."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.cloud.aws.builders.balancers import (
    PATH_MTU,
    SCHEMES,
    SSH_PORT,
    balancer_group,
    best_subnets,
    candidates,
    in_order,
    listener,
    path_mtu,
    target_group,
)
from kops_core.cloud.aws.builders.context import vpc_of
from kops_core.cloud.aws.builders.firewall import (
    free_egress,
    networks,
    role_groups,
    rule,
    security_group,
    shared_group,
)
from kops_core.cloud.aws.names import balancer_name
from kops_core.cloud.aws.resources.balancers import NetworkLoadBalancer, SubnetMapping
from kops_core.model.context import Context, Role
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref

_SPEC = "spec.topology.bastion"
_SSH = (SSH_PORT, SSH_PORT)


def bastion(c: Context) -> Iterator[Resource]:
    """The resources of bastions, if there is an instance group of them."""
    if not c.groups_of(Role.BASTION):
        return
    balancer = Key("SecurityGroup", f"bastion-elb.{c.name}")
    bastions = role_groups(c, Role.BASTION)
    for group in bastions:
        yield c.make(security_group, Role.BASTION, group)
        yield from free_egress(c, group.key)
        for role in (Role.CONTROL_PLANE, Role.NODE):
            for target in role_groups(c, role):
                yield c.make(rule, target.key, source=group.key, protocol="tcp", ports=_SSH)
        yield c.make(rule, group.key, source=balancer, protocol="tcp", ports=_SSH)
        yield c.make(rule, group.key, source=balancer, protocol="icmp", ports=PATH_MTU)
        yield c.make(rule, balancer, source=group.key, protocol="icmp", ports=PATH_MTU)
    yield c.make(balancer_group, "bastion", SSH_PORT)
    yield from free_egress(c, balancer)
    inside = [each.text("cidr") for each in candidates(c, _kind(c))]
    for cidr in dict.fromkeys([*inside, *networks(c, "sshAccess")]):
        yield c.make(rule, balancer, cidr=cidr, protocol="tcp", ports=_SSH)
        yield from path_mtu(c, balancer, cidr, "ssh-nlb")
    yield c.make(listener, "bastion", "bastion", SSH_PORT, "bastion")
    yield c.make(target_group, "bastion", SSH_PORT, balancer="bastion")
    for group_id in c.read.strings(f"{_SPEC}.loadBalancer.additionalSecurityGroups"):
        yield shared_group(group_id, group_id)
    yield c.make(_balancer)


def _kind(c: Context) -> str:
    return c.read.string(f"{_SPEC}.loadBalancer.type") or "Public"


def _balancer(c: Context) -> NetworkLoadBalancer:
    name = f"bastion.{c.name}"
    more = c.read.strings(f"{_SPEC}.loadBalancer.additionalSecurityGroups")
    subnets = best_subnets(c, _kind(c))
    v6 = all(each.text("ipv6CIDR") for each in subnets)
    return NetworkLoadBalancer(
        name=name,
        load_balancer_name=balancer_name(c.name, "bastion"),
        scheme=SCHEMES[_kind(c)],
        ip_address_type="dualstack" if v6 else "ipv4",
        subnet_mappings=in_order(tuple(SubnetMapping(each.ref) for each in subnets)),
        security_groups=tuple(Ref(Key("SecurityGroup", each)) for each in (f"bastion-elb.{c.name}", *more)),
        vpc=vpc_of(c),
        tags={**c.tags(""), "Name": name},
    )
