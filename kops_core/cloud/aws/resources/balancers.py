"""Network load balancers of the API, with the ELBv2 API's names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.cloud.aws.resources.network import InternetGateway
from kops_core.model.kind_spec import Area, Risk, RiskProfile, TerraformName
from kops_core.model.prune_policy import delete_when_pruning
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.template import Link, Ref


@dataclass(frozen=True)
class SubnetMapping:
    """A subnet of a load balancer."""

    subnet: Link
    private_ipv4_address: str | None = None
    allocation_id: str | None = None


@dataclass(frozen=True)
class AccessLog:
    """The access log of a load balancer; disabled without a bucket."""

    enabled: bool = False
    s3_bucket_name: str | None = None
    s3_bucket_prefix: str | None = None


def _risk_of_field(name: str, before: str | None, after: str | None) -> Risk:
    """The risk of removing a subnet: connections through its zone are cut, and its addresses are lost.

    (Elastic Load Balancing, "Update the Availability Zones for your Network Load Balancer".)
    """
    if name != "subnet_mappings" or before is None or after is None:
        return Risk.NONE
    return Risk.NONE if set(before.splitlines()) <= set(after.splitlines()) else Risk.INTERRUPTS_API


def _terraform_name_of_listener(listener: NetworkLoadBalancerListener) -> str:
    """The Terraform name of a listener: that of its load balancer with the port."""
    balancer = listener.load_balancer
    return f"{balancer.key.name}-{listener.port}" if isinstance(balancer, Ref) else listener.name


@dataclass(frozen=True, kw_only=True)
class NetworkLoadBalancer(Resource):
    """A network load balancer, found by its ``Name`` tag, which is ``name``.

    Outputs: ``id`` and ``arn`` (the same), ``dns_name``, ``hosted_zone_id``, and if it is reached by
    address ``addresses`` (those of its network interfaces, separated by blanks). It is replaced,
    with its target groups, only when security groups are added to one that had none.
    """

    spec = KindSpec(
        area=Area.API_ACCESS,
        # Its addresses need a VPC with an internet gateway.
        depends_on=(InternetGateway,),
        risk=RiskProfile(on_loss=Risk.INTERRUPTS_API, on_field=_risk_of_field),
        prune=delete_when_pruning,
        terraform=TerraformName("aws_lb", attributes={"dns_name": "dns_name", "hosted_zone_id": "zone_id"}),
    )

    reached_by_address: bool = False
    """Whether machines use its addresses, because there are no DNS records."""

    load_balancer_name: str | None = attr(create_only=True)
    """Its name in AWS, 32 characters at most; later ones get a revision appended."""
    scheme: str | None = attr(immutable=True)
    """``internal`` or ``internet-facing``."""
    ip_address_type: str | None = attr()
    subnet_mappings: tuple[SubnetMapping, ...] | None = attr(unordered=True)
    security_groups: tuple[Link, ...] | None = attr(unordered=True)
    cross_zone_load_balancing: bool | None = attr()
    access_log: AccessLog | None = attr()
    vpc: Link = attr(create_only=True)
    tags: Mapping[str, str] | None = attr()
    """Other keys are removed, except AWS' own and that of revisions."""


@dataclass(frozen=True, kw_only=True)
class TargetGroup(Resource):
    """A target group, to which a listener sends traffic. Outputs: ``id`` and ``arn`` (the same)."""

    spec = KindSpec(
        area=Area.API_ACCESS,
        shareable=True,
        risk=RiskProfile(on_loss=Risk.INTERRUPTS_API),
        prune=delete_when_pruning,
        terraform=TerraformName("aws_lb_target_group"),
    )

    load_balancer: Link = attr(create_only=True)
    """Its load balancer: a replaced one gets new target groups."""
    vpc: Link = attr(replace=True)
    port: int | None = attr(replace=True)
    protocol: str | None = attr(replace=True)
    health_check_protocol: str | None = attr()
    health_check_path: str | None = attr()
    health_check_interval_seconds: int | None = attr(create_only=True)
    """kOps does not change it on existing target groups."""
    healthy_threshold_count: int | None = attr()
    unhealthy_threshold_count: int | None = attr()
    target_group_attributes: Mapping[str, str] | None = attr(partial_map=True)
    """Target group attributes by the API's keys, e.g. ``deregistration_delay.timeout_seconds``."""
    tags: Mapping[str, str] | None = attr(partial_map=True)


@dataclass(frozen=True, kw_only=True)
class NetworkLoadBalancerListener(Resource):
    """A listener of a load balancer. Outputs: ``id`` (its ARN)."""

    spec = KindSpec(
        area=Area.API_ACCESS,
        needed_at_boot=True,
        risk=RiskProfile(on_loss=Risk.INTERRUPTS_API),
        prune=delete_when_pruning,
        terraform=TerraformName("aws_lb_listener", _terraform_name_of_listener),
    )

    load_balancer: Link = attr(replace=True)
    port: int | None = attr()
    target_group: Link = attr()
    certificate: str | None = attr()
    """ARN; with one the protocol is TLS, else TCP."""
    ssl_policy: str | None = attr()


KINDS: tuple[type[Resource], ...] = (
    NetworkLoadBalancer,
    TargetGroup,
    NetworkLoadBalancerListener,
)
