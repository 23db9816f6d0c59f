"""Lists rules of security groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import SecurityGroupRuleTypeDef

    from kops_core.cloud.aws.session import AwsSession


def list_rules(aws: AwsSession, name: str, values: Sequence[str]) -> list[SecurityGroupRuleTypeDef]:
    """I/O. The rules that match a filter: ``group-id``, ``security-group-rule-id`` or ``tag:<key>``.

    EC2 has no other filters of rules (DescribeSecurityGroupRules). Raises ClientError.
    """
    pages = aws.ec2.get_paginator("describe_security_group_rules")
    return [
        rule
        for page in pages.paginate(Filters=[{"Name": name, "Values": list(values)}])
        for rule in page["SecurityGroupRules"]
    ]
