"""Finds the AWS calls in our code, and the IAM action that each needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kops_core

CORE = Path(kops_core.__file__).parent
SERVICES = ("autoscaling", "ec2", "elbv2", "events", "iam", "kms", "route53", "s3", "sqs", "ssm", "sts")
DIFFERENT = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObjects": "s3:DeleteObject",
}
"""Actions with another name than their call (Amazon S3 API Reference, "Permissions" of each operation)."""
FREE = {"sts:GetCallerIdentity"}
"""Calls that need no permission (AWS STS API Reference)."""


def action_of(call: str) -> str:
    """The IAM action of a call such as ``ec2:DescribeVpcs``; "" for one that needs none."""
    return "" if call in FREE else DIFFERENT.get(call, call)


@cache
def _operations(service: str) -> dict[str, str]:
    """Methods of a client -> calls."""
    from botocore import xform_name
    from botocore.session import get_session

    model = get_session().get_service_model(service)
    return {xform_name(name): f"{model.signing_name}:{name}" for name in model.operation_names}


def possible_calls() -> dict[str, set[str]]:
    """All calls in the code -> the files with them."""
    found: dict[str, set[str]] = {}
    for path in sorted(CORE.rglob("*.py")):
        folder = path.relative_to(CORE).parts[0]
        if folder not in {"cloud", "store", "engine"} or "sandbox" in path.parts:
            continue
        for call in _calls_in(path):
            found.setdefault(call, set()).add(str(path.relative_to(CORE)))
    return found


def _calls_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    here = {each for each in SERVICES if each in attributes or f"{each}_once" in attributes}
    if path.parent.name == "store":
        here = {"s3"} if path.name.startswith("s3") else set()
    for node in nodes:
        method, receiver = "", ""
        if isinstance(node, ast.Attribute):
            method, receiver = node.attr, ast.unparse(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("get_paginator", "get_waiter")):
            method = ast.literal_eval(node.args[0])
            receiver = ast.unparse(node.func)
        named = {each for each in here if f".{each}" in receiver or receiver.startswith(each)}
        for service in sorted(named or here):
            if method in _operations(service):
                yield _operations(service)[method]
