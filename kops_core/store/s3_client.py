"""Creates the S3 client of a run: endpoint, credentials and region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from kops_core.errors import StoreError, UsageError
from kops_core.store.s3 import S3Backend
from kops_core.store.settings import StoreSettings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import ObjectCannedACLType

_FIRST_REGION = "us-east-1"
"""The region that is asked first if none is set (as in kOps)."""

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


class S3Connection:
    """The way to S3 of one run: a client that all its buckets share. Safe to use from several threads."""

    def __init__(self, settings: StoreSettings) -> None:
        """Raises UsageError for an unknown ACL."""
        if settings.acl and settings.acl not in _CANNED_ACLS:
            raise UsageError(
                f"no such canned ACL: {settings.acl}",
                where="KOPS_STATE_S3_ACL",
                remedy=f"one of {', '.join(sorted(_CANNED_ACLS))}",
            )
        self._settings = settings
        self._client = _client(settings)

    def backend(self, bucket: str, prefix: str) -> S3Backend:
        """The backend of a bucket; no call is made.

        The region of a bucket need not be known: S3 answers with the right one, and the SDK repeats the
        call there, and makes all others there (botocore's S3RegionRedirectorv2).
        """
        acl = cast("ObjectCannedACLType", self._settings.acl) if self._settings.acl else None
        compatible = bool(self._settings.endpoint)
        return S3Backend(self._client, bucket, prefix, acl=acl, compatible=compatible)


def region_at(location: str | None) -> str:
    """The region of a bucket's location constraint."""
    return _REGION_OF.get(location, str(location))


def _client(settings: StoreSettings) -> S3Client:
    """Raises StoreError if the AWS configuration does not allow one."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 8},
        max_pool_connections=64,
        connect_timeout=10,
        read_timeout=60,
    )
    try:
        if not settings.endpoint:
            region = settings.region or _FIRST_REGION
            return cast("S3Client", settings.login.client("s3", region=region, config=config))
        # Services other than AWS address buckets by path, and not all support the newer checksums.
        compatible = Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        return cast(
            "S3Client",
            get_session().create_client(
                "s3",
                region_name=settings.region or _FIRST_REGION,
                config=config.merge(compatible),
                endpoint_url=settings.endpoint,
                aws_access_key_id=settings.access_key_id,
                aws_secret_access_key=settings.secret_access_key.reveal().decode(),
            ),
        )
    except BotoCoreError as error:
        raise StoreError(
            f"no S3 client: {error}", remedy="check the AWS profile and configuration"
        ) from error
