"""Request rates: token buckets, and each service's own throttling error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.cloud.aws.rates import Bucket, buckets_of
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

UNDOCUMENTED: Mapping[str, Bucket] = {
    "autoscaling": Bucket("autoscaling", 40, 10),
    "iam": Bucket("iam", 40, 15),
    "sqs": Bucket("sqs", 40, 20),
    "sts": Bucket("sts", 40, 20),
}
"""Buckets of services with undocumented rates: one each, of an arbitrary size."""

_SAYS: Mapping[str, tuple[str, str]] = {
    "ec2": ("RequestLimitExceeded", "Request limit exceeded."),
    "elb": ("Throttling", "Rate exceeded"),
    "elbv2": ("ThrottlingException", "Rate exceeded"),
    "events": ("ThrottlingException", "Rate exceeded"),
    "sqs": ("RequestThrottled", "Request is throttled."),
}
_COMMON = ("Throttling", "Rate exceeded")
"""Auto Scaling, IAM, Route 53 and STS."""


@dataclass
class _Tokens:
    left: float
    at: float


def _rates(strict: StrictAccount) -> None:
    tokens: dict[str, _Tokens] = {}

    def available(bucket: Bucket) -> _Tokens:
        # A bucket of less than one token would never let a call through.
        size, now = max(1.0, bucket.size * strict.rate_scale), strict.now()
        state = tokens.setdefault(bucket.name, _Tokens(size, now))
        state.left = min(size, state.left + (now - state.at) * bucket.refill * strict.rate_scale)
        state.at = now
        return state

    def take(request: Request) -> None:
        buckets = buckets_of(request.service, request.action, narrowed=_narrowed(request))
        if not buckets and request.service in UNDOCUMENTED:
            buckets = (UNDOCUMENTED[request.service],)
        states = [available(each) for each in buckets]
        if any(each.left < 1 for each in states):
            strict.throttled[f"{request.service} {request.action}"] += 1
            raise refusal(*_SAYS.get(request.service, _COMMON))
        for each in states:
            each.left -= 1

    strict.check(take)


def _narrowed(request: Request) -> bool:
    return any(name == "MaxResults" or name.startswith("Filter") for name in request.parameters)


BEHAVIOURS = (
    Behaviour(
        "request-rates",
        "Calls take tokens from buckets, of each API (EC2), of a category and the account (ELB) or of the "
        "service, and are refused when one is empty: RequestLimitExceeded, Throttling, ThrottlingException, "
        "RequestThrottled, as the service says it. `StrictAccount(rate_scale=0.1)` has a tenth of each.",
        'EC2 Developer Guide and ELB User Guide, "Request throttling"; Route 53 Developer Guide and '
        "EventBridge User Guide, quotas; IAM, Auto Scaling and SQS name no rate: ours is in "
        "`strict/rates.py`",
        _rates,
    ),
)
