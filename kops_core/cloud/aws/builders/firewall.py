"""Security groups of the instance groups, and rules between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kops_core.cloud.aws.builders.context import vpc_of
from kops_core.cloud.aws.resources.firewall import SecurityGroup, SecurityGroupRule
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.context import Context, Role, is_ipv6
from kops_core.model.nodes.config import ROLE_NAMES
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref

ETCD_PORTS = {"main": (2380, 4001), "events": (2381, 4002), "leases": (2383, 4004)}
"""Peer and client port of each etcd cluster that workers must not reach."""
CILIUM_ETCD_PEER_PORT = 2382
CILIUM_ETCD_CLIENT_PORT = 4003
KOPS_CONTROLLER_PORT = 3988
IPIP = "4"
"""Protocol number of IP in IP, which Calico and kube-router tunnel with."""
EVERYWHERE = "0.0.0.0/0"
EVERYWHERE_6 = "::/0"

_CONTROL_PLANE_PORTS = (
    "22",
    "443",
    "2380",
    "2381",
    "3988",
    "4001",
    "4002",
    "4789",
    "179",
    "8443",
    "3:4",
    "-1",
)
_DESCRIPTIONS = {Role.CONTROL_PLANE: "masters", Role.NODE: "nodes", Role.BASTION: "bastion"}
_NAMES = {
    Role.CONTROL_PLANE: "masters",
    Role.API_SERVER: "masters",
    Role.NODE: "nodes",
    Role.BASTION: "bastion",
}


@dataclass(frozen=True)
class RoleGroup:
    """A security group of the machines of a role: the role's own, or one of the user's."""

    key: Key
    existing_id: str = ""

    @property
    def ref(self) -> Ref:
        """Its id."""
        return Ref(self.key)


def security_group_name(c: Context, role: Role) -> str:
    """Name of the group of a role; API servers are in the control plane's."""
    return f"{_NAMES[role]}.{c.name}"


def role_groups(c: Context, role: Role) -> tuple[RoleGroup, ...]:
    """The groups of a role: overrides of instance groups, and the default unless all override it."""
    found: dict[str, RoleGroup] = {}
    default = True
    members = c.groups_of(role)
    for group in members:
        override = group.text("securityGroupOverride")
        if override:
            name = override_name(override, role)
            found[name] = RoleGroup(Key("SecurityGroup", name), override)
    if members:
        default = any(not group.text("securityGroupOverride") for group in members)
    if default:
        name = security_group_name(c, role)
        found[name] = RoleGroup(Key("SecurityGroup", name))
    return tuple(found.values())


def override_name(group_id: str, role: Role) -> str:
    """Our name for a group of the user's that replaces that of a role."""
    return f"{group_id}-{ROLE_NAMES[role]}"


def firewall(c: Context) -> Iterator[Resource]:
    """Groups and rules of control plane and workers."""
    workers, control_plane = role_groups(c, Role.NODE), role_groups(c, Role.CONTROL_PLANE)
    for role, groups in ((Role.NODE, workers), (Role.CONTROL_PLANE, control_plane)):
        for group in groups:
            yield c.make(security_group, role, group)
            yield from free_egress(c, group.key)
    for source in workers:
        for target in workers:
            yield c.make(rule, target.key, source=source.key)
    for source in control_plane:
        for target in (*control_plane, *workers):
            yield c.make(rule, target.key, source=source.key)
    for target in control_plane:
        for source in workers:
            yield from _worker_to_control_plane(c, source.key, target.key)


def _worker_to_control_plane(c: Context, source: Key, target: Key) -> Iterator[Resource]:
    """Rules from workers to the control plane: everything but etcd."""
    yield c.make(rule, target, source=source, protocol="udp", ports=(1, 65535))
    for ports in open_ports(blocked_ports(c)):
        yield c.make(rule, target, source=source, protocol="tcp", ports=ports)
    if c.present("spec.networking.calico") or c.present("spec.networking.kuberouter"):
        yield c.make(rule, target, source=source, protocol=IPIP)
    if c.present("spec.networking.amazonvpc"):
        yield c.make(rule, target, source=source)


def blocked_ports(c: Context) -> frozenset[int]:
    """TCP ports of the control plane that workers must not reach."""
    names = {str(name) for _, name in c.read.each("spec.etcdClusters[*].name")}
    blocked = {port for name, ports in ETCD_PORTS.items() if name != "leases" for port in ports}
    if "leases" in names:
        blocked.update(ETCD_PORTS["leases"])
    if c.cilium_etcd_managed:
        blocked.add(CILIUM_ETCD_PEER_PORT)
    return frozenset(blocked)


def open_ports(blocked: frozenset[int]) -> list[tuple[int, int]]:
    """The ranges of ports without some."""
    ranges, start = [], 1
    for port in sorted(blocked):
        if port > start:
            ranges.append((start, port - 1))
        start = port + 1
    return [*ranges, (start, 65535)]


def security_group(c: Context, role: Role, group: RoleGroup) -> SecurityGroup:
    """The group of a role, or the user's instead of it."""
    description = f"Security group for {_DESCRIPTIONS[role]}"
    if group.existing_id:
        return SecurityGroup(
            name=group.key.name,
            shared=True,
            existing_id=group.existing_id,
            vpc=vpc_of(c),
            description=description,
        )
    return SecurityGroup(
        name=group.key.name,
        vpc=vpc_of(c),
        description=description,
        remove_extra_rules=tuple(f"port={port}" for port in _own_ports(c, role)),
        tags=c.tags(group.key.name),
    )


def _own_ports(c: Context, role: Role) -> tuple[str, ...]:
    if role is Role.BASTION:
        return ("22", "3:4", "-1")
    if role is Role.NODE:
        return ("22",)
    if any(name == "leases" for _, name in c.read.each("spec.etcdClusters[*].name")):
        return (*_CONTROL_PLANE_PORTS, *map(str, ETCD_PORTS["leases"]))
    return _CONTROL_PLANE_PORTS


def networks(c: Context, field: str) -> list[str]:
    """The CIDRs and prefix lists in a field of the spec.

    Raises InvalidSpec for several whose rules would have the same name, which kOps refuses.
    """
    found = c.read.strings(f"spec.{field}")
    alike = [at for at, each in enumerate(found) if each.startswith("pl-") or each == EVERYWHERE]
    if len({found[at] for at in alike}) > 1:
        raise InvalidSpec(
            [
                FieldError(
                    "Duplicate value",
                    f"spec.{field}[{alike[-1]}]",
                    f"there can be one prefix list or {EVERYWHERE}, for their rules have the same name",
                )
            ]
        )
    return found


def shared_group(name: str, group_id: str) -> SecurityGroup:
    """A group of the user's, to refer to."""
    return SecurityGroup(name=name, shared=True, existing_id=group_id)


def free_egress(c: Context, group: Key) -> Iterator[Resource]:
    """A rule that allows all egress."""
    yield c.make(rule, group, cidr=EVERYWHERE, egress=True)
    yield c.make(rule, group, cidr=EVERYWHERE_6, egress=True)


def rule(
    c: Context,
    group: Key,
    *,
    source: Key | None = None,
    cidr: str = "",
    protocol: str = "",
    ports: tuple[int, int] | None = None,
    egress: bool = False,
    name: str = "",
) -> SecurityGroupRule:
    """One rule of a group, from another group, a CIDR or a prefix list; no protocol means all.

    The name of a rule follows from what it allows; the few with another ``name`` in kOps have no tags.
    """
    first, last = ports or (0, 0)
    peer = source.name if source else (cidr if not cidr.startswith("pl-") else EVERYWHERE)
    here, there = (group.name, peer) if egress else (peer, group.name)
    generated = f"from-{here}-{'egress' if egress else 'ingress'}-{protocol or 'all'}-{first}to{last}-{there}"
    return SecurityGroupRule(
        name=name or generated,
        security_group=Ref(group),
        egress=egress,
        ip_protocol=protocol or "-1",
        from_port=ports[0] if ports else None,
        to_port=ports[1] if ports else None,
        cidr_ipv4=cidr if cidr and not is_ipv6(cidr) and not cidr.startswith("pl-") else None,
        cidr_ipv6=cidr if is_ipv6(cidr) else None,
        prefix_list_id=cidr if cidr.startswith("pl-") else None,
        referenced_group=Ref(source) if source else None,
        tags=None if name else {**_group_tags(c, group), "Name": generated},
    )


def _group_tags(c: Context, group: Key) -> dict[str, str]:
    """The tags of a rule: those of its group; none for a group of the user's."""
    return c.tags(group.name) if group.name.endswith(f".{c.name}") else {}
