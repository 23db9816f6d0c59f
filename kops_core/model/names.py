"""Names that kOps gives: lengths that AWS allows, and the hash that keeps cut names apart."""

from __future__ import annotations

from base64 import b32hexencode

MAX_IAM_NAME = 64
"""Length of the name of an IAM role."""
GROUP_TAG = "kops.k8s.io/instancegroup"
"""Tag that names the instance group of a launch template, an auto-scaling group or a machine."""


def fnv1a_32(data: bytes) -> int:
    """The 32-bit FNV-1a hash."""
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def short_hash(text: str, length: int = 6) -> str:
    """The first characters of the FNV-1a hash of a text in lower-case base32hex."""
    return b32hexencode(fnv1a_32(text.encode()).to_bytes(4, "big")).decode().lower()[:length]


def truncated(text: str, longest: int) -> str:
    """The text if it fits, else cut to fit with its hash appended."""
    return text if len(text) <= longest else hashed(text, longest)


def hashed(text: str, longest: int) -> str:
    """The text cut to fit with its hash, which is always appended."""
    tail = short_hash(text)
    return f"{text[: longest - len(tail) - 1]}-{tail}"


def balancer_name(cluster: str, prefix: str) -> str:
    """The name in AWS of a load balancer or target group: 32 characters at most, always with a hash."""
    return hashed(f"{prefix}-{cluster.replace('.', '-')}", 32)


def queue_name(cluster: str) -> str:
    """The name of the termination handler's queue: 80 characters at most, without dots."""
    return truncated(cluster.replace(".", "-"), 75) + "-nth"


def event_rule_prefix(cluster: str) -> str:
    """What the names of the cluster's EventBridge rules begin with."""
    return truncated(cluster, 40)


def iam_name(role_prefix: str, cluster: str) -> str:
    """The name of the IAM role and instance profile of an instance group role, e.g. ``masters``."""
    return truncated(f"{role_prefix}.{cluster}", MAX_IAM_NAME)


def group_name(name: str, role: str, cluster: str) -> str:
    """The name of a group's launch template and auto-scaling group; role is a value of ``context.Role``."""
    middle = {"control-plane": ".masters", "apiserver": ".apiservers"}.get(role, "")
    return f"{name}{middle}.{cluster}"


def service_account_role_name(name: str, namespace: str, cluster: str) -> str:
    """The name of the IAM role of a service account."""
    return truncated(f"{name}.{namespace.replace('*', 'wildcard')}.sa.{cluster}", MAX_IAM_NAME)
