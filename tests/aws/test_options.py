"""Options of the judge's clusters in an account: applied as desired, seen, and each change planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core import to_yaml
from kops_core.model.resource import Resource
from kops_core.plan.changes import Action
from tests.aws.account import Account
from tests.aws.judged import desired_of, furnished
from tests.judge.making import created
from tests.judge.outcome import CLUSTERS, SPECIFICATION

pytestmark = pytest.mark.full

_IDENTITY = frozenset(("base", "url"))
"""Of another base or URL it is another one, which is made."""
_REFERRING = frozenset(("launch_template", "nat_gateway"))
"""They may refer to another resource than before though the specification says the same of them."""
_ELSEWHERE = frozenset(("target_groups",))
"""What is attached beside them is a resource of its own, and deleted when pruning."""
_CLUSTERS = (
    *("groups", "ipv6", "labelled", "private-ipv6", "settings", "termination"),
    *("options-addons", "options-balancers", "options-calico", "options-groups", "options-karpenter"),
    *("options-kindnet", "options-spot"),
)
"""Those that have options of AWS' resources, and need no network of the user's."""


@pytest.mark.parametrize("name", _CLUSTERS)
def test_options_are_applied_are_seen_and_each_change_of_them_is_planned(
    name: str, account: Account, tmp_path: Path
) -> None:
    ids = furnished(account)
    cluster = desired_of((CLUSTERS / name / SPECIFICATION).read_text(encoding="utf-8"), ids)
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    plan, _ = account.plan(cluster)
    assert [(str(change.key), change.fields) for change in plan.pending] == []
    assert (plan.errors, plan.warnings, plan.deferred) == ((), (), ())
    tagged = account.aws.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": list(ids.values())}])
    assert "owned" not in {each["Value"] for each in tagged["Tags"]}, "what the user made stays the user's"

    without = desired_of("---\n".join(map(to_yaml, created(name))), ids)
    after, _ = account.plan(without)
    found = {change.key: change.fields for change in after.pending if change.action is Action.UPDATE}
    there = cluster.by_key()
    expected = {
        key: changed
        for key, wanted in without.by_key().items()
        if key in there
        and there[key].shared == wanted.shared
        and (changed := _different(there[key], wanted))
        and not changed & _IDENTITY
    }
    for key, changed in expected.items():
        assert changed <= {each.name for each in found.get(key, ())}, key
    for key, changes in found.items():
        more = [each for each in changes if each.name not in expected.get(key, ())]
        assert all(each.name in _REFERRING or "known after apply" in str(each.after) for each in more), key


def _different(one: Resource, other: Resource) -> set[str]:
    """The fields that another desired state sets in another way; what is None is not managed."""
    values = {name: value for name, _, value in one.attributes()}
    return {name for name, _, value in other.attributes() if value not in (None, values[name])} - _ELSEWHERE
