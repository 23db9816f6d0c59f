"""The request rates that AWS documents, as token buckets.

Sources:
EC2: Amazon EC2 Developer Guide, "Request throttling for the Amazon EC2 API": a bucket for each API, sized
by category, and the "uncategorized actions" with sizes of their own.
ELBv2, ELB: Elastic Load Balancing User Guide, "Request throttling for the Elastic Load Balancing API": a
bucket for all calls of a version of the API, and one for each category.
Route 53: Developer Guide, Quotas, "Amazon Route 53 API requests": five a second for the account.
EventBridge: User Guide, Quotas: 50 a second for every call but PutEvents.
IAM ("How to monitor and query IAM resources at scale", AWS Security Blog), Auto Scaling (API Reference,
"API request rate"), SQS and STS say that they throttle, but not at what rate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

READS = ("Describe", "Get", "List", "Search")


@dataclass(frozen=True)
class Bucket:
    """A token bucket: each call takes a token, and is refused if there is none."""

    name: str
    """The calls that share it, e.g. ``ec2 CreateTags`` or ``elbv2 mutating``."""
    size: float
    """Its capacity: calls that may be made at once."""
    refill: float
    """Tokens a second: the sustained rate of calls."""


def buckets_of(service: str, call: str, *, narrowed: bool = False) -> tuple[Bucket, ...]:
    """The buckets that a call takes a token from, the narrowest first; none without a documented rate.

    service: a client's name (``elbv2``), or as the SDK's events name it (``elastic-load-balancing-v2``).
    narrowed: whether the call has a filter or a page size; some lists of EC2 have a smaller bucket for
    calls that have neither.
    """
    service = _CLIENTS.get(service, service)
    if service == "ec2":
        size, refill = _of_ec2(call, narrowed=narrowed)
        return (Bucket(f"ec2 {call}", size, refill),)
    if service in {"elb", "elbv2"}:
        category, (size, refill) = _of_elb(call)
        return (Bucket(f"{service} {category}", size, refill), Bucket(service, *_ELB_ACCOUNT))
    if service == "route53":
        return (Bucket(service, 5, 5),)
    if service == "events" and call != "PutEvents":
        return (Bucket(service, 50, 50),)
    return ()


_CLIENTS: Mapping[str, str] = {
    "elastic-load-balancing": "elb",
    "elastic-load-balancing-v2": "elbv2",
    "eventbridge": "events",
    "route-53": "route53",
}


def _of_ec2(call: str, *, narrowed: bool) -> tuple[float, float]:
    if call in _EC2_OWN:
        return _EC2_OWN[call]
    if call.startswith(READS):
        return (50, 10) if call in _EC2_LISTS and not narrowed else (100, 20)
    return (50, 5)


_EC2_LISTS = frozenset(
    {
        "DescribeInstanceStatus",
        "DescribeInstances",
        "DescribeNetworkInterfaces",
        "DescribeSecurityGroups",
        "DescribeSnapshots",
        "DescribeSpotInstanceRequests",
        "DescribeVolumes",
    }
)
"""Lists with a smaller bucket if they have no filter."""

_EC2_OWN: Mapping[str, tuple[float, float]] = {
    "AssociateIamInstanceProfile": (100, 5),
    "CreateLaunchTemplateVersion": (100, 5),
    "CreateNatGateway": (10, 1),
    "CreateNetworkInterface": (100, 5),
    "CreateTags": (100, 10),
    "CreateVolume": (100, 5),
    "CreateVpcEndpoint": (4, 0.3),
    "DeleteNatGateway": (10, 1),
    "DeleteNetworkInterface": (100, 5),
    "DeleteTags": (100, 10),
    "DeleteVolume": (100, 5),
    "DescribeReservedInstancesOfferings": (10, 10),
    "ModifyInstanceMetadataOptions": (100, 5),
    "ModifyLaunchTemplate": (100, 5),
    "ModifyNetworkInterfaceAttribute": (100, 5),
    "RunInstances": (5, 2),
    "StartInstances": (5, 2),
    "TerminateInstances": (100, 5),
}
"""Size and refill of EC2's "uncategorized actions", those that are used here or close to it."""

_ELB_ACCOUNT = (40.0, 10.0)


def _of_elb(call: str) -> tuple[str, tuple[float, float]]:
    if call.startswith("Describe"):
        return "non-mutating", (40, 10)
    if call in {"CreateLoadBalancer", "SetSubnets", "AttachLoadBalancerToSubnets"}:
        return "resource-intensive", (10, 0.2)
    if call.startswith(("Register", "Deregister")):
        return "registration", (20, 4)
    return "mutating", (20, 3)
