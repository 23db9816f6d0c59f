"""kOps' names of resources, and the hash in names that are too long."""

from __future__ import annotations

from base64 import b32hexencode

GROUP_TAG = "kops.k8s.io/instancegroup"
"""Tag with the instance group of machines, and of what makes them."""


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
    """The text if it fits, else truncated with its hash appended."""
    return text if len(text) <= longest else hashed(text, longest)


def hashed(text: str, longest: int) -> str:
    """The text truncated to fit, always with its hash appended."""
    tail = short_hash(text)
    return f"{text[: longest - len(tail) - 1]}-{tail}"


def group_name(name: str, role: str, cluster: str) -> str:
    """The name of an instance group in the cloud; role is a value of ``context.Role``."""
    middle = {"control-plane": ".masters", "apiserver": ".apiservers"}.get(role, "")
    return f"{name}{middle}.{cluster}"
