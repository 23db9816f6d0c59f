"""How the groups of a cluster are rolled, by their specs: what kOps' settings_test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from kops_core.api.values import Tree
from kops_core.cloud.ports import GroupState, Instance
from kops_core.engine.cluster_services import ClusterLocation
from kops_core.engine.fleet.rows import GroupSummary
from kops_core.engine.operations.rolling import deregisters_control_plane, strategies
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.operations.group_status import InstanceGroup, Role, status_of
from kops_core.operations.rolling.observation import Observation
from kops_core.operations.rolling.selection import plan_roll
from kops_core.operations.rolling.settings import RollingSettings, Strategy
from kops_core.store.memory import MemoryBackend
from kops_core.store.state import StateStore


def _location(
    cluster: Tree | None = None,
    group: Tree | None = None,
    *,
    provider: str = "aws",
    others: Mapping[str, Tree] | None = None,
) -> ClusterLocation:
    """A cluster with ``rollingUpdate`` of its own and of its group ``nodes``."""
    documents: dict[str, Tree] = {
        CLUSTER: {"spec": {"cloudProvider": provider, "rollingUpdate": cluster or {}}},
        "nodes": {"spec": {"rollingUpdate": group} if group is not None else {}},
        **{name: {"spec": spec} for name, spec in (others or {}).items()},
    }
    return ClusterLocation(StateStore(MemoryBackend(), author="x"), "c", documents)


@pytest.mark.parametrize("field", ["maxSurge", "maxUnavailable", "drainAndTerminate"])
@pytest.mark.parametrize("other", [None, {}, "set"])
def test_the_groups_setting_is_taken_over_the_clusters_over_the_default(field: str, other: object) -> None:
    attribute = {
        "maxSurge": "max_surge",
        "maxUnavailable": "max_unavailable",
        "drainAndTerminate": "drain_and_terminate",
    }[field]
    own, clusters = (False, True) if field == "drainAndTerminate" else (3, "20%")

    def found(cluster: Tree | None, group: Tree | None) -> object:
        return getattr(strategies(_location(cluster, group), ["nodes"])["nodes"], attribute)

    default = getattr(Strategy(), attribute)
    below: Tree | None = {field: clusters} if other == "set" else None
    assert found(below, {field: own}) == own
    assert found({field: own}, None if other is None else {}) == own
    assert found(None, None if other is None else {}) == default
    assert found({field: own}, {field: None}) == own, "null is unset"


def test_other_clouds_do_not_surge_by_default() -> None:
    assert strategies(_location(provider="gce"), ["nodes"])["nodes"].max_surge == 0
    assert strategies(_location({"maxSurge": 2}, provider="gce"), ["nodes"])["nodes"].max_surge == 2


def test_machines_of_karpenter_can_not_be_detached() -> None:
    location = _location({"maxSurge": 2}, others={"k": {"manager": "Karpenter"}})
    found = strategies(location, ["nodes", "k"])
    assert (found["k"].can_surge, found["nodes"].can_surge) == (False, True)
    plain = strategies(_location(others={"k": {"manager": "Karpenter"}}), ["k"])["k"]
    group = InstanceGroup("k", Role.NODE, "k")
    members = tuple(Instance(f"i-{number}", "InService", True, "") for number in range(4))
    state = GroupState("k", "", 0, 0, 0, members)
    assert status_of(group, state).need_update == 0, "none is ever outdated by its template"
    for strategy in (found["k"], plain):
        (plan,) = plan_roll(
            [group], {"k": strategy}, Observation({"k": state}), None, RollingSettings(force=True)
        )
        assert (plan.limits.surge, plan.limits.unavailable, len(plan.members)) == (0, 1, 4)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([1], False), ([None], False), ([1, 1], True), ([3], True), ([0, 1], False)],
)
def test_the_only_api_server_is_not_deregistered(sizes: Sequence[int | None], expected: bool) -> None:
    specs: dict[str, Tree] = {
        f"m{number}": {"minSize": size} if size is not None else {} for number, size in enumerate(sizes)
    }
    location = _location(others=specs)
    roles = ["ControlPlane", "APIServer"]
    summaries = [GroupSummary(name, roles[n % 2], "t3.medium", 0, 0, ()) for n, name in enumerate(specs)]
    summaries.append(GroupSummary("nodes", "Node", "t3.medium", 5, 5, ()))
    assert deregisters_control_plane(location, summaries) is expected
