"""The user's IAM statements, in the form in which kOps passes them to AWS."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.model.documents import Document

_TURNED_ROUND = ("notaction", "notresource", "notprincipal")
"""Refused, because kOps drops these, and AWS refuses statements without their counterparts."""


def users_statement(written: Value, path: str) -> dict[str, Document]:
    """A statement with the parts that kOps knows, sorted: kOps compares policies as texts.

    ``Sid`` is dropped. Raises InvalidSpec if it is not a statement, or can't be kept.
    """
    if not isinstance(written, dict):
        raise InvalidSpec([FieldError("Invalid value", path, f"{written!r} is no IAM statement")])
    # Go matches names case-insensitively.
    parts = {name.lower(): value for name, value in written.items()}
    for name in _TURNED_ROUND:
        if name in parts:
            raise InvalidSpec(
                [FieldError("Invalid value", path, f"{name} can't be used: kOps would leave it out")]
            )
    found: dict[str, Document] = {
        "Action": _set(parts.get("action")),
        "Condition": _sorted(parts.get("condition")),
        "Effect": _document(parts.get("effect") or ""),
        "Principal": _principal(parts.get("principal")),
        "Resource": _set(parts.get("resource")),
    }
    return {name: value for name, value in found.items() if name == "Effect" or value not in (None, [], {})}


def _set(value: Value) -> Document:
    """A single value or a sorted list without duplicates."""
    if isinstance(value, list):
        return sorted({str(each) for each in value})
    return None if value is None else str(value)


def _principal(value: Value) -> Document:
    parts = {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else {}
    found = {"Federated": _set(parts.get("federated")), "Service": _set(parts.get("service"))}
    return {name: each for name, each in found.items() if each not in (None, "", [])}


def _sorted(value: Value) -> Document:
    """A condition with sorted keys, as Go writes maps; lists stay as they are."""
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return _document(value)


def _document(value: Value) -> Document:
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
