"""The settings of stores: which environment variable says what, and when none does."""

from __future__ import annotations

import pytest

from kops_core.errors import UsageError
from kops_core.store.aws_login import AwsLogin
from kops_core.store.settings import StoreSettings

KEYS = {"S3_ACCESS_KEY_ID": "id", "S3_SECRET_ACCESS_KEY": "key"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ("", "", "", b"", "")),
        ({"AWS_REGION": "eu-west-1"}, ("", "eu-west-1", "", b"", "")),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, ("", "eu-west-2", "", b"", "")),
        ({"AWS_REGION": "a", "AWS_DEFAULT_REGION": "b"}, ("", "a", "", b"", "")),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "b"}, ("", "b", "", b"", "")),
        ({**KEYS, "S3_REGION": "x"}, ("", "", "", b"", "")),
        ({**KEYS, "S3_ENDPOINT": "minio:9000"}, ("https://minio:9000", "us-east-1", "id", b"key", "")),
        (
            {**KEYS, "S3_ENDPOINT": "http://minio", "S3_REGION": "x", "AWS_REGION": "y"},
            ("http://minio", "x", "id", b"key", ""),
        ),
        ({"KOPS_STATE_S3_ACL": " bucket-owner-read\n"}, ("", "", "", b"", "bucket-owner-read")),
    ],
    ids=str,
)  # fmt: skip
def test_an_endpoint_has_its_own_region_and_keys_and_aws_has_those_of_the_sdk(
    environ: dict[str, str], expected: tuple[str, str, str, bytes, str]
) -> None:
    login = AwsLogin()
    found = StoreSettings.of(environ, login)
    secret = found.secret_access_key.reveal()
    assert (found.endpoint, found.region, found.access_key_id, secret, found.acl) == expected
    assert found.login is login


@pytest.mark.parametrize("missing", KEYS)
def test_an_endpoint_without_its_keys_is_refused(missing: str) -> None:
    environ = {name: value for name, value in KEYS.items() if name != missing}
    with pytest.raises(UsageError, match="S3_ENDPOINT is set without its keys") as refused:
        StoreSettings.of({**environ, "S3_ENDPOINT": "minio"})
    assert (refused.value.where, refused.value.remedy) == (missing, f"set {missing} too")
