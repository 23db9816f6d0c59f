"""What the API says when it does not do what it was asked: a Status object and its code."""

from __future__ import annotations

from kops_core.cloud.sandbox.kubernetes.kinds import Kind, Object


class Refusal(Exception):
    """A request that failed, as the API answers it.

    causes: pairs of reason and message. retry_after: seconds, 0 for none.
    """

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        causes: tuple[tuple[str, str], ...] = (),
        retry_after: int = 0,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_after = retry_after
        details: Object = {}
        if causes:
            details["causes"] = [{"reason": why, "message": told} for why, told in causes]
        if retry_after:
            details["retryAfterSeconds"] = retry_after
        self.status: Object = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": code,
            **({"details": details} if details else {}),
        }


class Away(Exception):
    """No server is there to answer: the connection ends."""


def not_found(kind: Kind, name: str) -> Refusal:
    """No such object."""
    return Refusal(404, "NotFound", f'{_qualified(kind)} "{name}" not found')


def already_exists(kind: Kind, name: str) -> Refusal:
    """An object of that name exists."""
    return Refusal(409, "AlreadyExists", f'{_qualified(kind)} "{name}" already exists')


def conflict(kind: Kind, name: str, why: str) -> Refusal:
    """The object is not the one, or not in the version, that was meant."""
    return Refusal(409, "Conflict", f'Operation cannot be fulfilled on {_qualified(kind)} "{name}": {why}')


def invalid(message: str) -> Refusal:
    """An object that makes no sense."""
    return Refusal(422, "Invalid", message)


def bad_request(message: str) -> Refusal:
    """A request that makes no sense."""
    return Refusal(400, "BadRequest", message)


def expired() -> Refusal:
    """A version from before what is still known."""
    return Refusal(410, "Expired", "too old resource version")


def _qualified(kind: Kind) -> str:
    return f"{kind.plural}.{kind.group}" if kind.group else kind.plural
