"""Security groups and their rules, with the EC2 API's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.resource import Link, Resource, attr


@dataclass(frozen=True, kw_only=True)
class SecurityGroup(Resource):
    """A set of firewall rules. Outputs: ``id``."""

    remove_extra_rules: tuple[str, ...] = ()
    """Ports that are ours alone, as ``port=22``: rules there that nobody desires are candidates
    for deletion; all others belong to somebody else."""
    description: str | None = attr(create_only=True)
    """Can't be changed, and kOps does not compare it."""
    vpc: Link = attr(fixed=True)
    tags: Mapping[str, str] | None = attr(partial=True)


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRule(Resource):
    """One rule with one source or destination. Outputs: ``id``.

    AWS has no change in place for what a rule allows, so all but tags make it anew.
    """

    security_group: Link = attr(replace=True)
    egress: bool | None = attr(replace=True)
    ip_protocol: str | None = attr(replace=True)
    """``tcp``, ``udp``, ``icmp``, ``icmpv6``, a number, or ``-1`` for all."""
    from_port: int | None = attr(replace=True)
    """None for all ports; the ICMP type for ICMP."""
    to_port: int | None = attr(replace=True)
    cidr_ipv4: str | None = attr(replace=True)
    cidr_ipv6: str | None = attr(replace=True)
    prefix_list_id: str | None = attr(replace=True)
    referenced_group: Link = attr(replace=True)
    """The security group that traffic comes from or goes to."""
    tags: Mapping[str, str] | None = attr(partial=True)
