"""Structures of a spec edited as YAML, list items moved, and values that are only tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core import Engine, InvalidSpec, Settings, UsageError, Workspace, parse_path
from tests.engine.test_interrupted_writes import CLUSTER_YAML

NAME = "a.example.com"
GROUP = """apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: nodes
spec:
  role: Node
  machineType: m5.large
  minSize: 1
  maxSize: 2
  subnets:
  - a
"""


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    """A workspace of a cluster with one instance group, and without facts of a cloud."""
    folder = tmp_path / "store" / NAME
    (folder / "instancegroup").mkdir(parents=True)
    (folder / "config").write_text(CLUSTER_YAML.format(name=NAME))
    (folder / "instancegroup" / "nodes").write_text(GROUP)
    facts = tmp_path / "facts.json"
    facts.write_text("{}")
    settings = Settings(stores=(f"file://{tmp_path}/store",), cloud_facts=facts, state_dir=tmp_path / "state")
    return Engine(settings).open(NAME)


SUBNET = "name: b\ncidr: 10.0.32.0/19\ntype: Public\nzone: us-east-1b\n"


def test_a_list_grows_by_an_item_written_as_yaml(work: Workspace) -> None:
    subnets = parse_path("spec.subnets")
    new = work.next_item(subnets)
    assert new == (*subnets, 1)
    work.set_structure(new, SUBNET)
    found = work.inference.value(subnets)
    assert isinstance(found, list)
    assert [each["name"] for each in found if isinstance(each, dict)] == ["a", "b"]
    assert work.unsaved().what == ("set spec.subnets[1]",)
    work.undo()
    assert work.next_item(subnets) == new
    assert work.next_item(parse_path("spec.kubernetesVersion")) is None


@pytest.mark.parametrize(
    "pasted",
    [
        "maxPods: 80\ncgroupDriver: systemd\n",
        "kubelet:\n  maxPods: 80\n  cgroupDriver: systemd\n",
        "spec:\n  kubelet:\n    maxPods: 80\n    cgroupDriver: systemd\n",
    ],
)
def test_yaml_is_pasted_with_or_without_the_names_that_lead_there(work: Workspace, pasted: str) -> None:
    work.set_structure(parse_path("spec.kubelet"), pasted)
    assert "  kubelet:\n    cgroupDriver: systemd\n    maxPods: 80\n" in work.document("cluster")


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        ("spec.kubelet", "maxPod: 80\n", "maxPods"),
        ("spec.kubelet", "maxPods: many\n", "spec.kubelet.maxPods"),
        ("spec.kubelet", "maxPods: [\n", "spec.kubelet"),
        ("spec.kubelet", "a: 1\n---\nb: 2\n", "write one value"),
        ("spec.subnets", "", "nothing is written"),
        ("spec.sshAccess", "10.0.0.0/8\n", "spec.sshAccess"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(
    work: Workspace, path: str, text: str, told: str
) -> None:
    before = work.document("cluster")
    with pytest.raises(InvalidSpec) as raised:
        work.set_structure(parse_path(path), text)
    assert told in str(raised.value)
    assert (work.document("cluster"), work.edits) == (before, 0)


def test_a_path_that_no_type_has_is_refused(work: Workspace) -> None:
    with pytest.raises(UsageError):
        work.set_structure(parse_path("spec.nothing"), "a: 1\n")


def test_items_move_and_stay_within_their_list(work: Workspace) -> None:
    subnets = parse_path("spec.subnets")
    work.set_structure((*subnets, 1), SUBNET)
    work.move_item((*subnets, 1), -1)
    text = work.document("cluster")
    assert text.index("name: b") < text.index("zone: us-east-1a")
    edits = work.edits
    work.move_item((*subnets, 0), -1)
    assert (work.document("cluster"), work.edits) == (text, edits)
    with pytest.raises(UsageError):
        work.move_item(parse_path("spec.kubelet"), 1)


def test_structures_of_an_instance_group_are_its_own(work: Workspace) -> None:
    labels = parse_path("instanceGroups.nodes.spec.nodeLabels")
    work.set_structure(labels, "team: blue\n")
    assert work.structure(labels) == "team: blue\n"
    assert "nodeLabels:\n    team: blue" in work.document("nodes")
    assert "team" not in work.document("cluster")


def test_lines_lead_to_the_fields_of_the_document(work: Workspace) -> None:
    lines = work.document("nodes").splitlines()
    places = work.document_lines("nodes")
    assert lines[places[parse_path("instanceGroups.nodes.spec.maxSize")] - 1].strip() == "maxSize: 2"
    assert all("spec" in path for path in places if path[-1] == "role")
