"""Validation of the load balancer of the Kubernetes API."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from kops_core.validate import spec_queries
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import address, network


def check_load_balancer(spec: Field, *, strict: bool) -> Findings:
    """``spec.api.loadBalancer``; strict: the completed spec."""
    balancer = spec.at("api.loadBalancer")
    if not balancer.is_set:
        return
    kind = balancer.at("type")
    if kind.text == "Internal" and not any(
        subnet.at("type").text == "Private" for subnet in spec.at("subnets").items
    ):
        yield kind.forbidden("an internal load balancer needs a Private subnet: add one, or use Public")
    yield from _kind(spec, balancer, strict=strict)
    yield from _security_groups(balancer)
    yield from _certificate(balancer)
    for subnet in balancer.at("subnets").items:
        yield from _subnet(spec, balancer, subnet)


def _kind(spec: Field, balancer: Field, *, strict: bool) -> Findings:
    kind, family = balancer.at("type"), balancer.at("class")
    if strict:
        yield from kind.if_given_in(("Public", "Internal"))
    if family.text == "Classic":
        yield family.forbidden("Classic load balancers are gone: move to Network with kOps 1.36 or earlier")
    elif (strict or family.text) and family.text != "Network":
        yield family.unsupported(("Network",))
    if spec_queries.dns_kind(spec) == "None" and family.text != "Network":
        yield kind.forbidden("without DNS the load balancer must be a Network one: set class to Network")
    internal = balancer.at("useForInternalApi")
    if family.text == "Network" and kind.text == "Internal" and internal.on:
        yield internal.forbidden("an internal Network load balancer can't reach its own nodes: remove it")


def _certificate(balancer: Field) -> Findings:
    certificate, policy = balancer.at("sslCertificate"), balancer.at("sslPolicy")
    of_network = balancer.at("class").text == "Network"
    if certificate.text and not of_network:
        yield certificate.forbidden("it needs a Network load balancer: set class to Network")
    if policy.is_set and not of_network:
        yield policy.forbidden("it needs a Network load balancer: set class to Network")
    if policy.is_set and not certificate.text:
        yield policy.forbidden("it needs a certificate: set sslCertificate")


def check_bastion(spec: Field, groups: Sequence[Field]) -> Findings:
    """Checks the load balancer of bastions, before a plan."""
    if any(spec_queries.role(group) == "Bastion" for group in groups):
        yield from spec.at("topology.bastion.loadBalancer.type").if_given_in(("Public", "Internal"))


def check_security_groups(groups: Field) -> Findings:
    """A list of ids of security groups."""
    seen: set[str] = set()
    for group in groups.items:
        if group.text in seen:
            yield group.duplicate(f"{group.text!r} is listed twice: remove one")
        seen.add(group.text)
        if not group.text.strip():
            yield group.invalid("name a security group, or remove it")
        elif not group.text.startswith("sg-"):
            yield group.invalid(f"{group.text!r} is not the id of a security group: write it like sg-0123")


def _security_groups(balancer: Field) -> Findings:
    override = balancer.at("securityGroupOverride")
    if override.is_set and not override.text.startswith("sg-"):
        yield override.invalid("it must be the id of a security group, like sg-0123")
    yield from check_security_groups(balancer.at("additionalSecurityGroups"))


def _subnet(spec: Field, balancer: Field, subnet: Field) -> Findings:
    name, private, allocation = subnet.at("name"), subnet.at("privateIPv4Address"), subnet.at("allocationId")
    own = next((each for each in spec.at("subnets").items if each.at("name").text == name.text), None)
    if not name.text:
        yield name.required("name the subnet")
        own = None
    elif own is None:
        yield name.not_found(f"the cluster has no subnet {name.text!r}")
    is_network, is_internal = (
        balancer.at("class").text == "Network",
        balancer.at("type").text == "Internal",
    )
    if private.is_set:
        if not private.text:
            yield private.required("write the address, or remove it")
        found = address(private.text)
        around = network(own.at("cidr").text) if own is not None else None
        if not isinstance(found, IPv4Address):
            yield private.invalid("it must be an IPv4 address")
        elif around is not None and found not in around:
            yield private.invalid(f"it must lie within the subnet, {around}")
        if not is_network or not is_internal:
            yield private.forbidden("only internal Network load balancers have private addresses: remove it")
    if allocation.is_set:
        if not allocation.text:
            yield allocation.required("write the allocation's id, or remove it")
        if not is_network or is_internal:
            yield allocation.forbidden("only public Network load balancers have such addresses: remove it")
