"""The meaning of AWS' error codes, as one table with sources. The first matching row decides.

Sources, where a row names none other: "EC2" is the Amazon EC2 API Reference, "Error codes for the Amazon
EC2 API"; a service's name is the list of errors of the operation in its API Reference; "kOps" is the file
in its source that handles the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Meaning(Enum):
    """The meaning of an error."""

    DENIED = "the credentials lack a permission"
    EXPIRED = "the credentials are not valid any more"
    OUT_OF_TIME = "a clock is wrong, or the credentials are others"
    QUOTA = "the account may not have more of it"
    GONE = "it does not exist, or AWS does not find it yet"
    NOT_YET = "the same call may succeed later"
    DEPENDENCY = "something that it needs is wrong, or too new to be known everywhere"
    CONFLICT = "it exists already, or something still uses it"
    THROTTLED = "calls came too fast"
    INVALID = "the call can't succeed as it is"


@dataclass(frozen=True)
class Row:
    """Errors that mean the same."""

    meaning: Meaning
    codes: frozenset[str]
    source: str
    says: str = ""
    """A text that the message has to contain, for codes with several meanings."""
    operations: frozenset[str] = frozenset()
    """The operations that it applies to; empty for any."""
    ends: str = ""
    """The suffix of further codes."""

    def fits(self, code: str, message: str, operation: str) -> bool:
        """Whether an error matches this row."""
        coded = code in self.codes or bool(self.ends and code.endswith(self.ends))
        return coded and self.says in message and (not self.operations or operation in self.operations)


def _row(meaning: Meaning, codes: str, source: str, *, says: str = "", of: str = "", ends: str = "") -> Row:
    return Row(meaning, frozenset(codes.split()), source, says, frozenset(of.split()), ends)


TABLE: tuple[Row, ...] = (
    _row(
        Meaning.THROTTLED,
        "BandwidthLimitExceeded EC2ThrottledException PriorRequestNotComplete RequestLimitExceeded "
        "RequestThrottled RequestThrottledException SlowDown Throttled ThrottledException Throttling "
        "ThrottlingException TooManyRequestsException",
        "botocore, retries/standard.py",
    ),
    # IAM is eventually consistent (IAM User Guide, "Changes that I make are not always immediately visible").
    _row(
        Meaning.NOT_YET,
        "ValidationError InvalidParameterValue",
        "kOps, awstasks/autoscalinggroup.go",
        says="Invalid IAM Instance Profile",
    ),
    _row(
        Meaning.NOT_YET,
        "ValidationError InvalidParameterValue",
        "EC2, RunInstances; the role is put into the profile by a step of its own",
        says="has no associated IAM Roles",
    ),
    _row(
        Meaning.NOT_YET,
        "MalformedPolicyDocument",
        "IAM User Guide, troubleshooting policies: a principal just made",
        says="Invalid principal",
    ),
    _row(
        Meaning.NOT_YET,
        "ValidationError",
        "Auto Scaling User Guide, troubleshooting: a role just made",
        says="not authorized to perform iam:PassRole",
    ),
    _row(Meaning.NOT_YET, "AlreadyExists", "Auto Scaling, DeleteAutoScalingGroup", says="pending delete"),
    _row(
        Meaning.NOT_YET,
        "AWS.SimpleQueueService.QueueDeletedRecently QueueDeletedRecently",
        "SQS, CreateQueue: for 60 seconds after a queue of that name was deleted",
    ),
    _row(
        Meaning.DEPENDENCY,
        "ValidationError",
        "kOps, awstasks/warmpool.go: a group just made",
        of="PutWarmPool",
    ),
    _row(
        Meaning.DEPENDENCY,
        "ValidationError",
        "Auto Scaling, AttachLoadBalancerTargetGroups",
        says="Target Groups may not be valid",
    ),
    _row(
        Meaning.DEPENDENCY,
        "SubnetNotFound InvalidSubnet InvalidSecurityGroup",
        "ELBv2, CreateLoadBalancer: EC2's subnet or security group, just made",
    ),
    _row(
        Meaning.DEPENDENCY,
        "InvalidSubnet.Range",
        "EC2: also while a block of the VPC is being associated (kOps waits for it, awstasks/subnet.go)",
    ),
    _row(Meaning.DEPENDENCY, "InvalidVPCId", "Route 53, CreateHostedZone: EC2's VPC, just made"),
    _row(
        Meaning.CONFLICT,
        "InvalidParameterValue",
        "EC2, DeleteNetworkInterface",
        says="is currently in use",
    ),
    _row(
        Meaning.NOT_YET,
        "ConcurrentAccess ConcurrentModification ConcurrentModificationException IncorrectState "
        "InternalError InternalFailure InternalServerError InvalidVpcState OperationNotPermitted.Pending "
        "RequestTimeout ServiceUnavailable Unavailable VolumeModificationInProgress",
        "EC2; common errors of each service",
    ),
    _row(Meaning.NOT_YET, "ResourceContention ScalingActivityInProgress", "Auto Scaling"),
    _row(Meaning.NOT_YET, "InvalidNatGatewayID.NotFound", "kOps, awstasks/route.go"),
    _row(
        Meaning.GONE,
        "InvalidLaunchTemplateName.NotFoundException NatGatewayNotFound Gateway.NotAttached",
        "EC2",
        ends=".NotFound",
    ),
    _row(Meaning.GONE, "ListenerNotFound LoadBalancerNotFound TargetGroupNotFound", "ELBv2"),
    _row(Meaning.GONE, "NoSuchBucket NoSuchKey NoSuchBucketPolicy", "S3"),
    _row(Meaning.GONE, "NoSuchEntity", "IAM"),
    _row(Meaning.GONE, "NoSuchHostedZone", "Route 53"),
    _row(
        Meaning.GONE, "ParameterNotFound ResourceNotFoundException NotFoundException", "SSM; EventBridge; KMS"
    ),
    _row(Meaning.GONE, "AWS.SimpleQueueService.NonExistentQueue QueueDoesNotExist", "SQS"),
    _row(
        Meaning.GONE, "ValidationError", "Auto Scaling, for names that are not found", says="does not exist"
    ),
    _row(Meaning.GONE, "ValidationError", "Auto Scaling, for names that are not found", says="not found"),
    _row(
        Meaning.EXPIRED,
        "ExpiredToken ExpiredTokenException InvalidClientTokenId UnrecognizedClientException "
        "InvalidAccessKeyId TokenRefreshRequired",
        "common errors of each service; S3",
    ),
    _row(
        Meaning.OUT_OF_TIME,
        "RequestExpired RequestTimeTooSkewed SignatureDoesNotMatch InvalidSignatureException AuthFailure",
        "common errors of each service; S3",
    ),
    _row(
        Meaning.DENIED,
        "AccessDenied AccessDeniedException UnauthorizedOperation OptInRequired",
        "common errors of each service",
    ),
    _row(
        Meaning.CONFLICT,
        "DependencyViolation InvalidGroup.Duplicate InvalidGroup.InUse InvalidKeyPair.Duplicate "
        "InvalidLaunchTemplateName.AlreadyExistsException InvalidPermission.Duplicate InvalidSubnet.Conflict "
        "Resource.AlreadyAssociated RouteAlreadyExists",
        "EC2",
    ),
    _row(
        Meaning.CONFLICT,
        "DuplicateListener DuplicateLoadBalancerName DuplicateTargetGroupName ResourceInUse",
        "ELBv2",
    ),
    _row(Meaning.CONFLICT, "AlreadyExists AlreadyExistsFault ResourceInUseFault", "Auto Scaling"),
    _row(Meaning.CONFLICT, "DeleteConflict EntityAlreadyExists", "IAM"),
    _row(
        Meaning.INVALID,
        "FilterLimitExceeded TagLimitExceeded",
        "EC2: limits of a call that no quota raises",
    ),
    _row(
        Meaning.QUOTA,
        "TooManyListeners TooManyLoadBalancers TooManyTargetGroups TooManyTargets LimitExceededException "
        "LimitExceeded TooManyHostedZones",
        "EC2 (codes that end in LimitExceeded); ELBv2; IAM; EventBridge; Route 53",
        ends="LimitExceeded",
    ),
)


def meaning_of(code: str, message: str = "", operation: str = "") -> Meaning:
    """The meaning of an error; INVALID if the table does not contain it."""
    return next((row.meaning for row in TABLE if row.fits(code, message, operation)), Meaning.INVALID)


THROTTLED = TABLE[0].codes
"""Codes of throttled calls."""
