"""kOps' names of AWS resources, within AWS' limits of length."""

from __future__ import annotations

from kops_core.model.names import hashed, truncated

MAX_IAM_NAME = 64
"""Length of the name of an IAM role."""


def balancer_name(cluster: str, prefix: str) -> str:
    """The name in AWS of a load balancer or target group: 32 characters at most, always with a hash."""
    return hashed(f"{prefix}-{cluster.replace('.', '-')}", 32)


def queue_name(cluster: str) -> str:
    """The name of the termination handler's queue: 80 characters at most, without dots."""
    return truncated(cluster.replace(".", "-"), 75) + "-nth"


def event_rule_prefix(cluster: str) -> str:
    """The prefix of the names of the cluster's EventBridge rules."""
    return truncated(cluster, 40)


def iam_name(role_prefix: str, cluster: str) -> str:
    """The name of the IAM role and instance profile of an instance group role, e.g. ``masters``."""
    return truncated(f"{role_prefix}.{cluster}", MAX_IAM_NAME)


def service_account_role_name(name: str, namespace: str, cluster: str) -> str:
    """The name of the IAM role of a service account."""
    return truncated(f"{name}.{namespace.replace('*', 'wildcard')}.sa.{cluster}", MAX_IAM_NAME)
