"""Security groups and their rules, with the EC2 API's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.model.kind_spec import Area, Phase, Risk, RiskProfile, TerraformName
from kops_core.model.resource import Disposition, KindSpec, PruneContext, Resource, attr
from kops_core.model.template import Link


@dataclass(frozen=True, kw_only=True)
class SecurityGroup(Resource):
    """A set of firewall rules. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.FIREWALL,
        phase=Phase.SECURITY,
        shareable=True,
        terraform=TerraformName("aws_security_group"),
    )

    remove_extra_rules: tuple[str, ...] = ()
    """Ports whose rules are all managed, as ``port=22``.

    Rules there that are not desired are candidates for deletion; all others belong to somebody else."""
    description: str | None = attr(create_only=True)
    """Can't be changed, and kOps does not compare it."""
    vpc: Link = attr(immutable=True)
    tags: Mapping[str, str] | None = attr(partial_map=True)


_API_PORT = 443


def _loss_of_rule(rule: SecurityGroupRule) -> Risk:
    return Risk.INTERRUPTS_API if not rule.egress and rule.from_port == _API_PORT else Risk.NONE


def _prune_rule(rule: SecurityGroupRule, context: PruneContext) -> Disposition:
    """Deleted when pruning if it is on a managed port; in a user's group, only if it is also owned."""
    extra = any(
        is_extra(group, rule)
        for group in context.desired.values()
        if isinstance(group, SecurityGroup)
        and (not group.shared or context.owned(rule))
        and context.live_id(group.key) == rule.security_group
    )
    return Disposition.DEFER if extra else Disposition.IGNORE


def is_extra(group: SecurityGroup, rule: SecurityGroupRule) -> bool:
    """Whether a rule's ports are among the managed ports of a group: ``port=22``, ``port=3:4``."""
    for text in group.remove_extra_rules:
        first, _, last = text.removeprefix("port=").partition(":")
        if (rule.from_port, rule.to_port) == (int(first), int(last or first)):
            return True
    return False


@dataclass(frozen=True, kw_only=True)
class SecurityGroupRule(Resource):
    """One rule with one source or destination. Outputs: ``id``.

    AWS can't change what a rule allows in place: a change of anything but tags replaces it.
    """

    spec = KindSpec(
        area=Area.FIREWALL,
        phase=Phase.SECURITY,
        needed_at_boot=True,
        part_of="security_group",
        risk=RiskProfile(on_loss=_loss_of_rule),
        prune=_prune_rule,
        terraform=TerraformName("aws_security_group_rule"),
    )

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
    """The security group at the other end."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


KINDS: tuple[type[Resource], ...] = (
    SecurityGroup,
    SecurityGroupRule,
)
