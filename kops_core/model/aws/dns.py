"""The hosted zone and the records that lead to load balancers. All other records are dns-controller's."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context, Role
from kops_core.model.kinds import DNSName, DNSZone
from kops_core.model.resource import Key, Ref, Resource


def dns(c: Context) -> Iterator[Resource]:
    """Records of the API and of the bastions, where names are published at all."""
    if c.publishes_dns:
        yield c.make(_zone)
    names: dict[str, str] = {}
    if c.publishes_dns and c.load_balancer:
        names[api_name(c)] = "api"
        if c.read.flag("spec.api.loadBalancer.useForInternalApi"):
            names[internal_api_name(c)] = "api"
    public = c.read.text("spec.topology.bastion.bastionPublicName")
    if public and c.groups_of(Role.BASTION):
        names[public] = "bastion"
    for name, balancer in names.items():
        yield c.make(_record, name, "A", balancer)
        yield c.make(_record, name, "AAAA", balancer)


def api_name(c: Context) -> str:
    """The name that people reach the API by."""
    return c.read.text("spec.masterPublicName") or f"api.{c.name}"


def internal_api_name(c: Context) -> str:
    """The name that nodes reach the API by."""
    return c.read.text("spec.masterInternalName") or f"api.internal.{c.name}"


def _zone(c: Context) -> DNSZone:
    given = c.read.text("spec.dnsZone") or ""
    private = c.dns == "Private"
    return DNSZone(
        name=given,
        shared=True,
        existing_id="" if "." in given else given,
        dns_name=given if "." in given else None,
        private=True if private else None,
        private_vpc=c.vpc if private else None,
    )


def _record(c: Context, name: str, kind: str, balancer: str) -> DNSName:
    target = Key("NetworkLoadBalancer", f"{balancer}.{c.name}")
    return DNSName(
        name=name if kind == "A" else f"{name}-{kind}",
        zone=Ref(Key("DNSZone", c.read.text("spec.dnsZone") or "")),
        resource_name=name,
        resource_type=kind,
        target_dns_name=Ref(target, "dns_name"),
        target_hosted_zone=Ref(target, "hosted_zone_id"),
    )
