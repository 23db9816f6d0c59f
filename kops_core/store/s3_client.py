"""Creates the S3 client of a bucket: endpoint, credentials and the bucket's region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from kops_core.errors import StoreError, UsageError
from kops_core.store.s3 import S3Backend
from kops_core.store.settings import StoreSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import ObjectCannedACLType

_FIRST_REGION = "us-east-1"
"""The region that is asked for a bucket's region if none is set (as in kOps)."""

_CANNED_ACLS = frozenset(
    {
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-full-control",
        "bucket-owner-read",
        "private",
        "public-read",
        "public-read-write",
    }
)
"""S3 User Guide, "Canned ACL"."""

_REGION_OF: Mapping[str | None, str] = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}
"""Location constraints that are not the region's name (S3 API reference, GetBucketLocation)."""


def connect(bucket: str, prefix: str, settings: StoreSettings) -> S3Backend:
    """A backend for a bucket, with a client in the bucket's region.

    Raises UsageError for an unknown ACL, StoreError if the region can't be found out.
    """
    if settings.acl and settings.acl not in _CANNED_ACLS:
        raise UsageError(
            f"no such canned ACL: {settings.acl}",
            where="KOPS_STATE_S3_ACL",
            remedy=f"one of {', '.join(sorted(_CANNED_ACLS))}",
        )
    acl = cast("ObjectCannedACLType", settings.acl) if settings.acl else None
    client = _client(settings, settings.region or _FIRST_REGION)
    if not settings.endpoint:
        region = bucket_region(client, bucket)
        if region != client.meta.region_name:
            client = _client(settings, region)
    return S3Backend(client, bucket, prefix, acl=acl, compatible=bool(settings.endpoint))


def bucket_region(client: S3Client, bucket: str) -> str:
    """The region a bucket is in, asked from any region.

    GetBucketLocation answers the bucket's owner; HeadBucket names the region in a header even if access is
    denied, as for buckets of other accounts. Raises StoreError.
    """
    try:
        return region_at(client.get_bucket_location(Bucket=bucket)["LocationConstraint"])
    except ClientError as owner_error:
        try:
            response = client.head_bucket(Bucket=bucket)["ResponseMetadata"]
        except ClientError as head_error:
            response = head_error.response.get("ResponseMetadata", {})  # type: ignore[assignment]
        region = response.get("HTTPHeaders", {}).get("x-amz-bucket-region", "")
        if region:
            return region
        code = owner_error.response.get("Error", {}).get("Code", "")
        if code == "NoSuchBucket":
            raise StoreError(
                "the bucket does not exist",
                where=f"s3://{bucket}",
                remedy="check the state store's name, or make the bucket",
            ) from owner_error
        raise StoreError(
            f"the bucket's region can't be found out ({code})",
            where=f"s3://{bucket}",
            remedy="check the credentials and the bucket's policy",
        ) from owner_error
    except BotoCoreError as error:
        raise StoreError(
            f"S3 could not be asked: {error}",
            where=f"s3://{bucket}",
            remedy="check credentials, region and network",
        ) from error


def region_at(location: str | None) -> str:
    """The region of a bucket's location constraint."""
    return _REGION_OF.get(location, str(location))


def _client(settings: StoreSettings, region: str) -> S3Client:
    config = Config(
        retries={"mode": "standard", "max_attempts": 8},
        max_pool_connections=64,
        connect_timeout=10,
        read_timeout=60,
    )
    try:
        if not settings.endpoint:
            return cast("S3Client", settings.login.client("s3", region=region, config=config))
        # Services other than AWS address buckets by path, and not all support the newer checksums.
        compatible = Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return boto3.Session(region_name=region).client(
            "s3",
            config=config.merge(compatible),
            endpoint_url=settings.endpoint,
            aws_access_key_id=settings.access_key_id,
            aws_secret_access_key=settings.secret_access_key.reveal().decode(),
        )
    except BotoCoreError as error:
        raise StoreError(
            f"no S3 client: {error}", remedy="check the AWS profile and configuration"
        ) from error
