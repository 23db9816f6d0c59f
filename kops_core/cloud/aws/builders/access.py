"""Rules for access from outside: SSH, node ports, and the API without a load balancer."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.cloud.aws.builders.firewall import networks, role_groups, rule
from kops_core.model.context import Context, Role
from kops_core.model.resource import Resource

SSH = (22, 22)
HTTPS = (443, 443)
DEFAULT_NODE_PORTS = (30000, 32767)


def external_access(c: Context) -> Iterator[Resource]:
    """Rules for the networks that the spec names."""
    workers, control_plane = role_groups(c, Role.NODE), role_groups(c, Role.CONTROL_PLANE)
    if not c.groups_of(Role.BASTION):
        for cidr in networks(c, "sshAccess"):
            for group in (*control_plane, *workers):
                yield c.make(rule, group.key, cidr=cidr, protocol="tcp", ports=SSH)
    for cidr in c.read.strings("spec.nodePortAccess"):
        for group in workers:
            for protocol in ("tcp", "udp"):
                name = f"nodeport-{protocol}-external-to-node-{cidr}{_suffix(group.existing_id)}"
                yield c.make(rule, group.key, cidr=cidr, protocol=protocol, ports=node_ports(c), name=name)
    if not c.load_balancer:
        for cidr in networks(c, "kubernetesApiAccess"):
            for group in control_plane:
                yield c.make(rule, group.key, cidr=cidr, protocol="tcp", ports=HTTPS)


def node_ports(c: Context) -> tuple[int, int]:
    """The range of NodePort services."""
    text = c.read.string("spec.kubeAPIServer.serviceNodePortRange")
    if not text:
        return DEFAULT_NODE_PORTS
    first, _, rest = text.partition("-")
    if not rest:
        base, _, size = text.partition("+")
        return int(base), int(base) + int(size or 0)
    return int(first), int(rest)


def _suffix(group_id: str) -> str:
    return f"-{group_id}" if group_id else ""
