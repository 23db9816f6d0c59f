"""The API's load balancer with its target groups, and the target groups of instance groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.cloud.aws.builders.context import SubnetView, subnet_named, subnets_of, vpc_of
from kops_core.cloud.aws.builders.firewall import (
    CILIUM_ETCD_CLIENT_PORT,
    KOPS_CONTROLLER_PORT,
    free_egress,
    networks,
    role_groups,
    rule,
    shared_group,
)
from kops_core.cloud.aws.names import balancer_name
from kops_core.cloud.aws.resources.balancers import (
    AccessLog,
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    SubnetMapping,
    TargetGroup,
)
from kops_core.cloud.aws.resources.firewall import SecurityGroup
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.context import Context, Group, Role, is_ipv6
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Link, Ref

HTTPS_PORT, SECOND_HTTPS_PORT, SSH_PORT = 443, 8443, 22
DEFAULT_TLS_POLICY = "ELBSecurityPolicy-2016-08"
"""AWS' own default."""
TARGET_GROUP_ATTRIBUTES = {
    "deregistration_delay.connection_termination.enabled": "true",
    "deregistration_delay.timeout_seconds": "30",
}
SCHEMES = {"Public": "internet-facing", "Internal": "internal"}
PATH_MTU = (3, 4)
"""ICMP type and code of "fragmentation needed", which path MTU discovery needs."""


@dataclass(frozen=True)
class _Target:
    """A target group of the API's load balancer."""

    prefix: str
    port: int
    listener: int
    protocol: str = "TCP"
    check: str = "TCP"
    path: str | None = None
    certificate: str | None = None
    tls_policy: str | None = None
    listener_prefix: str = "api"


def _targets(c: Context) -> tuple[_Target, ...]:
    """The target groups.

    With a certificate, clients with client certificates need a second port without it.
    """
    certificate = c.read.string("spec.api.loadBalancer.sslCertificate")
    found = [_Target("tcp", HTTPS_PORT, SECOND_HTTPS_PORT if certificate else HTTPS_PORT)]
    if certificate:
        policy = c.read.string("spec.api.loadBalancer.sslPolicy") or DEFAULT_TLS_POLICY
        found.append(
            _Target("tls", HTTPS_PORT, HTTPS_PORT, "TLS", certificate=certificate, tls_policy=policy)
        )
    if not c.publishes_dns:
        found.append(
            _Target(
                "kops-controller",
                KOPS_CONTROLLER_PORT,
                KOPS_CONTROLLER_PORT,
                check="HTTPS",
                path="/healthz",
            )
        )
        if c.cilium_etcd_managed:
            port = CILIUM_ETCD_CLIENT_PORT
            found.append(_Target("etcd-cilium", port, port, listener_prefix="etcd-cilium"))
    return tuple(found)


def group_target_groups(c: Context, group: Group) -> tuple[Link, ...]:
    """ARNs of the target groups that a group's instances are registered in."""
    prefixes: list[str] = []
    if c.load_balancer and group.runs_api:
        here = {"tcp", "tls"} if group.role is Role.API_SERVER else None
        prefixes += [each.prefix for each in _targets(c) if here is None or each.prefix in here]
    if group.role is Role.BASTION:
        prefixes.append("bastion")
    names = [balancer_name(c.name, prefix) for prefix in prefixes]
    for row in group.rows("externalLoadBalancers"):
        arn = row.get("targetGroupARN") or row.get("targetGroupArn")
        if arn:
            names.append(str(arn).split("/")[1])
    return tuple(Ref(Key("TargetGroup", name), "arn") for name in sorted(names))


def api_load_balancer(c: Context) -> Iterator[Resource]:
    """The API's load balancer with target groups, listeners, its security group and rules."""
    if not c.load_balancer:
        return
    for at, each in enumerate(_targets(c)):
        yield c.make(_target_group, at)
        yield c.make(
            listener,
            each.listener_prefix,
            "api",
            each.listener,
            each.prefix,
            certificate=each.certificate,
            policy=each.tls_policy,
        )
    yield c.make(_balancer)
    yield c.make(_balancer_group)
    for group_id in c.read.strings("spec.api.loadBalancer.additionalSecurityGroups"):
        yield shared_group(group_id, group_id)
    yield from _rules(c)


def _target_group(c: Context, at: int) -> TargetGroup:
    each = _targets(c)[at]
    return target_group(c, each.prefix, each.port, protocol=each.protocol, check=each.check, path=each.path)


def target_group(
    c: Context,
    prefix: str,
    port: int,
    *,
    protocol: str = "TCP",
    check: str = "TCP",
    path: str | None = None,
    balancer: str = "api",
) -> TargetGroup:
    """A target group with kOps' health checks."""
    name = balancer_name(c.name, prefix)
    return TargetGroup(
        name=name,
        load_balancer=Ref(Key("NetworkLoadBalancer", f"{balancer}.{c.name}"), "arn"),
        vpc=vpc_of(c),
        port=port,
        protocol=protocol,
        health_check_protocol=check,
        health_check_path=path,
        health_check_interval_seconds=10,
        healthy_threshold_count=2,
        unhealthy_threshold_count=2,
        target_group_attributes=TARGET_GROUP_ATTRIBUTES,
        tags={**c.tags(name), "Name": name},
    )


def listener(
    c: Context,
    prefix: str,
    balancer: str,
    port: int,
    target: str,
    *,
    certificate: str | None = None,
    policy: str | None = None,
) -> NetworkLoadBalancerListener:
    """A port of a load balancer that leads to a target group."""
    return NetworkLoadBalancerListener(
        name=f"{prefix}.{c.name}-{port}",
        load_balancer=Ref(Key("NetworkLoadBalancer", f"{balancer}.{c.name}"), "arn"),
        port=port,
        target_group=Ref(Key("TargetGroup", balancer_name(c.name, target)), "arn"),
        certificate=certificate,
        ssl_policy=policy,
    )


def _balancer(c: Context) -> NetworkLoadBalancer:
    at = "spec.api.loadBalancer"
    kind = c.read.string(f"{at}.type") or "Public"
    bucket = c.read.string(f"{at}.accessLog.bucket")
    groups = [f"api-elb.{c.name}", *c.read.strings(f"{at}.additionalSecurityGroups")]
    mappings = in_order(_mappings(c, kind))
    mapped = {each.subnet for each in mappings}
    v6 = all(each.text("ipv6CIDR") for each in subnets_of(c) if each.ref in mapped)
    return NetworkLoadBalancer(
        name=f"api.{c.name}",
        load_balancer_name=balancer_name(c.name, "api"),
        scheme=SCHEMES[kind],
        ip_address_type="dualstack" if v6 else "ipv4",
        subnet_mappings=mappings,
        security_groups=tuple(Ref(Key("SecurityGroup", name)) for name in groups),
        cross_zone_load_balancing=True
        if not c.publishes_dns
        else bool(c.read.boolean(f"{at}.crossZoneLoadBalancing")),
        access_log=AccessLog(
            bool(c.present(f"{at}.accessLog")), bucket, c.read.string(f"{at}.accessLog.bucketPrefix")
        ),
        vpc=vpc_of(c),
        reached_by_address=not c.publishes_dns,
        tags={**c.tags(""), "Name": f"api.{c.name}"},
    )


def _mappings(c: Context, kind: str) -> tuple[SubnetMapping, ...]:
    """The user's subnets, else the best one of each zone."""
    rows = c.read.records("spec.api.loadBalancer.subnets")
    if not rows:
        return tuple(SubnetMapping(each.ref) for each in best_subnets(c, kind))
    found = []
    for row in rows:
        address, allocation = row.get("privateIPv4Address"), row.get("allocationId")
        found.append(
            SubnetMapping(
                subnet_named(c, str(row.get("name", ""))).ref,
                str(address) if address else None,
                str(allocation) if allocation else None,
            )
        )
    return tuple(found)


def in_order(mappings: tuple[SubnetMapping, ...]) -> tuple[SubnetMapping, ...]:
    """Sorted by the names of the subnets, as in kOps."""
    return tuple(
        sorted(mappings, key=lambda each: str(each.subnet.key if isinstance(each.subnet, Ref) else ""))
    )


def candidates(c: Context, kind: str) -> list[SubnetView]:
    """Subnets that a public or internal load balancer may use."""
    if kind not in SCHEMES:
        raise InvalidSpec(
            [
                FieldError(
                    "Unsupported value", "spec.api.loadBalancer.type", f"{kind!r} is not Public or Internal"
                )
            ]
        )
    return [each for each in subnets_of(c) if each.public == (kind == "Public")]


def best_subnets(c: Context, kind: str) -> list[SubnetView]:
    """One subnet a zone: utility before dual-stack before one with control plane, then by name."""
    used = {name for group in c.groups_of(Role.CONTROL_PLANE) for name in group.strings("subnets")}

    def rank(each: SubnetView) -> tuple[int, str]:
        score = (each.name in used) + 2 * (each.type == "DualStack") + 3 * (each.type == "Utility")
        return -score, each.name

    by_zone: dict[str, list[SubnetView]] = {}
    for each in candidates(c, kind):
        by_zone.setdefault(each.zone, []).append(each)
    return [min(members, key=rank) for members in by_zone.values()]


def _balancer_group(c: Context) -> SecurityGroup:
    override = c.read.string("spec.api.loadBalancer.securityGroupOverride") or ""
    second = bool(c.read.string("spec.api.loadBalancer.sslCertificate"))
    return balancer_group(c, "api", HTTPS_PORT, override, (SECOND_HTTPS_PORT,) if second else ())


def balancer_group(
    c: Context, prefix: str, port: int, override: str = "", more: tuple[int, ...] = ()
) -> SecurityGroup:
    """The security group of a load balancer, or the user's instead of it."""
    name = f"{prefix}-elb.{c.name}"
    return SecurityGroup(
        name=name,
        shared=bool(override),
        existing_id=override,
        description=f"Security group for {prefix} ELB",
        remove_extra_rules=tuple(f"port={each}" for each in (port, *more)),
        vpc=vpc_of(c),
        tags={} if override else c.tags(name),  # the user's own stays theirs, and outlives the cluster
    )


def _rules(c: Context) -> Iterator[Resource]:
    balancer = Key("SecurityGroup", f"api-elb.{c.name}")
    second = bool(c.read.string("spec.api.loadBalancer.sslCertificate"))
    ports = (HTTPS_PORT, SECOND_HTTPS_PORT) if second else (HTTPS_PORT,)
    yield from free_egress(c, balancer)
    for cidr in networks(c, "kubernetesApiAccess"):
        for port in ports:
            yield c.make(rule, balancer, cidr=cidr, protocol="tcp", ports=(port, port))
        yield from path_mtu(c, balancer, cidr, "api-elb")
    if not c.publishes_dns:
        for worker in role_groups(c, Role.NODE):
            suffix = f"-{worker.existing_id}" if worker.existing_id else ""
            yield c.make(rule, balancer, source=worker.key, name=f"node{suffix}-to-elb")
    for group in role_groups(c, Role.CONTROL_PLANE):
        suffix = f"-{group.existing_id}" if group.existing_id else ""
        if second:
            yield c.make(
                rule,
                group.key,
                source=balancer,
                protocol="tcp",
                ports=(SECOND_HTTPS_PORT, SECOND_HTTPS_PORT),
                name=f"tcp-api-cp{suffix}",
            )
        for name, port in _served_ports(c):
            yield c.make(
                rule, group.key, source=balancer, protocol="tcp", ports=(port, port), name=name + suffix
            )
        for target, source, name in (
            (group.key, balancer, f"icmp-pmtu-elb-to-cp{suffix}"),
            (balancer, group.key, f"icmp-pmtu-cp{suffix}-to-elb"),
        ):
            yield c.make(rule, target, source=source, protocol="icmp", ports=PATH_MTU, name=name)


def _served_ports(c: Context) -> Iterator[tuple[str, int]]:
    yield "https-elb-to-master", HTTPS_PORT
    if not c.publishes_dns:
        yield "kops-controller-elb-to-cp", KOPS_CONTROLLER_PORT
        if c.cilium_etcd_managed:
            yield "etcd-cilium-elb-to-cp", CILIUM_ETCD_CLIENT_PORT


def path_mtu(c: Context, group: Key, cidr: str, place: str) -> Iterator[Resource]:
    """Rules that allow path MTU discovery: ICMP for IPv4, ICMPv6 for IPv6, both for a prefix list."""
    if is_ipv6(cidr) or cidr.startswith("pl-"):
        name = f"icmpv6-pmtu-{place}-{cidr}"
        yield c.make(rule, group, cidr=cidr, protocol="icmpv6", ports=(-1, -1), name=name)
    if not is_ipv6(cidr):
        name = f"icmp-pmtu-{place}-{cidr}"
        yield c.make(rule, group, cidr=cidr, protocol="icmp", ports=PATH_MTU, name=name)
