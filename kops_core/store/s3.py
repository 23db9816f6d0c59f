"""A backend in an S3 bucket.

Conditional writes use If-Match and If-None-Match (S3 User Guide, "Conditional requests"):
412 means that another writer was faster, 409 that one is writing right now, which is retried. Encryption
and ACL follow kOps: the bucket's default encryption, else AES256;
no ACL unless one is set for the whole store or the object is public.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from kops_core.errors import ObjectChanged, ObjectExists, ObjectNotFound, StoreError
from kops_core.store.backend import Child, Stored, checked, within
from kops_core.store.conditions import missing_protection
from kops_core.store.fence import before_send
from kops_core.store.inventory import ListedObject, Page
from kops_core.store.s3_versions import ObjectVersion, expiring_rules, is_versioned, list_versions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import ObjectCannedACLType
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

_GONE = frozenset({"404", "NoSuchKey", "NotFound"})
_DELETE_AT_ONCE = 1000
"""Keys in one DeleteObjects call (S3 API reference)."""

_CONFLICT_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between retries while another conditional write to the same key is in progress."""

_NO_ETAG = '""'
"""Matches no object. An empty header would be no condition at all."""

_WRITE_ID = "kops-tui-write"
"""Metadata that identifies a write, to recognise our own if its response was lost."""


class S3Backend:
    """A Backend on one bucket, below an optional prefix.

    ``acl`` is put on every object (``KOPS_STATE_S3_ACL``); without it objects carry none.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        prefix: str = "",
        *,
        acl: ObjectCannedACLType | None = None,
        sleep: Callable[[float], None] = time.sleep,
        compatible: bool = False,
    ) -> None:
        """compatible: the service is not AWS', so its conditional requests are probed."""
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/")
        self._acl = acl
        self._sleep = sleep
        self._compatible = compatible
        client.meta.events.register("before-send.s3.*", before_send, unique_id="kops-tui-fence")

    @property
    def url(self) -> str:
        return f"s3://{within(self._bucket, self._prefix)}".rstrip("/")

    def keys(self, folder: str = "") -> Iterator[str]:
        skip = len(within(self._prefix, "")) if self._prefix else 0
        pages = self._client.get_paginator("list_objects_v2")
        with self._reporting(folder):
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._folder(folder)):
                for item in page.get("Contents", ()):
                    # Consoles create a folder as an empty object whose key ends with a slash.
                    if not item["Key"].endswith("/"):
                        yield item["Key"][skip:]

    def list_page(self, prefix: str = "", after: str = "") -> Page:
        skip = len(within(self._prefix, "")) if self._prefix else 0
        start = within(self._prefix, after) if after else ""
        root = f"{self._prefix}/" if self._prefix else ""
        with self._reporting(prefix):
            answer = self._client.list_objects_v2(
                Bucket=self._bucket, Prefix=f"{root}{prefix}", StartAfter=start
            )
        found = (
            ListedObject(item["Key"][skip:], item["ETag"], item["LastModified"].astimezone(UTC))
            for item in answer.get("Contents", ())
            if not item["Key"].endswith("/")
        )
        return Page(tuple(found), bool(answer.get("IsTruncated")))

    def children(self, folder: str = "") -> Iterator[Child]:
        prefix = self._folder(folder)
        pages = self._client.get_paginator("list_objects_v2")
        with self._reporting(folder):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix, Delimiter="/"):
                for item in page.get("Contents", ()):
                    if item["Key"] != prefix:
                        yield Child(item["Key"][len(prefix) :], folder=False)
                for common in page.get("CommonPrefixes", ()):
                    yield Child(common["Prefix"][len(prefix) : -1], folder=True)

    def versions(self, folder: str) -> Iterator[ObjectVersion]:
        skip = len(within(self._prefix, "")) if self._prefix else 0
        with self._reporting(folder):
            yield from list_versions(self._client, self._bucket, self._folder(folder), skip)

    def read_version(self, version: ObjectVersion) -> bytes:
        with self._reporting(version.key):
            answer = self._client.get_object(
                Bucket=self._bucket, Key=self._key(version.key), VersionId=version.id
            )
            return answer["Body"].read()

    def keeps_versions(self) -> bool:
        with self._reporting(""):
            return is_versioned(self._client, self._bucket)

    def expiring(self, folders: Sequence[str]) -> Mapping[str, str]:
        prefixes = {folder: self._folder(folder) for folder in folders}
        with self._reporting(""):
            return expiring_rules(self._client, self._bucket, prefixes)

    def missing_protection(self) -> tuple[str, ...]:
        """I/O the first time. A sentence for each condition that the service ignores. Raises StoreError."""
        return self._missing_protection if self._compatible else ()

    @cached_property
    def _missing_protection(self) -> tuple[str, ...]:
        return missing_protection(self)

    def read(self, key: str) -> Stored:
        with self._reporting(key):
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(key))
            data = answer["Body"].read()
            return Stored(key, answer["ETag"], answer["LastModified"].astimezone(UTC), data)

    def create(self, key: str, data: bytes, *, public: bool = False) -> str:
        try:
            return self._write(key, data, public=public, if_none_match="*")
        except ObjectChanged as error:
            raise ObjectExists("the object is already there", where=error.where) from error

    def replace(self, key: str, data: bytes, etag: str) -> str:
        return self._write(key, data, public=False, if_match=etag or _NO_ETAG)

    def put(self, key: str, data: bytes, *, public: bool = False) -> str:
        return self._write(key, data, public=public)

    def delete(self, key: str, etag: str | None = None) -> None:
        with self._reporting(key):
            if etag is None:
                self._client.delete_object(Bucket=self._bucket, Key=self._key(key))
            else:
                self._client.delete_object(Bucket=self._bucket, Key=self._key(key), IfMatch=etag or _NO_ETAG)

    def delete_all(self, keys: Iterable[str]) -> None:
        rest = iter(keys)
        while some := list(islice(rest, _DELETE_AT_ONCE)):
            with self._reporting(some[0]):
                answer = self._client.delete_objects(
                    Bucket=self._bucket,
                    Delete={"Objects": [{"Key": self._key(key)} for key in some], "Quiet": True},
                )
            for failure in answer.get("Errors", ()):
                raise StoreError(
                    f"the object could not be deleted: {failure.get('Message', 'no reason given')}",
                    where=f"s3://{self._bucket}/{failure.get('Key', '')}",
                )

    def _write(
        self, key: str, data: bytes, *, public: bool, if_match: str = "", if_none_match: str = ""
    ) -> str:
        write = uuid.uuid4().hex
        request: PutObjectRequestTypeDef = {
            "Bucket": self._bucket,
            "Key": self._key(key),
            "Body": data,
            "Metadata": {_WRITE_ID: write},
        }
        if self._acl or public:
            request["ACL"] = self._acl or "public-read"
        if not self._encrypts_by_default:
            request["ServerSideEncryption"] = "AES256"
        if if_match:
            request["IfMatch"] = if_match
        if if_none_match:
            request["IfNoneMatch"] = if_none_match
        with self._reporting(key):
            return self._put_object(request, write)

    def _put_object(self, request: PutObjectRequestTypeDef, write: str) -> str:
        """Sends a write, and retries while another one to the same key is in progress."""
        pauses = iter(_CONFLICT_PAUSES)
        repeated = False
        while True:
            try:
                return self._client.put_object(**request)["ETag"]
            except ClientError as error:
                status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
                repeated = repeated or _was_repeated(error)
                if status == 412 and repeated and (etag := self._etag_of(request["Key"], write)):
                    return etag
                pause = next(pauses, None)
                if status != 409 or pause is None:
                    raise
                repeated = True
                self._sleep(pause)

    def _etag_of(self, key: str, write: str) -> str | None:
        """The etag of the object, if this write created it."""
        head = self._client.head_object(Bucket=self._bucket, Key=key)
        return head["ETag"] if head.get("Metadata", {}).get(_WRITE_ID) == write else None

    @cached_property
    def _encrypts_by_default(self) -> bool:
        """Whether the bucket has default encryption. Access denied counts as no (as in kOps)."""
        try:
            answer = self._client.get_bucket_encryption(Bucket=self._bucket)
        except ClientError:
            return False
        rules = answer["ServerSideEncryptionConfiguration"].get("Rules", [])
        return any("ApplyServerSideEncryptionByDefault" in rule for rule in rules)

    def _key(self, key: str) -> str:
        return within(self._prefix, checked(key))

    def _folder(self, folder: str) -> str:
        path = self._key(folder) if folder else self._prefix
        return f"{path}/" if path else ""

    @contextmanager
    def _reporting(self, key: str) -> Iterator[None]:
        where = f"s3://{self._bucket}/{within(self._prefix, key)}"
        try:
            yield
        except ClientError as error:
            raise _translated(error, where) from error
        except BotoCoreError as error:
            raise StoreError(
                f"S3 could not be asked: {error}", where=where, remedy="check credentials, region and network"
            ) from error
        except (ResponseParserError, UnicodeDecodeError, KeyError) as error:
            raise StoreError(
                "S3's answer can't be read: it is no answer of S3, or not all of it came",
                where=where,
                remedy="check the network and any proxy, then try again",
            ) from error


_CREDENTIALS = frozenset(
    {"ExpiredToken", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId"}
    | {"RequestTimeTooSkewed", "SignatureDoesNotMatch"}
)
"""S3's error codes for expired credentials or a wrong clock."""


def _was_repeated(error: ClientError) -> bool:
    """Whether the SDK sent the request more than once before this response."""
    return error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0


def _translated(error: ClientError, where: str) -> StoreError:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code == "NoSuchBucket":
        remedy = "check the state store's name, or make the bucket"
        return StoreError("the bucket does not exist", where=where, remedy=remedy)
    if code in _GONE:
        return ObjectNotFound("no such object", where=where)
    if status == 412:
        return ObjectChanged("the object is no longer the one that was read", where=where)
    if code in _CREDENTIALS:
        return StoreError(
            f"S3 refuses the credentials ({code})",
            where=where,
            remedy="renew them, check that this machine's clock is right, and run it again;"
            " it goes on where it stopped",
        )
    what, remedy = {
        403: (f"S3 refuses access ({code})", "check the credentials and the bucket's policy"),
        409: ("another writer keeps this object busy", "try again"),
    }.get(status or 0, (f"S3 refused: {error.response.get('Error', {}).get('Message', code)} ({code})", ""))
    return StoreError(what, where=where, remedy=remedy)
