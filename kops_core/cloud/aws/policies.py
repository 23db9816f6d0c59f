"""Whether two policy documents of AWS' policy language allow the same, however they are written.

AWS stores what a document says, and may write it otherwise when asked for it: a list of one item as the
item alone, lists in another order, an account by its ARN (IAM User Guide, "Grammar of the IAM JSON policy
language" and "Principal").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from kops_core.api.values import Value

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def same_policy(one: Value, other: Value) -> bool:
    """Whether both are policies that say the same. Statements have to be in the same order."""
    first, second = _canonical(one), _canonical(other)
    return first is not None and first == second


def _canonical(policy: Value) -> dict[str, object] | None:
    if not isinstance(policy, Mapping) or "Statement" not in policy:
        return None
    found = policy["Statement"]
    statements = [_statement(each) for each in (found if isinstance(found, list) else [found])]
    return {**policy, "Statement": statements}


def _statement(statement: Value) -> object:
    if not isinstance(statement, Mapping):
        return statement
    made: dict[str, object] = dict(statement)
    for name in _LISTS:
        if name in statement:
            made[name] = _items(statement[name])
    for name in _PRINCIPALS:
        principal = statement.get(name)
        if isinstance(principal, Mapping):
            made[name] = {kind: _principals(kind, who) for kind, who in principal.items()}
    conditions = statement.get("Condition")
    if isinstance(conditions, Mapping):
        made["Condition"] = {
            operator: {key: _items(values) for key, values in keys.items()}
            if isinstance(keys, Mapping)
            else keys
            for operator, keys in conditions.items()
        }
    return made


def _items(value: Value) -> list[str]:
    items = value if isinstance(value, list) else [value]
    # Conditions may give booleans and numbers as such or as texts.
    return sorted(str(each).lower() if isinstance(each, bool) else str(each) for each in items)


def _principals(kind: str, who: Value) -> list[str]:
    found = _items(who)
    if kind != "AWS":
        return found
    accounts = [(each, _ACCOUNT.fullmatch(each)) for each in found]
    return sorted(account[1] if account else each for each, account in accounts)
