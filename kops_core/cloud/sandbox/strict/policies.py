"""Policy documents: AWS returns an equivalent document in its own form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, StrictAccount

_ACCOUNT = re.compile(r"\d{12}")
_LISTS = ("Action", "NotAction", "Resource", "NotResource")


def _rewritten(text: Json) -> Json:
    """A document in AWS' form: no spaces, single items without a list, lists in another order."""
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return text
    policy = json.loads(text)
    statements = policy.get("Statement", [])
    for each in statements if isinstance(statements, list) else [statements]:
        for name in _LISTS:
            if name in each:
                each[name] = _items(each[name])
        if isinstance(each.get("Principal"), dict):
            each["Principal"] = {kind: _principals(kind, who) for kind, who in each["Principal"].items()}
        for keys in each.get("Condition", {}).values():
            keys.update({key: _items(values) for key, values in keys.items()})
    return json.dumps(policy, separators=(",", ":"))


def _items(value: Json) -> Json:
    items = sorted(value if isinstance(value, list) else [value], reverse=True)
    return items[0] if len(items) == 1 else items


def _principals(kind: str, who: Json) -> Json:
    items = who if isinstance(who, list) else [who]
    if kind == "AWS":
        items = [f"arn:aws:iam::{each}:root" if _ACCOUNT.fullmatch(each) else each for each in items]
    return _items(items)


def _policies_rewritten(strict: StrictAccount) -> None:
    from moto.iam.models import Role
    from moto.sqs.models import Queue

    def make_role(original: Callable[..., None]) -> Callable[..., None]:
        def __setattr__(self: Role, name: str, value: Json) -> None:
            original(self, name, _rewritten(value) if name == "assume_role_policy_document" else value)

        return __setattr__

    def make_policies(original: Callable[..., Json]) -> Callable[..., Json]:
        def put_policy(self: Role, policy_name: str, policy_json: str) -> Json:
            return original(self, policy_name, _rewritten(policy_json))

        return put_policy

    def make_attributes(original: Callable[..., Json]) -> Callable[..., Json]:
        def _set_attributes(self: Queue, attributes: Json, now: Json = None) -> Json:
            if attributes.get("Policy"):
                attributes = {**attributes, "Policy": _rewritten(attributes["Policy"])}
            return original(self, attributes, now)

        return _set_attributes

    strict.patch(Role, "__setattr__", make_role)
    strict.patch(Role, "put_policy", make_policies)
    strict.patch(Queue, "_set_attributes", make_attributes)


BEHAVIOURS = (
    Behaviour(
        "policies-rewritten",
        "A policy of a role or queue comes back as AWS writes it: without spaces, a list of one item as the "
        "item, lists in another order, an account as the ARN of its root.",
        'IAM User Guide, "Grammar of the IAM JSON policy language" and "AWS JSON policy elements: '
        'Principal"; kOps compares what documents say (`awstasks/iamrole.go`, `sqs.go`)',
        _policies_rewritten,
    ),
)
