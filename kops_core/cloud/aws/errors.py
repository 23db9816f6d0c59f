"""AWS' errors as ours, by code. The only place that knows what AWS' codes mean."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kops_core.errors import AccessDenied, CloudConflict, CloudError, CloudNotFound, NotReady, Throttled

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

_NOT_FOUND = frozenset(
    {
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidLaunchTemplateName.NotFoundException",
        "ListenerNotFound",
        "LoadBalancerNotFound",
        "NatGatewayNotFound",
        "NoSuchBucket",
        "NoSuchEntity",
        "NoSuchHostedZone",
        "NoSuchKey",
        "ParameterNotFound",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "TargetGroupNotFound",
    }
)
"""Besides every code that ends in ``.NotFound``."""
THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "PriorRequestNotComplete",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""As botocore's own retry handler knows them."""
_EXPIRED = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
    | {"InvalidAccessKeyId", "TokenRefreshRequired"}
)
_OUT_OF_TIME = frozenset(
    {"RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "InvalidSignatureException"}
    | {"AuthFailure"}
)
"""What AWS answers where a clock is wrong, and for other credentials too."""
RENEW = "renew the AWS credentials and run it again; it goes on where it stopped"
SET_CLOCK = f"check that this machine's clock is right, {RENEW}"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "OptInRequired"})
_CONFLICT = frozenset(
    {
        "AlreadyExists",
        "AlreadyExistsFault",
        "DeleteConflict",
        "DependencyViolation",
        "DuplicateListener",
        "DuplicateLoadBalancerName",
        "DuplicateTargetGroupName",
        "EntityAlreadyExists",
        "InvalidGroup.Duplicate",
        "InvalidGroup.InUse",
        "InvalidKeyPair.Duplicate",
        "InvalidLaunchTemplateName.AlreadyExistsException",
        "InvalidPermission.Duplicate",
        "InvalidSubnet.Conflict",
        "Resource.AlreadyAssociated",
        "ResourceInUse",
        "ResourceInUseFault",
        "RouteAlreadyExists",
    }
)
_NOT_READY = frozenset(
    {
        "ConcurrentAccess",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "IncorrectState",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InvalidNatGatewayID.NotFound",
        "InvalidVpcState",
        "OperationNotPermitted.Pending",
        "RequestTimeout",
        "ResourceContention",
        "ScalingActivityInProgress",
        "ServiceUnavailable",
        "Unavailable",
    }
)
_NOT_READY_MESSAGES = (
    ("ValidationError", "Invalid IAM Instance Profile"),
    ("InvalidParameterValue", "Invalid IAM Instance Profile"),
    ("MalformedPolicyDocument", "Invalid principal"),
    ("ValidationError", "not authorized to perform iam:PassRole"),
)
"""Codes that mean something else too, with what the message then says: IAM is eventually consistent."""
_QUOTA = frozenset(
    {"AddressLimitExceeded", "InstanceLimitExceeded", "LimitExceeded", "RulesPerSecurityGroupLimitExceeded"}
    | {"SecurityGroupLimitExceeded", "VcpuLimitExceeded", "VolumeLimitExceeded", "VpcLimitExceeded"}
)


def code_of(error: ClientError) -> str:
    """AWS' own code of an error, e.g. ``InvalidVpcID.NotFound``."""
    return error.response.get("Error", {}).get("Code", "")


def absent(error: ClientError) -> bool:
    """Whether an error says that the object of a call does not exist."""
    code = code_of(error)
    return code in _NOT_FOUND or code.endswith(".NotFound")


def remedy_for(code: str) -> str:
    """What to do about credentials that are no longer good, or a clock that is wrong; "" for other codes."""
    return RENEW if code in _EXPIRED else SET_CLOCK if code in _OUT_OF_TIME else ""


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Raises AWS' errors as ours; ``where`` says what was being done, e.g. a resource's key."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        raise _of_client(error, where) from error
    except BotoCoreError as error:
        raise _of_core(error, where) from error
    except (ResponseParserError, UnicodeDecodeError) as error:
        raise NotReady(
            "AWS' answer can't be read: it is no answer of AWS, or not all of it came",
            where=where,
            code="ResponseParserError",
            remedy="check the network and any proxy, then run it again; it goes on where it stopped",
        ) from error
    except (KeyError, IndexError) as error:
        raise CloudError(
            f"AWS' answer lacks what belongs into it ({error})",
            where=where,
            code="IncompleteAnswer",
            remedy="check the network and any proxy, then run it again; it goes on where it stopped",
        ) from error


def _of_client(error: ClientError, where: str) -> CloudError:
    code = code_of(error)
    message = error.response.get("Error", {}).get("Message", "") or code
    what = f"{error.operation_name}: {message} ({code})"
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in THROTTLED:
        return Throttled(what, where=where, code=code)
    if code in _NOT_READY or status >= 500 or _says_not_ready(code, message):
        return NotReady(what, where=where, code=code)
    if absent(error) or (code == "ValidationError" and "does not exist" in message):
        return CloudNotFound(what, where=where, code=code)
    if code in _EXPIRED | _OUT_OF_TIME | _DENIED:
        needed = f"the credentials need the permission for {error.operation_name}"
        return AccessDenied(what, where=where, code=code, remedy=remedy_for(code) or needed)
    if code in _CONFLICT:
        return CloudConflict(what, where=where, code=code)
    remedy = "ask AWS for a higher quota, then run it again" if code in _QUOTA else ""
    return CloudError(what, where=where, code=code, remedy=remedy)


def _says_not_ready(code: str, message: str) -> bool:
    return any(code == each and text in message for each, text in _NOT_READY_MESSAGES)


def _of_core(error: BotoCoreError, where: str) -> CloudError:
    from botocore.exceptions import (
        ClientError,
        ConnectionError,  # noqa: A004 - botocore's own
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        NoRegionError,
        PartialCredentialsError,
        TokenRetrievalError,
    )

    assert not isinstance(error, ClientError)  # noqa: S101 - ClientError is no BotoCoreError
    code = type(error).__name__
    if isinstance(
        error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError | TokenRetrievalError
    ):
        remedy = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI"
        return AccessDenied(f"no usable AWS credentials: {error}", where=where, code=code, remedy=remedy)
    if isinstance(error, NoRegionError):
        return CloudError("no AWS region is set", where=where, code=code, remedy="set AWS_REGION")
    if isinstance(error, HTTPClientError | ConnectionError):
        return NotReady(f"AWS did not answer: {error}", where=where, code=code, remedy="check the network")
    return CloudError(str(error), where=where, code=code)
