"""A key that another writer is busy with: S3 answers 409, and the write is tried again for a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from kops_core.errors import StoreError
from kops_core.store.s3 import S3Backend
from tests.sandbox.clients import made_up_login

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PATIENCE = 3.2
"""Seconds that a write waits for others, at most."""


class _Empty:
    """An answer without a body."""

    def stream(self) -> Iterator[bytes]:
        return iter(())


def _busy(times: int) -> tuple[S3Client, list[AWSPreparedRequest]]:
    """A client of an S3 that is busy with the key for some writes, and the writes that it got."""
    client: S3Client = made_up_login().client(
        "s3", region="us-east-1", config=Config(retries={"total_max_attempts": 1})
    )
    writes: list[AWSPreparedRequest] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        writes.append(request)
        status = 409 if len(writes) <= times else 200
        return AWSResponse(request.url, status, HTTPHeaders.from_dict({"ETag": '"1"'}), _Empty())

    def no_default(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return AWSResponse(request.url, 404, HTTPHeaders(), _Empty())

    client.meta.events.register("before-send.s3.PutObject", answer)  # type: ignore[arg-type]
    client.meta.events.register("before-send.s3.GetBucketEncryption", no_default)  # type: ignore[arg-type]
    return client, writes


@pytest.mark.parametrize("times", range(7))
def test_a_write_waits_twice_as_long_each_time_until_it_is_its_turn(times: int) -> None:
    client, writes = _busy(times)
    slept: list[float] = []
    assert S3Backend(client, "store", sleep=slept.append).create("k", b"1") == '"1"'
    assert len(writes) == times + 1
    assert len(slept) == times
    assert all(pause <= 0.05 for pause in slept[:1]), "most are done at once"
    assert all(later == pytest.approx(2 * pause) for pause, later in pairwise(slept))
    assert sum(slept) < PATIENCE


def test_a_write_gives_up_on_a_key_that_stays_busy() -> None:
    client, writes = _busy(100)
    slept: list[float] = []
    with pytest.raises(StoreError, match="another writer keeps this object busy") as refused:
        S3Backend(client, "store", sleep=slept.append).create("k", b"1")
    assert refused.value.remedy == "try again"
    assert PATIENCE - 0.1 < sum(slept) < PATIENCE
    assert len(writes) == len(slept) + 1
