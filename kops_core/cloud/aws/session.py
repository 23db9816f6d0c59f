"""The session through which all calls to AWS are made; it is passed in.

A client costs about 20 ms of CPU, so each is made when its service is first called. botocore's clients may be
shared by threads, its sessions may not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.meanings import THROTTLED
from kops_core.errors import Refused
from kops_core.store import fence
from kops_core.store.aws_login import AwsLogin
from kops_core.version import __version__

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

_ATTEMPTS = 8
"""Attempts of one call, in the SDK's standard mode. Calls that still fail are retried by the operation."""


@dataclass(frozen=True)
class AwsSettings:
    """Settings of a session; empty ones come from the SDK's configuration."""

    region: str = ""
    endpoint_url: str = ""
    role_arn: str = ""
    """A role to assume (kOps: ``KOPS_AWS_ROLE_ARN``)."""
    threads: int = 8
    read_timeout: float = 60
    """Timeout of a response in seconds."""
    locked_only: bool = False
    """Refuse changes without a fence."""


@dataclass(frozen=True)
class Call:
    """A recorded call, without its values; ``docs/iam.md`` is checked against these."""

    service: str
    """IAM's name of the service, e.g. ``ec2``."""
    operation: str
    parameters: tuple[str, ...]


Recorder = Callable[[Call], None]


class AwsSession:
    """Clients of the services, with one limiter and one recorder. Safe to use from several threads."""

    def __init__(
        self,
        login: AwsLogin,
        settings: AwsSettings | None = None,
        *,
        limiter: Limiter | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.settings = settings or AwsSettings()
        self.limiter = limiter or Limiter()
        self._login = login
        self._recorder = recorder
        self._account_lock = threading.Lock()
        self._identity: tuple[str, str] | None = None
        self._clients: dict[tuple[str, int], Any] = {}
        self._clients_lock = threading.Lock()

    @property
    def ec2(self) -> EC2Client:
        return cast("EC2Client", self._client("ec2"))

    @property
    def ec2_once(self) -> EC2Client:
        """For creations without idempotency: after a lost response the resource is searched for, instead of
        a blind retry."""
        return cast("EC2Client", self._client("ec2", attempts=1))

    @property
    def autoscaling(self) -> AutoScalingClient:
        return cast("AutoScalingClient", self._client("autoscaling"))

    @property
    def elb(self) -> Any:
        """Classic load balancers; the typed packages don't have it."""
        return self._client("elb")

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        return cast("ElasticLoadBalancingv2Client", self._client("elbv2"))

    @property
    def events(self) -> EventBridgeClient:
        return cast("EventBridgeClient", self._client("events"))

    @property
    def iam(self) -> IAMClient:
        return cast("IAMClient", self._client("iam"))

    @property
    def kms(self) -> Any:
        """The typed packages that are installed don't have it."""
        return self._client("kms")

    @property
    def route53(self) -> Route53Client:
        return cast("Route53Client", self._client("route53"))

    @property
    def s3(self) -> S3Client:
        return cast("S3Client", self._client("s3"))

    @property
    def sqs(self) -> SQSClient:
        return cast("SQSClient", self._client("sqs"))

    @property
    def ssm(self) -> SSMClient:
        return cast("SSMClient", self._client("ssm"))

    @property
    def sts(self) -> STSClient:
        return cast("STSClient", self._client("sts"))

    @classmethod
    def open(
        cls,
        settings: AwsSettings | None = None,
        *,
        login: AwsLogin | None = None,
        limiter: Limiter | None = None,
        recorder: Recorder | None = None,
    ) -> AwsSession:
        """A session with the credentials of a login, by default those that the AWS SDK finds."""
        settings, login = settings or AwsSettings(), login or AwsLogin()
        if settings.role_arn:
            with translated("AWS session"):
                login = login.assuming(settings.role_arn, endpoint_url=settings.endpoint_url)
        return cls(login, settings, limiter=limiter, recorder=recorder)

    @property
    def region(self) -> str:
        """The region of regional services."""
        return self.ec2.meta.region_name

    @property
    def partition(self) -> str:
        """``aws``, ``aws-cn`` or ``aws-us-gov``."""
        return self.ec2.meta.partition

    @property
    def account(self) -> str:
        """The account's id, read once. Raises CloudError."""
        with self._account_lock:
            if self._identity is None:
                with translated("AWS account"):
                    answer = self.sts.get_caller_identity()
                self._identity = (answer["Account"], answer["Arn"])
            return self._identity[0]

    @property
    def arn(self) -> str:
        """The ARN of the caller."""
        return (self.account, self._identity or ("", ""))[1][1]

    def _client(self, service: str, attempts: int = _ATTEMPTS) -> Any:
        """The client of a service. Raises AccessDenied without credentials, CloudError without a region."""
        with self._clients_lock:
            if (service, attempts) not in self._clients:
                with translated("AWS session"):
                    self._clients[service, attempts] = self._made(service, attempts)
            return self._clients[service, attempts]

    def _made(self, service: str, attempts: int) -> Any:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            user_agent_extra=f"kops-tui/{__version__}",
            max_pool_connections=self.settings.threads * 3,
            connect_timeout=10,
            read_timeout=self.settings.read_timeout,
        )
        client = self._login.client(
            service,
            region=self.settings.region,
            config=config,
            endpoint_url=self.settings.endpoint_url,
        )
        events = client.meta.events
        events.register_first("before-send.*", self._before_send)
        events.register("needs-retry.*", self._after_attempt)
        if attempts == 1:
            events.register("needs-retry.*", _again_if_throttled)
        if self._recorder:
            events.register("provide-client-params.*", self._record)
        return client

    def _before_send(self, event_name: str, **rest: object) -> None:
        service, operation = event_name.split(".")[1:]
        self.limiter.before(service, operation)
        if self.settings.locked_only and fence.changes(operation) and not fence.is_fenced():
            raise Refused(f"{operation} would change {service} without the cluster's lock", where="AWS")
        # Last, because the limiter may have waited.
        fence.before_send(event_name)

    def _after_attempt(
        self, event_name: str, response: tuple[Any, dict[str, Any]] | None, **_: object
    ) -> None:
        service, call = event_name.split(".")[1:3]
        code = "" if response is None else response[1].get("Error", {}).get("Code", "")
        if code in THROTTLED:
            self.limiter.throttled(service, call)
        elif response is not None:
            self.limiter.succeeded(service, call)

    def _record(self, params: dict[str, Any], model: Any, **_: object) -> None:
        if self._recorder:
            self._recorder(Call(model.service_model.signing_name, model.name, tuple(sorted(params))))


def _again_if_throttled(
    response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: object
) -> float | None:
    """Seconds after which a throttled call is retried; None for other errors."""
    code = "" if response is None else response[1].get("Error", {}).get("Code", "")
    return min(2.0 ** (attempts - 1), 20.0) if code in THROTTLED and attempts < _ATTEMPTS else None
