"""Route 53: the hosted zone, and records that alias a load balancer."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.model.kind_spec import Area, FactTable, NotInTerraform, Risk, RiskProfile, TerraformName
from kops_core.model.resource import KindSpec, Resource, attr
from kops_core.model.template import Link


@dataclass(frozen=True, kw_only=True)
class DNSZone(Resource):
    """A hosted zone, named by its id or its DNS name. Outputs: ``id`` (no ``/hostedzone/``).

    The user always owns it. ``existing_id`` is set if the spec has the id. The VPC is associated with a
    private zone and never dissociated.
    """

    spec = KindSpec(
        area=Area.API_ACCESS,
        shareable=True,
        terraform=NotInTerraform("the user's; at most its association with the VPC is written"),
        facts=FactTable(
            name="hostedZones",
            match=lambda zone: {"name": zone.dns_name, "private": bool(zone.private)},
            links={"private_vpc": "vpcs"},
        ),
    )

    dns_name: str | None = attr(immutable=True)
    private: bool | None = attr(immutable=True)
    private_vpc: Link = attr(on_shared=True)
    first_records: tuple[str, ...] | None = attr(on_shared=True)
    """Records that have to exist before machines query them, like ``A api.internal.example.com``.

    They are created if missing, and belong to the publishing controller from then on.
    """


@dataclass(frozen=True, kw_only=True)
class DNSName(Resource):
    """An alias record for a load balancer. No outputs."""

    spec = KindSpec(
        area=Area.API_ACCESS,
        risk=RiskProfile(on_loss=Risk.INTERRUPTS_API),
        terraform=TerraformName("aws_route53_record"),
    )

    zone: Link = attr(replace=True)
    """Id of the hosted zone."""
    resource_name: str | None = attr(replace=True)
    """Without the last dot."""
    resource_type: str | None = attr(replace=True)
    """``A`` or ``AAAA``."""
    target_dns_name: Link = attr()
    target_hosted_zone: Link = attr()


KINDS: tuple[type[Resource], ...] = (
    DNSZone,
    DNSName,
)
