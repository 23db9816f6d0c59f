"""Clients of a sandbox's services, and logins, with credentials that it does not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.session import Session

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.aws_login import AwsLogin

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def s3_client(sandbox: Sandbox, config: Config | None = None) -> S3Client:
    """A client of the sandbox's S3."""
    return boto3.client(
        "s3",
        endpoint_url=sandbox.endpoint_url,
        region_name=sandbox.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=config,
    )


def made_up_login(region: str = "") -> AwsLogin:
    """A login with credentials of its own, whatever the environment holds."""
    session = Session()
    session.set_credentials("x", "x")
    if region:
        session.set_config_variable("region", region)
    return AwsLogin(session=session)
