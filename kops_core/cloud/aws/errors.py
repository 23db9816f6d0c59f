"""Translates AWS' errors into ours, by the table in ``meanings``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from kops_core.cloud.aws.meanings import Meaning, meaning_of
from kops_core.errors import (
    AccessDenied,
    CloudConflict,
    CloudError,
    CloudNotFound,
    DependencyNotReady,
    NotReady,
    Throttled,
)

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError


def code_of(error: ClientError) -> str:
    """AWS' own code of an error, e.g. ``InvalidVpcID.NotFound``."""
    return error.response.get("Error", {}).get("Code", "")


_T = TypeVar("_T")


def absent(error: ClientError) -> bool:
    """Whether an error says that the object of a call does not exist."""
    message = error.response.get("Error", {}).get("Message", "")
    meaning = meaning_of(code_of(error), message, error.operation_name)
    return meaning is Meaning.GONE or code_of(error).endswith(".NotFound")


def if_there(ask: Callable[[], _T]) -> _T | None:
    """The answer of a call, or None if the object that it asks for does not exist."""
    from botocore.exceptions import ClientError

    try:
        return ask()
    except ClientError as error:
        if absent(error):
            return None
        raise


RENEW = "renew the AWS credentials and run it again; it goes on where it stopped"
SET_CLOCK = f"check that this machine's clock is right, {RENEW}"


@contextmanager
def translated(where: str) -> Iterator[None]:
    """A block in which AWS' errors are raised as ours; ``where``: the subject, e.g. a resource's key."""
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
    meaning = meaning_of(code, message, error.operation_name)
    if meaning is Meaning.INVALID and status >= 500:
        meaning = Meaning.NOT_YET
    kind, remedy = _ERRORS[meaning]
    return kind(what, where=where, code=code, remedy=remedy.format(call=error.operation_name))


_ERRORS: Mapping[Meaning, tuple[type[CloudError], str]] = {
    Meaning.DENIED: (AccessDenied, "the credentials need the permission for {call}"),
    Meaning.EXPIRED: (AccessDenied, RENEW),
    Meaning.OUT_OF_TIME: (AccessDenied, SET_CLOCK),
    Meaning.QUOTA: (CloudError, "ask AWS for a higher quota, then run it again"),
    Meaning.GONE: (CloudNotFound, ""),
    Meaning.NOT_YET: (NotReady, ""),
    Meaning.DEPENDENCY: (
        DependencyNotReady,
        "check what it names; if that was made a moment ago, run it again",
    ),
    Meaning.CONFLICT: (CloudConflict, ""),
    Meaning.THROTTLED: (Throttled, ""),
    Meaning.INVALID: (CloudError, ""),
}


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
