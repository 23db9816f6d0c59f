"""Validity of the names of clusters, instance groups and keysets, which become parts of keys and paths.

A cluster's name is a DNS name (RFC 1123) and part of every key in the store; an instance group's is the
value of a Kubernetes label; a keyset's is a folder.
"""

from __future__ import annotations

import re
from typing import Final

from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.escaping import printable

CLUSTER, GROUP, KEYSET = "cluster", "instance group", "keyset"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_FORMS: Final = {
    CLUSTER: (re.compile(rf"{_LABEL}(?:\.{_LABEL})*"), 253, "lower-case letters, digits, '-' and '.'"),
    GROUP: (
        re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"),
        63,
        "letters, digits, '-', '_' and '.'",
    ),
    KEYSET: (re.compile(_LABEL), 63, "lower-case letters, digits and '-'"),
}
_SHOWN = 60


def name_problem(kind: str, name: str) -> str:
    """The problem with a name, as a sentence; "" if it is valid."""
    form, longest, of = _FORMS[kind]
    if len(name) <= longest and form.fullmatch(name):
        return ""
    shown = printable(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")
    return (
        f"{shown!r} can't be the name of a {kind}: it takes {of}, begins and ends with a letter or digit,"
        f" and has {longest} characters at most"
    )


def expect_name(kind: str, name: str) -> None:
    """Raises UsageError for an invalid name on a command line."""
    problem = name_problem(kind, name)
    if problem:
        raise UsageError(problem, remedy="choose another name")


def expect_document_name(kind: str, name: str) -> None:
    """Raises InvalidSpec for a document with an invalid name."""
    problem = name_problem(kind, name)
    if problem:
        raise InvalidSpec([FieldError("Invalid value", "metadata.name", problem)])
