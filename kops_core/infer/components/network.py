"""The VPC's and the cluster's ranges, subnets, the egress proxy. Facts: kOps' ``populate_cluster_spec.go``,
``defaults.go``, ``subnets.go``.
"""

from __future__ import annotations

from ipaddress import ip_interface

from kops_core.api.values import Maybe, Tree, Value
from kops_core.infer import existing_network
from kops_core.infer.common import is_ipv6_range, parse_range
from kops_core.infer.reader import Reader
from kops_core.infer.rules import rule
from kops_core.infer.subnets import needs_no_ipv4, ranges, refused

DEFAULT_NETWORK = "172.20.0.0/16"
DEFAULT_NON_MASQUERADE = "100.64.0.0/10"
DEFAULT_SERVICES = {4: "100.64.0.0/13", 6: "fd00:5e4f:ce::/108"}
AWS_METADATA = "169.254.169.254"


@rule("spec.networkCIDR", because="it is kOps' default for a VPC of the cluster's own")
def network_cidr(c: Reader) -> Value:
    vpc = c.string("spec.networkID")
    if not vpc:
        return DEFAULT_NETWORK
    c.because("it is the range of the shared VPC")
    return existing_network.vpc_range(c, vpc)


@rule(
    "spec.nonMasqueradeCIDR",
    because="pods and services lie in the carrier-grade NAT range, which nobody else uses",
    over_user=True,
)
def non_masquerade_cidr(c: Reader) -> Maybe:
    yours = c.user_value("spec.nonMasqueradeCIDR")
    if c.has("spec.networking.amazonvpc") and c.user_value("spec.networkCIDR") is None and yours != "::/0":
        c.because("the Amazon VPC CNI gives pods addresses of the VPC, whose range is inferred")
        return c.string("spec.networkCIDR")
    return None if yours else DEFAULT_NON_MASQUERADE


@rule("spec.podCIDR", because="pods have the upper half of the range that is not masqueraded")
def pod_cidr(c: Reader) -> Value:
    network = parse_range(c.string("spec.nonMasqueradeCIDR"))
    if network is None or network.version != 4 or network.prefixlen >= 32:
        return None
    return str(list(network.subnets())[1])


@rule("spec.serviceClusterIPRange", because="services have a range of the cluster's IP family, kOps' default")
def service_cluster_ip_range(c: Reader) -> Value:
    return DEFAULT_SERVICES[6 if is_ipv6_range(c.string("spec.nonMasqueradeCIDR")) else 4]


@rule("spec.subnets[*].zone", because="it is the zone of the shared subnet")
def subnet_zone(c: Reader) -> Value:
    if not c.string("spec.subnets[*].id"):
        return None
    rows = {position: _as_known(c, position) for position in c.keys("spec.subnets")}
    zone = rows[c.at[2]].get("zone")
    if not zone:
        raise refused(
            "Required value", f"spec.subnets[{c.at[2]}].zone", "the subnet's zone is unknown: set it"
        )
    return zone


@rule(
    "spec.subnets[*].cidr",
    because="it is a part of the VPC's range: utility subnets share the first, others have one each by zone",
)
def subnet_cidr(c: Reader) -> Value:
    place = c.at[2]
    rows = [_as_known(c, position) for position in c.keys("spec.subnets")]
    if not isinstance(place, int) or (needs_no_ipv4(rows[place]) and not rows[place].get("cidr")):
        return None
    if c.string("spec.subnets[*].id") and c.string("spec.networkID"):
        c.because("it is the shared subnet's range")
        cidr = rows[place].get("cidr")
        if not cidr:
            message = f"{rows[place]['id']} has no IPv4 range: use another subnet"
            raise refused("Required value", f"spec.subnets[{place}].cidr", message)
        return cidr
    return ranges(c.string("spec.networkCIDR") or "", rows)[place]


@rule(
    "spec.egressProxy.excludes",
    because="the cluster's own names and ranges, and AWS' metadata, are reached without the proxy",
    when=lambda c: c.has("spec.egressProxy"),
    over_user=True,
)
def proxy_excludes(c: Reader) -> Maybe:
    written = c.user_value("spec.egressProxy.excludes")
    yours = written if isinstance(written, str) else ""
    cidr = c.string("spec.nonMasqueradeCIDR") or ""
    wanted = [
        "127.0.0.1",
        "localhost",
        c.user_value("spec.clusterDNSDomain"),
        _public_name(c),
        c.string("metadata.name"),
        _first_address(cidr),
        cidr,
        AWS_METADATA,
        c.string("spec.networkCIDR"),
        *c.strings("spec.additionalNetworkCIDRs"),
    ]
    kept = yours.split(",") if yours else []
    return ",".join(
        [*kept, *(each for each in wanted if isinstance(each, str) and each and each not in yours)]
    )


def _public_name(c: Reader) -> Value:
    """The API's public name, without the DNS zone, which is not known yet."""
    if c.string("spec.topology.dns.type") == "Public":
        return c.string("spec.masterPublicName")
    return c.user_value("spec.masterPublicName")


def _first_address(cidr: str) -> str:
    network = parse_range(cidr)
    if network is not None:
        first = ip_interface(cidr).ip + 1
        if first in network:
            return str(first)
    raise refused("Invalid value", "spec.nonMasqueradeCIDR", f"{cidr!r} is not a range such as 100.64.0.0/10")


def _as_known(c: Reader, position: object) -> Tree:
    """A subnet as input of allocation: the user's fields, and for a shared subnet those of the cloud.

    Raises InvalidSpec if the two disagree.
    """
    at = f"spec.subnets[{position}]"
    written = c.user_value(at)
    row = dict(written) if isinstance(written, dict) else {}
    vpc = c.string("spec.networkID")
    if not vpc or not isinstance(row.get("id"), str):
        return row
    known = existing_network.subnet(c, str(row["id"]), vpc, f"{at}.id")
    for field in ("cidr", "zone"):
        if not row.get(field):
            row[field] = known.get(field)
        elif row[field] != known.get(field):
            message = f"{row['id']} has {known.get(field)}: write that, or remove it"
            raise refused("Invalid value", f"{at}.{field}", message)
    return row
