"""The address of a cluster's API: that of its load balancer."""

from __future__ import annotations

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession

_REVISION_TAG = "kops.k8s.io/revision"
"""Tag with the revision of a replaced balancer; the highest is in use."""
_AT_ONCE = 20
"""The limit of load balancers in DescribeTags."""


def api_address(aws: AwsSession, cluster: str) -> str:
    """I/O. DNS name of the newest load balancer of a cluster's API; "" without one. Raises CloudError."""
    found: list[tuple[int, str]] = []
    with translated(f"load balancer api.{cluster}"):
        pages = aws.elbv2.get_paginator("describe_load_balancers").paginate()
        names = {each["LoadBalancerArn"]: each["DNSName"] for page in pages for each in page["LoadBalancers"]}
        arns = list(names)
        for start in range(0, len(arns), _AT_ONCE):
            answer = aws.elbv2.describe_tags(ResourceArns=arns[start : start + _AT_ONCE])
            for item in answer["TagDescriptions"]:
                tags = tags_of(item)
                if tags.get("Name") == f"api.{cluster}" and f"kubernetes.io/cluster/{cluster}" in tags:
                    found.append((int(tags.get(_REVISION_TAG, "0")), names[item["ResourceArn"]]))
    return max(found)[1] if found else ""
