"""Common functions of load balancers and target groups: tags by ARN, and revisions.

ELBv2 can't filter by tag: all are listed, and tags are only read of those in the cluster's VPC.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from kops_core.cloud.aws.adapter import tag_changes, tag_list
from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.observation import ObservationContext, Tags, tags_of
from kops_core.cloud.aws.resources.balancers import NetworkLoadBalancer
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import LoadBalancerTypeDef

    from kops_core.cloud.aws.session import AwsSession

_TAGS_AT_ONCE = 20
"""The limit of ARNs in DescribeTags."""
LONGEST_NAME = 32
"""The limit of characters of a name in ELBv2."""
REVISION_TAG = "kops.k8s.io/revision"
"""Tag of a balancer that replaced another: the time in seconds. The highest is in use (kOps)."""

Balancer: TypeAlias = tuple["LoadBalancerTypeDef", Tags]


def tags_by_arn(aws: AwsSession, arns: Sequence[str]) -> dict[str, Tags]:
    """The tags of balancers or target groups."""
    chunks = [arns[start : start + _TAGS_AT_ONCE] for start in range(0, len(arns), _TAGS_AT_ONCE)]
    answers = [aws.elbv2.describe_tags(ResourceArns=chunk)["TagDescriptions"] for chunk in chunks]
    return {item["ResourceArn"]: tags_of(item) for answer in answers for item in answer}


def balancers_in(aws: AwsSession, vpcs: Collection[str | None], ownership_tag: str) -> list[Balancer]:
    """The balancers in some VPCs with a cluster's tag."""
    return _of_cluster(aws, _all_balancers(aws), vpcs, ownership_tag)


def _all_balancers(aws: AwsSession) -> list[LoadBalancerTypeDef]:
    pages = aws.elbv2.get_paginator("describe_load_balancers").paginate()
    return [each for page in pages for each in page["LoadBalancers"]]


def _of_cluster(
    aws: AwsSession,
    there: Sequence[LoadBalancerTypeDef],
    vpcs: Collection[str | None],
    ownership_tag: str,
) -> list[Balancer]:
    near = [each for each in there if each.get("VpcId") in vpcs]
    tags = tags_by_arn(aws, [each["LoadBalancerArn"] for each in near])
    pairs_ = [(each, tags[each["LoadBalancerArn"]]) for each in near]
    return [pair for pair in pairs_ if ownership_tag in pair[1]]


def balancers(reading: ObservationContext) -> list[Balancer]:
    """The cluster's balancers, in all their revisions."""
    there = reading.once("balancers of the account", lambda: _all_balancers(reading.aws))
    vpcs = {reading.value(each.vpc) for each in reading.of(NetworkLoadBalancer)}
    return reading.once("balancers", lambda: _of_cluster(reading.aws, there, vpcs, reading.ownership_tag))


def revision_of(tags: Tags) -> int:
    """The revision of a balancer or target group; 0 for the first of its name."""
    text = tags.get(REVISION_TAG, "")
    return int(text) if text.isdigit() else 0


def revision_tag(revision: str) -> Tags:
    """The tag of a revision; none for the first."""
    return {REVISION_TAG: revision} if revision else {}


def managed_tags(tags: Tags) -> Tags:
    """Tags without AWS' own and that of revisions."""
    return {key: value for key, value in tags.items() if key != REVISION_TAG and not key.startswith("aws:")}


def retag(
    work: CallContext, tags: Mapping[str, str] | None, observed: Observed, *, whole: bool = False
) -> None:
    """Updates the tags of a balancer or target group to the desired ones; whole: others are removed."""
    put, remove = tag_changes(tags, getattr(observed.resource, "tags", None), whole=whole)
    if put:
        work.aws.elbv2.add_tags(ResourceArns=[observed.id], Tags=tag_list(put))
    if remove:
        work.aws.elbv2.remove_tags(ResourceArns=[observed.id], TagKeys=remove)
