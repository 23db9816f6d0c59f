"""Plans of a part of a cluster: other resources are left alone."""

from __future__ import annotations

import pytest

from kops_core.engine.fleet.rows import GroupSummary
from kops_core.engine.operations.instance_groups import chosen_groups
from kops_core.engine.operations.planning import newer_version
from kops_core.errors import UsageError
from kops_core.model.kind_spec import Phase
from kops_core.model.lifecycles import WHOLE, Part, narrowed
from kops_core.model.resource import Lifecycle
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key
from kops_core.plan.snapshot import Observed, Snapshot
from tests.plan.fixtures import NOW, case

GROUPS = [
    GroupSummary("control-plane-a", "ControlPlane", "m5.large", 1, 1, ()),
    GroupSummary("nodes-a", "Node", "m5.large", 1, 1, ()),
    GroupSummary("nodes-b", "Node", "m5.large", 1, 1, ()),
    GroupSummary("bastions", "Bastion", "t3.micro", 1, 1, ()),
]


def _ignored(part: Part, name: str = "warm") -> set[str]:
    _, desired = case(name)
    assert all(each.lifecycle is Lifecycle.SYNC for each in desired.resources)
    found = narrowed(desired, part).resources
    assert [each.key for each in found] == [each.key for each in desired.resources]
    return {str(each.key) for each in found if each.lifecycle is Lifecycle.IGNORE}


def test_the_whole_is_left_as_it_is() -> None:
    assert WHOLE.whole
    assert _ignored(WHOLE) == set()


def test_a_group_is_worked_on_with_all_that_it_has_of_its_own() -> None:
    only = Part(groups=frozenset({"nodes"}))
    assert not only.whole
    assert _ignored(only) == {
        "AutoscalingGroup/master-us-east-1a.masters.warm.example.com",
        "LaunchTemplate/master-us-east-1a.masters.warm.example.com",
        "ManagedFile/nodeupconfig-master-us-east-1a",
    }
    without = _ignored(Part(groups=frozenset({"master-us-east-1a"})))
    assert {each.partition("/")[0] for each in without} == {
        "AutoscalingGroup",
        "AutoscalingLifecycleHook",
        "LaunchTemplate",
        "ManagedFile",
        "WarmPool",
    }
    assert all("nodes" in each for each in without)


def test_phase_overrides_and_groups_add_up() -> None:
    part = Part(Phase.CLUSTER, {"SecurityGroup": Lifecycle.IGNORE}, frozenset({"nodes"}))
    ignored = _ignored(part)
    assert "SecurityGroup/nodes.warm.example.com" in ignored
    assert "ManagedFile/nodeupconfig-master-us-east-1a" in ignored
    assert "ManagedFile/nodeupconfig-nodes" not in ignored


@pytest.mark.parametrize(
    ("names", "roles", "chosen"),
    [
        ((), (), None),
        (("nodes-b",), (), {"nodes-b"}),
        (("nodes-b",), ("bastion",), {"nodes-b"}),
        ((), ("node",), {"nodes-a", "nodes-b"}),
        ((), ("Control-Plane", "Bastion"), {"control-plane-a", "bastions"}),
        ((), ("ControlPlane",), {"control-plane-a"}),
        ((), ("master",), {"control-plane-a"}),
        ((), ("apiserver",), set()),
    ],
)
def test_groups_are_chosen_by_name_or_else_by_role(
    names: tuple[str, ...], roles: tuple[str, ...], chosen: set[str] | None
) -> None:
    assert chosen_groups("c", GROUPS, names, roles) == chosen


@pytest.mark.parametrize(("names", "roles", "told"), [(("nodes",), (), "nodes-a"), ((), ("wroker",), "Node")])
def test_what_there_is_not_is_named_with_what_there_is(
    names: tuple[str, ...], roles: tuple[str, ...], told: str
) -> None:
    with pytest.raises(UsageError, match="there is no") as refused:
        chosen_groups("c", GROUPS, names, roles)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("stored", "newer"),
    [
        ("1.38.0", True),
        ("1.37.0\n", True),
        ("1.37.0-alpha.2", True),
        ("1.37.0-alpha.1", False),
        ("1.36.9", False),
        ("", False),
        ("a build", False),
    ],
)
def test_a_cluster_of_a_newer_kops_is_not_applied_unasked(stored: str, newer: bool) -> None:
    file = ManagedFile(name="kops-version.txt", location="kops-version.txt", contents=stored)
    snapshot = Snapshot(NOW, {file.key: Observed(file, "x")})
    told = newer_version(snapshot, "1.37.0-alpha.1")
    assert bool(told) is newer
    assert ("--allow-kops-downgrade" in told) is newer
    assert newer_version(Snapshot(NOW, {}), "1.37.0-alpha.1") == ""
    assert Key("ManagedFile", "kops-version.txt") == file.key
