"""Resources in words: their kinds as one would say them, and their names without the cluster's."""

from __future__ import annotations

import re

from kops_core import ResourceKey

_PLURALS = {
    "DHCPOptions": "DHCP options",
    "EBSVolume": "etcd volumes",
    "ManagedFile": "store objects",
    "NatGateway": "NAT gateways",
    "SQS": "SQS queues",
}
_SINGULARS = {
    "DHCPOptions": "DHCP options",
    "EBSVolume": "etcd volume",
    "ManagedFile": "store object",
    "NatGateway": "NAT gateway",
    "SQS": "SQS queue",
    "SecurityGroupRule": "rule",
}
_PROPER = {"Amazon": "Amazon"}
"""Names that keep their capital letter."""


def kind_words(kind: str) -> str:
    """``launch templates`` for ``LaunchTemplate``."""
    if kind in _PLURALS:
        return _PLURALS[kind]
    text = _words(kind)
    if text.endswith("y") and text[-2:-1] not in "aeiou":
        return text[:-1] + "ies"
    return text if text.endswith("s") else text + "s"


def kind_word(kind: str) -> str:
    """``launch template`` for ``LaunchTemplate``."""
    return _SINGULARS.get(kind) or _words(kind)


def _words(kind: str) -> str:
    words = re.findall(r"IPv6|CIDR|DHCP|VPC|IAM|OIDC|[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+", kind) or [kind]
    return " ".join(_PROPER.get(word) or (word if not word[1:].islower() else word.lower()) for word in words)


def short_name(name: str, cluster: str) -> str:
    """The name of a resource without that of its cluster."""
    return name.removesuffix(f".{cluster}")


def resource_words(key: ResourceKey, cluster: str) -> str:
    """``launch template nodes-us-east-1a``"""
    return f"{kind_word(key.kind)} {short_name(key.name, cluster)}"
