"""Limits of requests and accounts: sizes, names, tags, batches, quotas."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

_INVALID: Mapping[str, str] = {
    "ec2": "InvalidParameterValue",
    "events": "ValidationException",
    "route53": "InvalidInput",
    "sqs": "InvalidParameterValue",
    "ssm": "ValidationException",
}
_COMMON = "ValidationError"
"""The error code of Auto Scaling, ELB, IAM and STS."""


def _invalid(request: Request, message: str) -> Exception:
    return refusal(_INVALID.get(request.service, _COMMON), message)


def _sizes_of_the_model(strict: StrictAccount) -> None:
    from botocore.exceptions import UnknownServiceError
    from botocore.model import OperationNotFoundError
    from botocore.session import get_session

    session = get_session()
    model = cache(session.get_service_model)

    def refuse(request: Request) -> None:
        try:
            shape = model(request.service).operation_model(request.action).input_shape
        except (UnknownServiceError, OperationNotFoundError):
            return
        for name, complaint in _complaints(shape, request.parameters, ""):
            raise _invalid(request, f"1 validation error detected: Value at '{name}' {complaint}")

    strict.check(refuse)


def _complaints(shape: Json, value: Json, name: str) -> Iterator[tuple[str, str]]:
    most, pattern = shape.metadata.get("max"), _compiled(shape.metadata.get("pattern", ""))
    if most is not None:
        if isinstance(value, str | list) and len(value) > most:
            yield name, f"failed to satisfy constraint: Member must have length less than or equal to {most}"
        if isinstance(value, int) and value > most:
            yield name, f"failed to satisfy constraint: Member must have value less than or equal to {most}"
    if pattern is not None and isinstance(value, str) and not pattern.fullmatch(value):
        yield name, f"failed to satisfy constraint: Member must satisfy pattern: {pattern.pattern}"
    if shape.type_name == "structure" and isinstance(value, dict):
        for key, member in shape.members.items():
            if value.get(key) is not None:
                yield from _complaints(member, value[key], f"{name}.{key}".lstrip("."))
    elif shape.type_name == "list" and isinstance(value, list):
        for each in value:
            yield from _complaints(shape.member, each, f"{name}.member")


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None  # written for Java


def _batches(strict: StrictAccount) -> None:
    most = {
        ("elbv2", "DescribeTags", "ResourceArns"): 20,
        ("elbv2", "AddTags", "ResourceArns"): 20,
        ("elbv2", "DescribeLoadBalancers", "Names"): 20,
        ("elbv2", "DescribeLoadBalancers", "LoadBalancerArns"): 20,
        ("autoscaling", "AttachLoadBalancerTargetGroups", "TargetGroupARNs"): 10,
        ("autoscaling", "DetachLoadBalancerTargetGroups", "TargetGroupARNs"): 10,
        ("autoscaling", "AttachLoadBalancers", "LoadBalancerNames"): 10,
        ("autoscaling", "DetachLoadBalancers", "LoadBalancerNames"): 10,
        ("events", "PutTargets", "Targets"): 5,
        ("ec2", "CreateTags", "Resources"): 1000,
        ("ec2", "TerminateInstances", "InstanceIds"): 1000,
    }
    largest = {
        ("autoscaling", "MaxRecords"): 100,
        ("elbv2", "PageSize"): 400,
        ("ec2", "MaxResults"): 1000,
    }

    def refuse(request: Request) -> None:
        for name, value in request.parameters.items():
            allowed = most.get((request.service, request.action, name))
            if allowed and len(value) > allowed:
                raise _invalid(request, f"{name}: {len(value)} are more than {allowed}")
            biggest = largest.get((request.service, name))
            if biggest and int(value) > biggest:
                raise _invalid(request, f"{name}: {value} is more than {biggest}")
        if request.service == "ec2":
            filters = request.parameters.get("Filters") or request.parameters.get("Filter") or ()
            if len(filters) > 50 or any(len(each.get("Values") or ()) > 200 for each in filters):
                raise refusal("FilterLimitExceeded", "too many filters or values of a filter")

    strict.check(refuse)


_TOO_MANY_TAGS: Mapping[str, str] = {
    "autoscaling": "LimitExceeded",
    "ec2": "TagLimitExceeded",
    "elbv2": "TooManyTags",
    "events": "LimitExceededException",
    "iam": "LimitExceeded",
    "sqs": "InvalidParameterValue",
}


def _names_and_tags(strict: StrictAccount) -> None:
    named = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")
    described = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*")

    def refuse(request: Request) -> None:
        for tags in _tags(request.parameters):
            if len(tags) > 50 and request.service in _TOO_MANY_TAGS:
                raise refusal(_TOO_MANY_TAGS[request.service], f"{len(tags)} tags are more than 50")
            for key, value in tags:
                if not 0 < len(key) <= 128 or len(value) > 256 or key.lower().startswith("aws:"):
                    raise _invalid(request, f"the tag {key!r} is not valid")
        name: Json = request.parameters.get("Name")
        if request.service == "elbv2" and request.action.startswith("Create") and name and len(name) > 32:
            raise _invalid(request, f"'{name}' is longer than 32 characters")
        template: Json = request.parameters.get("LaunchTemplateName")
        if request.action == "CreateLaunchTemplate" and not named.fullmatch(template):
            raise refusal("InvalidLaunchTemplateName.MalformedException", f"'{template}' is no valid name")
        if (request.service, request.action) == ("ec2", "CreateSecurityGroup"):
            for each in ("GroupName", "Description"):
                text: Json = request.parameters.get(each, "")
                if len(text) > 255 or not described.fullmatch(text):
                    raise _invalid(request, f"{each} has characters that are not allowed, or too many")

    strict.check(refuse)


def _tags(value: Json, name: str = "") -> Iterator[list[tuple[str, str]]]:
    if isinstance(value, dict):
        if name == "tags" and all(isinstance(each, str) for each in value.values()):
            yield list(value.items())
        for key, each in value.items():
            yield from _tags(each, key)
    elif isinstance(value, list):
        if name == "Tags":
            yield [(each["Key"], each.get("Value") or "") for each in value if isinstance(each, dict)]
        for each in value:
            yield from _tags(each)


def _documents(strict: StrictAccount) -> None:
    from moto.iam.models import IAMBackend

    def refuse(request: Request) -> None:
        data: Json = request.parameters.get("LaunchTemplateData")
        if request.service == "ec2" and data and len(b64decode(data.get("UserData") or "")) > 16384:
            raise refusal("InvalidUserData.Malformed", "User data is limited to 16384 bytes")
        pattern: Json = request.parameters.get("EventPattern")
        if request.service == "events" and pattern and len(pattern) > 2048:
            raise refusal("InvalidEventPatternException", "Event pattern is not valid. Reason: too long")
        trust: Json = request.parameters.get("AssumeRolePolicyDocument")
        if request.service == "iam" and trust and _length(trust) > 2048:
            raise refusal("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")

    def make_put(original: Callable[..., None]) -> Callable[..., None]:
        def put_role_policy(self: IAMBackend, role_name: str, policy_name: str, policy_json: str) -> None:
            others = self.get_role(role_name).policies.items()
            whole = sum(_length(text) for name, text in others if name != policy_name)
            if whole + _length(policy_json) > 10240:
                raise refusal(
                    "LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {role_name}"
                )
            original(self, role_name, policy_name, policy_json)

        return put_role_policy

    strict.check(refuse)
    strict.patch(IAMBackend, "put_role_policy", make_put)


def _length(document: str) -> int:
    """The length of a policy without white space, which IAM does not count."""
    return len(json.dumps(json.loads(document), separators=(",", ":")))


def _tokens(strict: StrictAccount) -> None:
    def refuse(request: Request) -> None:
        token: Json = request.parameters.get("ClientToken")
        if request.service == "ec2" and token and (len(token) > 64 or not token.isascii()):
            raise refusal("InvalidClientToken", f"The client token '{token}' is not valid")

    strict.check(refuse)


BEHAVIOURS = (
    Behaviour(
        "sizes-of-the-model",
        "A parameter that is longer or larger than its model allows, or does not match its pattern, is "
        "refused (ValidationError, InvalidParameterValue): names of roles, profiles, rules and groups, page "
        "sizes.",
        "botocore's models, `max` and `pattern` (botocore itself checks `min` alone)",
        _sizes_of_the_model,
    ),
    Behaviour(
        "batches-have-a-size",
        "A call takes so many items: 20 for ELB's tags and names, 10 target groups of a group, 5 targets of "
        "a rule, 200 values of an EC2 filter (FilterLimitExceeded); pages have a largest size.",
        "API Reference of each call; EC2 User Guide, filtering; EventBridge User Guide, quotas",
        _batches,
    ),
    Behaviour(
        "names-and-tags-have-limits",
        "50 tags with keys of 128 and values of 256 characters, none beginning with `aws:`; names of load "
        "balancers and target groups of 32, of launch templates of 128; names and descriptions of security "
        "groups of 255, of some characters only.",
        "EC2 User Guide, tag restrictions; ELBv2 API Reference, CreateLoadBalancer; EC2 API Reference, "
        "CreateSecurityGroup",
        _names_and_tags,
    ),
    Behaviour(
        "documents-have-a-size",
        "User data of 16 KB before base64, inline policies of a role of 10,240 characters together, a trust "
        "policy of 2,048, an event pattern of 2,048.",
        "EC2 User Guide, user data; IAM User Guide, quotas; EventBridge User Guide, quotas",
        _documents,
    ),
    Behaviour(
        "tokens-have-a-form",
        "A client token of EC2 has at most 64 ASCII characters: InvalidClientToken.",
        'EC2 API Reference, error codes; EC2 Developer Guide, "Ensuring idempotency"',
        _tokens,
    ),
)
