"""Parsers and checks of formats: ranges, addresses, ARNs, names, URLs.

They return None or False if invalid.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias

from kops_core.api import duration
from kops_core.errors import KopsError
from kops_core.validate.field import Field, Findings

Network: TypeAlias = IPv4Network | IPv6Network

_DNS_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_DNS_LABEL}(\.{_DNS_LABEL})*\Z")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:(?P<resource>.+)\Z", re.DOTALL)
_PORT = re.compile(r"\d{1,9}\Z", re.ASCII)
_PERCENTAGE = re.compile(r"[+-]?\d{1,9}%\Z", re.ASCII)
_IPV6_SHARE = re.compile(r"/(\d{1,9})#([a-f0-9]+)\Z", re.ASCII)
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<host>[^/?#]*))?(?P<path>[^?#]*)(?:[?#].*)?\Z"
)
_UNFIT_FOR_URL = re.compile(r"[\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?:[^@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s:\[\]<>\"]*)(?::\d*)?\Z")


def network(text: str) -> Network | None:
    """A range with its prefix length; bits outside the prefix are dropped."""
    address, slash, bits = text.partition("/")
    if not slash or not bits.isascii() or not bits.isdigit() or "%" in address:
        return None
    try:
        return ip_network(f"{address}/{int(bits)}", strict=False)
    except ValueError:
        return None


def address(text: str) -> IPv4Address | IPv6Address | None:
    """An IP address."""
    try:
        return None if "%" in text else ip_address(text)
    except ValueError:
        return None


def check_network(field: Field) -> Findings:
    """An error if a string is not a range or has bits outside its prefix."""
    found = network(field.text)
    if found is None:
        single = address(field.text)
        bits = {4: 32, 6: 64}[single.version] if single else 0
        hint = f"did you mean {field.text}/{bits}?" if single else "write it like 10.0.0.0/16"
        yield field.invalid(f"{field.text!r} is not a range: {hint}")
    elif found.network_address != address(field.text.partition("/")[0]):
        yield field.invalid(f"{field.text!r} has bits outside its prefix: did you mean {found}?")


def overlap(one: Network | None, other: Network | None) -> bool:
    """Whether two known ranges overlap."""
    return one is not None and other is not None and one.version == other.version and one.overlaps(other)


def belongs_to(parent: Network, child: Network) -> bool:
    """Whether a range is within another."""
    if parent.version == 4 and child.version == 4:
        return child.subnet_of(parent)
    return parent.version == 6 and child.version == 6 and child.subnet_of(parent)


def ipv6_share(text: str) -> tuple[int, int] | None:
    """The prefix length and number of a part of the VPC's IPv6 range, written ``/64#a``."""
    match = _IPV6_SHARE.match(text)
    return (int(match[1]), int(match[2], 16)) if match else None


def arn_resource(text: str) -> str | None:
    """The resource part of an ARN."""
    match = _ARN.match(text)
    return match["resource"] if match else None


def is_dns_subdomain(text: str) -> bool:
    """Whether it is a DNS name of lower-case labels, as Kubernetes wants for names."""
    return len(text) <= 253 and _SUBDOMAIN.match(text) is not None


def is_qualified_name(text: str) -> bool:
    """Whether it is a valid key of a Kubernetes label: a name, optionally after a domain and a slash."""
    domain, slash, name = text.rpartition("/")
    return (not slash or is_dns_subdomain(domain)) and len(name) <= 63 and _QUALIFIED.match(name) is not None


def is_label_value(text: str) -> bool:
    """Whether it is a valid value of a Kubernetes label."""
    return not text or (len(text) <= 63 and _QUALIFIED.match(text) is not None)


class Url(NamedTuple):
    """The parts of a URL that validations use."""

    scheme: str
    host: str
    """With its port, if it has one."""


def url(text: str) -> Url | None:
    """The parts of a URL, relative ones included."""
    match = _URL.match(text)
    if match is None or _UNFIT_FOR_URL.search(text):
        return None
    scheme, host, path = match["scheme"] or "", match["host"], match["path"]
    if not scheme and host is None and ":" in path.partition("/")[0]:
        return None
    if host is not None and not _HOST.match(host):
        return None
    return Url(scheme.lower(), host or "")


def port_range(text: str) -> tuple[int, int] | None:
    """First and last port of ``30000-32767``, ``30000+100`` or one port."""
    text = text.strip()
    for separator in ("-", "+"):
        first, found, last = text.partition(separator)
        if found:
            break
    else:
        first, last, separator = text, text, ""
    if not (_PORT.match(first) and _PORT.match(last)):
        return None
    low, high = int(first), int(last)
    if separator == "+":
        high += low
    return (low, high) if low <= high <= 65535 else None


def nanoseconds(field: Field) -> int | None:
    """A duration; None if it is unset or malformed."""
    try:
        return duration.parse(field.text) if field.text else None
    except (KopsError, ValueError):
        return None


def scaled(field: Field, total: int, *, round_up: bool) -> int | None:
    """A count, or a percentage of a total; None if it is neither."""
    if field.number is not None:
        return field.number
    text = field.text
    if not _PERCENTAGE.match(text):
        return None
    share = int(text[:-1]) * total
    return -(-share // 100) if round_up else share // 100
