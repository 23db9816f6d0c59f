"""Label and field selectors: as they stand in a query, and as objects have them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from kops_core.cloud.sandbox.kubernetes.kinds import Object
from kops_core.cloud.sandbox.kubernetes.refusals import bad_request

Matches = Callable[[Object], bool]

_REQUIREMENT: Final = re.compile(
    r"\s*(?:(?P<absent>!)\s*(?P<without>[\w./-]+)"
    r"|(?P<key>[\w./-]+)\s*(?:(?P<op>==|=|!=)\s*(?P<value>[\w.-]*)"
    r"|\s(?P<set>in|notin)\s*\((?P<values>[^)]*)\))?)\s*(?:,|$)"
)
_FIELD: Final = re.compile(r"\s*(?P<path>[\w./-]+?)\s*(?P<op>==|=|!=)\s*(?P<value>[^,]*?)\s*(?:,|$)")


def labels_of(each: Object) -> Mapping[str, str]:
    """The labels of an object."""
    return each["metadata"].get("labels") or {}


def by_labels(text: str) -> Matches:
    """A label selector of a query, such as ``app=web,tier in (a, b),!old``. Raises Refusal."""
    tests = [_label_test(each) for each in _parse(_REQUIREMENT, text)]
    return lambda each: all(test(labels_of(each)) for test in tests)


def by_fields(text: str) -> Matches:
    """A field selector of a query, such as ``spec.nodeName=a,status.phase!=Running``. Raises Refusal."""
    tests = [
        (match["path"].split("."), match["value"], match["op"] != "!=") for match in _parse(_FIELD, text)
    ]
    return lambda each: all((_field(each, path) == value) is equal for path, value, equal in tests)


def selects(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """Whether a LabelSelector object selects labels; none selects nothing, an empty one everything."""
    if selector is None:
        return False
    return all(
        labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items()
    ) and all(_expression(each, labels) for each in selector.get("matchExpressions") or ())


def _expression(each: Object, labels: Mapping[str, str]) -> bool:
    found, values = labels.get(each["key"]), each.get("values") or ()
    return {
        "In": found in values,
        "NotIn": found not in values,
        "Exists": found is not None,
        "DoesNotExist": found is None,
    }[each["operator"]]


def _parse(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    found, at = [], 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            raise bad_request(f"unable to parse requirement: {text}")
        found.append(match)
        at = match.end()
    return found


def _label_test(match: re.Match[str]) -> Callable[[Mapping[str, str]], bool]:
    if match["absent"]:
        return lambda labels: match["without"] not in labels
    key = match["key"]
    if match["op"]:
        return lambda labels: (labels.get(key) == match["value"]) is (match["op"] != "!=")
    if match["set"]:
        values = [each.strip() for each in match["values"].split(",")]
        return lambda labels: (labels.get(key) in values) is (match["set"] == "in")
    return lambda labels: key in labels


def _field(each: Object, path: list[str]) -> str:
    found: Any = each
    for step in path:
        found = found.get(step, "") if isinstance(found, dict) else ""
    return str(found).lower() if isinstance(found, bool) else str(found)
