"""Access to the API, DNS zones and names. Facts: kOps' ``populate_cluster_spec.go``, ``utils.go``,
``v1alpha2/defaults.go``.
"""

from __future__ import annotations

from kops_core.api.path import render
from kops_core.api.values import UNSET, Maybe, Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule

_API_ROLES = ("APIServer",)
_CONTROL_PLANE_ROLES = ("Master", "ControlPlane")


def publishes_names(c: Reader) -> bool:
    """Whether the cluster's names are published in a DNS zone."""
    return c.string("spec.topology.dns.type") != "None"


@rule("spec.topology.dns.type", because="names are published in a public zone unless you say otherwise")
def dns_type(c: Reader) -> Value:
    return "Public"


@rule(
    "spec.authorization.rbac", because="requests are authorised by Kubernetes' roles, as in every new cluster"
)
def rbac(c: Reader) -> Value:
    return None if c.has("spec.authorization.alwaysAllow") else {}


@rule("spec.api.loadBalancer", because="the API runs in a private subnet, so clients need a load balancer")
def load_balancer(c: Reader) -> Value:
    return None if _is_settled(c) or "Private" not in _api_subnet_types(c) else {}


@rule("spec.api.dns", because="the API runs in public subnets only, so clients find its addresses by DNS")
def dns(c: Reader) -> Value:
    types = set() if _is_settled(c) else _api_subnet_types(c)
    return {} if "Public" in types and "Private" not in types else None


@rule(
    "spec.api.loadBalancer.type",
    because="clients reach the API from the internet",
    when=lambda c: c.has("spec.api.loadBalancer"),
)
def load_balancer_type(c: Reader) -> Value:
    return "Public"


@rule(
    "spec.api.loadBalancer.class",
    because="it is what kOps takes where the class is not written; new clusters have it written",
    when=lambda c: c.has("spec.api.loadBalancer"),
)
def load_balancer_class(c: Reader) -> Value:
    return "Classic"


@rule("spec.masterPublicName", because="clients know the API by this name", when=publishes_names)
def public_name(c: Reader) -> Value:
    name = c.string("metadata.name")
    return f"api.{name}" if name else None


@rule(
    "spec.dnsZone",
    because="it is the account's zone of that type with the longest name that the cluster's name ends in",
    when=publishes_names,
)
def dns_zone(c: Reader) -> Value:
    private = c.string("spec.topology.dns.type") == "Private"
    cluster = f".{(c.string('metadata.name') or '').removesuffix('.')}"
    found: dict[str, list[str]] = {}
    for zone in c.fact_keys("hostedZones"):
        name = f".{str(c.fact('hostedZones', zone, 'name')).removesuffix('.')}"
        if cluster.endswith(name) and bool(c.fact("hostedZones", zone, "private")) == private:
            found.setdefault(name, []).append(zone)
    longest = found[max(found, key=len)] if found else []
    if len(longest) == 1:
        return longest[0].removeprefix("/hostedzone/")
    kind = "private" if private else "public"
    if longest:
        raise InvalidSpec(
            [
                FieldError(
                    "Required value", "spec.dnsZone", f"choose one of the {kind} zones: {', '.join(longest)}"
                )
            ]
        )
    raise InvalidSpec(
        [
            FieldError(
                "Required value",
                "spec.dnsZone",
                f"the account has no {kind} zone that {cluster[1:]} lies in: create one, "
                "or set spec.topology.dns.type to None",
            )
        ]
    )


@rule(
    "spec.externalDns.disable",
    because="a provider called none is written as disabled",
    over_user=True,
)
def external_dns_disabled(c: Reader) -> Maybe:
    return True if c.user_value("spec.externalDns.provider") == "none" else None


@rule(
    "spec.externalDns.provider",
    because="dns-controller publishes the cluster's names, unless that is disabled",
    over_user=True,
)
def external_dns_provider(c: Reader) -> Maybe:
    yours = c.user_value("spec.externalDns.provider")
    if c.boolean("spec.externalDns.disable"):
        return UNSET
    return None if yours or not publishes_names(c) else "dns-controller"


def _is_settled(c: Reader) -> bool:
    return c.user_value("spec.api.loadBalancer") is not None or c.user_value("spec.api.dns") is not None


def _api_subnet_types(c: Reader) -> set[str]:
    """The types of the subnets that API servers run in."""
    types = dict(zip(_texts(c, "name"), _texts(c, "type"), strict=True))
    roles = {name: c.user_value(_group(name, "role")) for name in c.keys("instanceGroups")}
    wanted = _API_ROLES if any(role in _API_ROLES for role in roles.values()) else _CONTROL_PLANE_ROLES
    found: set[str] = set()
    for name, role in roles.items():
        if role in wanted:
            subnets = c.user_value(_group(name, "subnets"))
            found |= {types.get(str(each), "") for each in (subnets if isinstance(subnets, list) else [])}
    return found


def _texts(c: Reader, field: str) -> list[str]:
    return [str(value) for _, value in c.each(f"spec.subnets[*].{field}")]


def _group(name: object, field: str) -> str:
    return render(("instanceGroups", str(name), "spec", field))
