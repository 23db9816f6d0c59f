"""Settings of the store's backends, from the environment variables of kOps and the AWS SDK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from kops_core.errors import UsageError
from kops_core.store.aws_login import AwsLogin
from kops_core.store.secret import Secret


@dataclass(frozen=True)
class StoreSettings:
    """Settings of the state store's backends. The default reaches S3 by the AWS SDK's own chain."""

    endpoint: str = ""
    """Base URL of an S3-compatible service (``S3_ENDPOINT``); "" is AWS."""
    region: str = ""
    """Region at that endpoint (``S3_REGION``), or where to ask for the bucket's own (``AWS_REGION``)."""
    access_key_id: str = ""
    """For the endpoint (``S3_ACCESS_KEY_ID``)."""
    secret_access_key: Secret = field(default_factory=lambda: Secret(b""))
    """For the endpoint (``S3_SECRET_ACCESS_KEY``)."""
    acl: str = ""
    """Canned ACL for every object (``KOPS_STATE_S3_ACL``)."""
    login: AwsLogin = field(default_factory=AwsLogin, repr=False)
    """The credentials for S3, unless the endpoint has its own."""

    @classmethod
    def of(cls, environ: Mapping[str, str], login: AwsLogin | None = None) -> Self:
        """The settings in an environment. Raises UsageError if an endpoint is set without its keys."""
        endpoint = environ.get("S3_ENDPOINT", "")
        if endpoint and "://" not in endpoint:
            endpoint = f"https://{endpoint}"
        for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"):
            if endpoint and not environ.get(name):
                raise UsageError("S3_ENDPOINT is set without its keys", where=name, remedy=f"set {name} too")
        aws_region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION", "")
        return cls(
            endpoint=endpoint,
            region=environ.get("S3_REGION", "us-east-1") if endpoint else aws_region,
            access_key_id=environ.get("S3_ACCESS_KEY_ID", "") if endpoint else "",
            secret_access_key=Secret(environ.get("S3_SECRET_ACCESS_KEY", "").encode() if endpoint else b""),
            acl=environ.get("KOPS_STATE_S3_ACL", "").strip(),
            login=login or AwsLogin(),
        )
