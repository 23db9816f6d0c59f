"""Divides the range of a VPC among subnets. Facts: kOps' ``upup/pkg/fi/cloudup/subnets.go``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network

from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.common import Network, parse_range

BIG = ("Public", "Private", "DualStack")
"""Types of subnets for nodes; ``Utility`` subnets are small."""


def is_ranged(subnet: Tree) -> bool:
    """Whether a subnet has an IPv4 range, or needs none (private, with an IPv6 range)."""
    return bool(subnet.get("cidr")) or needs_no_ipv4(subnet)


def needs_no_ipv4(subnet: Tree) -> bool:
    """Whether it is a private subnet with an IPv6 range."""
    return bool(subnet.get("ipv6CIDR")) and subnet.get("type") == "Private"


def for_nodes(subnets: Sequence[Tree]) -> list[Value]:
    """The default subnets of a group: private ones; if there are none, all but utility ones."""
    return _without(subnets, "DualStack", "Utility") or _without(subnets, "Utility")


def for_ipv6_api_servers(subnets: Sequence[Tree]) -> list[Value]:
    """The default subnets of a group of API servers in an IPv6 cluster."""
    return _without(subnets, "Private", "Utility")


def _without(subnets: Sequence[Tree], *kinds: str) -> list[Value]:
    return [str(each.get("name")) for each in subnets if each.get("type") not in kinds]


def ranges(network_cidr: str, subnets: Sequence[Tree]) -> dict[int, str]:
    """The range of each subnet that has none, by its position.

    The network is split into 1, 2, 4 or 8 parts. If there are utility subnets, the first free part is
    theirs, an eighth each; the other subnets have a part each, in order
    of their zones. Parts that overlap a range in use are left out. Raises InvalidSpec if the network can't
    be divided like that.
    """
    whole = parse_range(network_cidr)
    if whole is None:
        raise refused(
            "Invalid value", "spec.networkCIDR", f"{network_cidr!r} is not a range such as 10.0.0.0/16"
        )
    big, little, used = _sorted(whole, subnets)
    count = len(big) + bool(little)
    free = [part for part in _cut(whole, min((count - 1).bit_length(), 3)) if not _overlaps(part, used)]
    if not free:
        raise refused("Invalid value", "spec.networkCIDR", "has no free part: give every subnet a cidr")
    result: dict[int, str] = {}
    if little:
        eighths = iter(_cut(free.pop(0), 3))
        for place in little:
            if not subnets[place].get("cidr"):
                result[place] = _next(eighths, place)
    parts = iter(free)
    for place in big:
        if not is_ranged(subnets[place]):
            result[place] = _next(parts, place)
    return result


def _sorted(whole: Network, subnets: Sequence[Tree]) -> tuple[list[int], list[int], list[Network]]:
    """The positions of big and of little subnets by zone, and the ranges in use."""
    big: list[int] = []
    little: list[int] = []
    used: list[Network] = []
    for place, subnet in enumerate(subnets):
        if subnet.get("cidr"):
            own = parse_range(str(subnet["cidr"]))
            if own is None:
                raise refused(
                    "Invalid value", f"spec.subnets[{place}].cidr", f"{subnet['cidr']!r} is not a range"
                )
            if own.version != whole.version or own.network_address not in whole:
                continue  # is in an additional range of the VPC
            used.append(own)
        if subnet.get("type") in BIG:
            big.append(place)
        elif subnet.get("type") == "Utility":
            little.append(place)
        else:
            raise refused(
                "Unsupported value",
                f"spec.subnets[{place}].type",
                "must be Public, Private, DualStack or Utility",
            )

    def zone(place: int) -> str:
        return str(subnets[place].get("zone") or "")

    return sorted(big, key=zone), sorted(little, key=zone), used


def _cut(whole: Network, bits: int) -> list[Network]:
    if not isinstance(whole, IPv4Network) or whole.prefixlen + bits > 32:
        raise refused("Invalid value", "spec.networkCIDR", "must be an IPv4 range that can be divided")
    return list(whole.subnets(prefixlen_diff=bits))


def _overlaps(part: Network, used: Sequence[Network]) -> bool:
    return any(part.version == each.version and part.overlaps(each) for each in used)


def _next(parts: Iterator[Network], place: int) -> str:
    found = next(parts, None)
    if found is None:
        raise refused(
            "Required value",
            f"spec.subnets[{place}].cidr",
            "the network has no part left for it: set the cidr of each subnet",
        )
    return str(found)


def refused(kind: str, path: str, message: str) -> InvalidSpec:
    """The error of a single field."""
    return InvalidSpec([FieldError(kind, path, message)])
