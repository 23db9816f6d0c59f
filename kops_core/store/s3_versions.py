"""Versions of objects in a versioned S3 bucket, and what a bucket's lifecycle rules delete.

Sources: S3 User Guide, "Retaining multiple versions of objects with S3 Versioning", "Lifecycle configuration
elements".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import LifecycleRuleOutputTypeDef

_SMALL: Final = 1024
"""Bytes: control files of etcd-manager are smaller, so a rule for larger objects leaves them alone."""


@dataclass(frozen=True)
class ObjectVersion:
    """A version of an object, or the mark of its deletion."""

    key: str
    """Relative to the store's root."""
    id: str
    at: datetime
    """When it was written (UTC)."""
    deleted: bool = False
    """Whether it marks a deletion, and has no content."""


@runtime_checkable
class Versioned(Protocol):
    """A backend that may keep old versions of objects. Every method raises StoreError."""

    def versions(self, folder: str) -> Iterator[ObjectVersion]:
        """I/O. The versions of the objects below a folder, in no order; of an unversioned bucket one each."""
        ...

    def read_version(self, version: ObjectVersion) -> bytes:
        """I/O. The content of a version. Raises ObjectNotFound."""
        ...

    def keeps_versions(self) -> bool:
        """I/O. Whether the bucket keeps old versions of objects."""
        ...

    def expiring(self, folders: Sequence[str]) -> Mapping[str, str]:
        """I/O. The folders below which a lifecycle rule deletes objects, and the rule's name; one call."""
        ...


def list_versions(client: S3Client, bucket: str, prefix: str, skip: int) -> Iterator[ObjectVersion]:
    """I/O. The versions below a prefix; skip: characters of the keys to leave out. Raises ClientError."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Versions", ()):
            yield ObjectVersion(
                found["Key"][skip:], found["VersionId"], found["LastModified"].astimezone(UTC)
            )
        for mark in page.get("DeleteMarkers", ()):
            at = mark["LastModified"].astimezone(UTC)
            yield ObjectVersion(mark["Key"][skip:], mark["VersionId"], at, deleted=True)


def is_versioned(client: S3Client, bucket: str) -> bool:
    """I/O. Whether a bucket keeps old versions. Raises ClientError."""
    return client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"


def expiring_rules(client: S3Client, bucket: str, prefixes: Mapping[str, str]) -> dict[str, str]:
    """I/O. Names of lifecycle rules that delete small, untagged objects below prefixes, by their keys.

    Prefixes below which none does are left out. Raises ClientError.
    """
    try:
        answer = client.get_bucket_lifecycle_configuration(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "NoSuchLifecycleConfiguration":
            return {}
        raise
    first = {
        key: next((rule for rule in answer["Rules"] if deletes_below(rule, prefix)), None)
        for key, prefix in prefixes.items()
    }
    return {key: _name_of(rule) for key, rule in first.items() if rule is not None}


def deletes_below(rule: LifecycleRuleOutputTypeDef, prefix: str) -> bool:
    """Whether a lifecycle rule deletes small, untagged objects below a prefix."""
    expiration = rule.get("Expiration", {})
    if rule["Status"] != "Enabled" or not (expiration.get("Days") or expiration.get("Date")):
        return False
    chosen = rule.get("Filter", {})
    both = chosen.get("And", {})
    if chosen.get("Tag") or both.get("Tags"):
        return False  # etcd-manager tags none
    if max(chosen.get("ObjectSizeGreaterThan", 0), both.get("ObjectSizeGreaterThan", 0)) >= _SMALL:
        return False
    below = rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or ""
    return prefix.startswith(below) or below.startswith(prefix)


def _name_of(rule: LifecycleRuleOutputTypeDef) -> str:
    return rule.get("ID") or "without a name"
