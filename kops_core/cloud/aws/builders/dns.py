"""The hosted zone, aliases of load balancers, and placeholders of other records.

All other records belong to dns-controller (or external-dns).
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.cloud.aws.builders.context import vpc_of
from kops_core.cloud.aws.resources.dns import DNSName, DNSZone
from kops_core.model.context import Context, Role
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref


def dns(c: Context) -> Iterator[Resource]:
    """Records of the API and of the bastions, if names are published."""
    if c.publishes_dns:
        yield c.make(_zone)
    names: dict[str, str] = {}
    if c.publishes_dns and c.load_balancer:
        names[api_name(c)] = "api"
        if c.read.boolean("spec.api.loadBalancer.useForInternalApi"):
            names[internal_api_name(c)] = "api"
    public = c.read.string("spec.topology.bastion.bastionPublicName")
    if public and c.groups_of(Role.BASTION):
        names[public] = "bastion"
    for name, balancer in names.items():
        yield c.make(_record, name, "A", balancer)
        yield c.make(_record, name, "AAAA", balancer)


def api_name(c: Context) -> str:
    """The API's name for users."""
    return c.read.string("spec.masterPublicName") or f"api.{c.name}"


def internal_api_name(c: Context) -> str:
    """The API's name for nodes."""
    return f"api.internal.{c.name}"


def _zone(c: Context) -> DNSZone:
    given = c.read.string("spec.dnsZone") or ""
    private = c.dns == "Private"
    return DNSZone(
        name=given,
        shared=True,
        existing_id="" if "." in given else given,
        dns_name=given if "." in given else None,
        private=True if private else None,
        private_vpc=vpc_of(c) if private else None,
        first_records=tuple(_first_records(c)) or None,
    )


def _first_records(c: Context) -> Iterator[str]:
    """Placeholders of records that machines query early; a negative answer would be cached long."""
    kind = "AAAA" if c.ipv6_only else "A"
    found: list[tuple[str, str]] = []
    if not c.load_balancer:
        found += [(each, api_name(c)) for each in dict.fromkeys(["A", kind])]
    if not (c.load_balancer and c.read.boolean("spec.api.loadBalancer.useForInternalApi")):
        found.append((kind, internal_api_name(c)))
    found.append((kind, f"kops-controller.internal.{c.name}"))
    for each, name in found:
        yield f"{each} {name}"
        if c.dns_publisher == "external-dns":
            # It leaves records alone that it does not own.
            yield f"TXT aaaa-{name}" if each == "AAAA" else f"TXT {name}"


def _record(c: Context, name: str, kind: str, balancer: str) -> DNSName:
    target = Key("NetworkLoadBalancer", f"{balancer}.{c.name}")
    return DNSName(
        name=name if kind == "A" else f"{name}-{kind}",
        zone=Ref(Key("DNSZone", c.read.string("spec.dnsZone") or "")),
        resource_name=name,
        resource_type=kind,
        target_dns_name=Ref(target, "dns_name"),
        target_hosted_zone=Ref(target, "hosted_zone_id"),
    )
