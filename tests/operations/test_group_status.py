"""The status of instance groups: for each instance, whether it needs an update and why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.cloud.ports import GroupState, Instance
from kops_core.kube.ports import Node
from kops_core.operations.group_status import (
    NEEDS_UPDATE,
    GroupStatus,
    InstanceGroup,
    Role,
    missing_from,
    outdated_sources,
    status_of,
    waits_for,
)

NODES = InstanceGroup("nodes", Role.NODE, "nodes.c")
NEW, OLD, OTHER = "lt-1:2", "lt-1:1", "lt-0:7"
LIFECYCLES = ("InService", "Pending", "Terminating", "Terminated", "Detached", "Warmed:Stopped", "Standby")
instances = st.lists(
    st.builds(
        Instance,
        st.sampled_from(["i-1", "i-2", "i-3", "i-4"]),
        st.sampled_from(LIFECYCLES),
        st.booleans(),
        st.sampled_from([NEW, OLD, OTHER, ""]),
    ),
    max_size=4,
    unique_by=lambda each: each.id,
)


@given(instances, st.integers(0, 4))
def test_what_a_group_waits_for_and_how_many_need_an_update(found: list[Instance], desired: int) -> None:
    state = GroupState("nodes.c", NEW, 0, 9, desired, tuple(found))
    status = status_of(NODES, state)
    seen = [each for each in found if each.lifecycle not in {"Terminating", "Terminated"}]
    assert [each.id for each in status.instances] == [each.id for each in seen]
    old = [each.lifecycle == "Detached" or each.template != NEW for each in seen]
    assert [each.outdated for each in status.instances] == old
    assert (status.need_update, status.ready) == (sum(old), len(old) - sum(old))
    assert status.status == ("NeedsUpdate" if any(old) else "Ready")
    serving = sum(each.lifecycle == "InService" and each.running for each in found)
    assert missing_from(state) == max(0, desired - serving)
    leaving = [each.id for each in found if each.lifecycle == "Terminating"]
    if serving < desired:
        expected = f"{desired - serving} of {desired} instances to come into service"
    else:
        expected = f"the end of {', '.join(leaving)}" if leaving else ""
    assert status.waits_for == waits_for(state) == expected
    assert outdated_sources([state]) == {
        (each.template, NEW) for each in found if each.lifecycle != "Detached" and each.template != NEW
    }


def _of(instance: Instance, *annotations: str, fields: tuple[str, ...] = ()) -> tuple[str, str, str]:
    node = (
        Node(name="node-1", provider_id="", annotations=dict.fromkeys(annotations, ""))
        if annotations
        else None
    )
    nodes = {instance.id: node} if node is not None else None
    changes = {(OLD, NEW): fields} if fields else None
    (found,) = status_of(NODES, GroupState("g", NEW, 1, 3, 2, (instance,)), nodes, changes).instances
    return found.status, found.why, found.node


@pytest.mark.parametrize(
    ("lifecycle", "template", "annotations", "fields", "expected"),
    [
        ("InService", NEW, (), (), ("UpToDate", "", "")),
        ("InService", NEW, ("other",), (), ("UpToDate", "", "node-1")),
        (
            "InService",
            NEW,
            (NEEDS_UPDATE,),
            (),
            ("NeedsUpdate", f"its node has the annotation {NEEDS_UPDATE}", "node-1"),
        ),
        ("InService", OLD, (NEEDS_UPDATE,), (), ("NeedsUpdate", "launch template version 1 → 2", "node-1")),
        ("InService", OLD, (), ("a", "b"), ("NeedsUpdate", "launch template version 1 → 2: a, b", "")),
        ("InService", OTHER, (), ("a",), ("NeedsUpdate", "made from lt-0:7, the group uses lt-1:2", "")),
        ("InService", "", (), (), ("NeedsUpdate", "made from no launch template, the group uses lt-1:2", "")),
        ("Warmed:Stopped", NEW, (), (), ("WarmPool", "", "")),
        ("Warmed:Running", OLD, (), (), ("WarmPool", "launch template version 1 → 2", "")),
        (
            "Detached",
            NEW,
            ("other",),
            ("a",),
            ("Detached", "it was taken out of its group by an update that did not end", "node-1"),
        ),
    ],
)
def test_why_an_instance_needs_an_update(
    lifecycle: str,
    template: str,
    annotations: tuple[str, ...],
    fields: tuple[str, ...],
    expected: tuple[str, str, str],
) -> None:
    assert _of(Instance("i-1", lifecycle, True, template), *annotations, fields=fields) == expected


def test_a_group_tells_its_sizes_and_its_machines() -> None:
    machine = Instance("i-1", "InService", True, NEW, "t3.medium", "us-east-1a", "10.0.0.4", "198.51.100.7")
    status = status_of(NODES, GroupState("g", NEW, 1, 3, 2, (machine,), "no capacity"))
    assert (status.name, status.min_size, status.target, status.max_size) == ("nodes", 1, 2, 3)
    assert status.waits_for.endswith("; the last launch failed: no capacity")
    (found,) = status.instances
    assert (found.machine_type, found.zone, found.private_ip, found.public_ip, found.lifecycle) == (
        "t3.medium",
        "us-east-1a",
        "10.0.0.4",
        "198.51.100.7",
        "InService",
    )
    assert status_of(NODES, None) == GroupStatus(NODES, False, ())
    assert status_of(NODES, None).status == "Missing"


def test_roles_are_written_as_labels_of_nodes_are() -> None:
    assert [role.label for role in Role] == ["bastion", "control-plane", "apiserver", "node"]
