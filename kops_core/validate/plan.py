"""What can't be planned though each object is well by itself."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.api.values import Tree
from kops_core.validate import spec as about
from kops_core.validate.field import Field, Findings


def check_groups_present(groups: Sequence[Field]) -> Findings:
    """A cluster has a control plane, and something else."""
    roles = [about.role(group) for group in groups]
    whole = Field(None, ("instanceGroups",))
    if "ControlPlane" not in roles:
        yield whole.required("the cluster has no control plane: add a group with the role Master")
    if not any(role != "ControlPlane" for role in roles):
        yield whole.required("the cluster has no workers: add a group with the role Node")


def check_profiles(groups: Sequence[Field]) -> Findings:
    """An instance profile serves one role."""
    roles: dict[str, str] = {}
    for group in groups:
        profile = group.at("spec.iam.profile")
        if profile.text and roles.setdefault(profile.text, about.role(group)) != about.role(group):
            yield profile.forbidden("the profile is used by a group of another role: name another")


def check_egress(spec: Field) -> Findings:
    """Private subnets of a zone leave it the same way. spec: the cluster's."""
    first: dict[str, Field] = {}
    for subnet in spec.at("subnets").items:
        kind, ipv6 = subnet.at("type").text, bool(subnet.at("ipv6CIDR").text)
        if kind not in ("Private", "DualStack") and not (kind == "Public" and ipv6):
            continue
        other = first.setdefault(subnet.at("zone").text, subnet)
        for name in ("egress", "publicIP"):
            if subnet.at(name).text != other.at(name).text:
                yield subnet.at(name).forbidden(
                    f"it differs from {other.at('name').text}'s in the same zone: write the same in both"
                )


def check_hosted_zone(spec: Field, facts: Tree) -> Findings:
    """A public hosted zone exists, once. facts: by kind and key; without hosted zones nothing is checked."""
    zones, wanted = facts.get("hostedZones"), spec.at("dnsZone")
    if about.dns_kind(spec) != "Public" or not isinstance(zones, dict) or not wanted.text:
        return
    name = wanted.text.removesuffix(".")
    found = [
        zone_id
        for zone_id, zone in zones.items()
        if isinstance(zone, dict)
        and (zone_id == wanted.text or str(zone.get("name")).removesuffix(".") == name)
    ]
    if not found:
        yield wanted.not_found(f"the account has no hosted zone {wanted.text}: create it first")
    elif len(found) > 1:
        yield wanted.invalid(
            f"several hosted zones are named {name}: write the id, one of {', '.join(found)}"
        )
