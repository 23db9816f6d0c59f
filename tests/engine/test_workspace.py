"""Workspaces over a store of files and recorded facts, without a cloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kops_core import (
    ApiAccess,
    ApplyRequest,
    Engine,
    Holder,
    InvalidSpec,
    ObjectChanged,
    Plan,
    PlannedChange,
    PlanRequest,
    Refused,
    Settings,
    UsageError,
    Workspace,
    apply_request,
    parse_path,
    render_path,
)
from kops_core.api.path import differences
from kops_core.engine.background import requests
from kops_core.engine.background.carry_out import plan_request
from kops_core.engine.background.requests import Order
from kops_core.engine.workspace import kept_edits
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Phase
from kops_core.model.lifecycles import Part
from kops_core.model.resource import Lifecycle
from kops_core.plan.snapshot import Snapshot
from tests.corpus import corpus_dir

NAME = "work.example.com"
Open = Callable[[], Workspace]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        stores=(f"file://{tmp_path}/store",),
        write=True,
        cloud_facts=corpus_dir() / "facts" / "generated.json",
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
        operator="ann@bastion",
    )


@pytest.fixture
def open_(settings: Settings) -> Open:
    engine = Engine(settings)
    image = json.loads((corpus_dir() / "facts" / "generated.json").read_bytes())["images"][0]
    words = (
        *(NAME, "--zones", "us-east-1a", "--networking", "cilium", "--dns", "none", "--cloud", "aws"),
        *("--node-size", "m5.large", "--control-plane-size", "m5.large", "--kubernetes-version", "1.35.0"),
        *("--image", f"{image['ownerId']}/{image['name']}"),
    )
    engine.store_cluster(engine.make_cluster(engine.create_options(words)))
    return lambda: Engine(settings).open(NAME)


def test_an_edit_moves_what_follows_from_it_and_undo_takes_it_all_back(open_: Open) -> None:
    work = open_()
    path = parse_path("spec.kubernetesVersion")
    before = work.inference.cluster
    work.set(path, "1.36.1")
    assert (work.edits, work.inference.value("spec.kubeProxy.image")) == (
        1,
        "registry.k8s.io/kube-proxy:v1.36.1",
    )
    assert work.moved() > 1
    row = next(row for row in work.rows("cluster") if row.path == path)
    assert (row.yours, row.moved, row.was) == ("1.36.1", True, "1.35.0")
    work.undo()
    assert (work.edits, work.moved(), work.inference.cluster) == (0, 0, before)
    work.redo()
    assert work.inference.value("spec.kubernetesVersion") == "1.36.1"


def test_a_value_that_is_only_tried_moves_nothing(open_: Open) -> None:
    work = open_()
    before = work.document("cluster")
    found = work.what_if(parse_path("spec.kubernetesVersion"), "1.36.1")
    moved = {each.path: each.after for each in found.moved}
    assert moved[parse_path("spec.kubeProxy.image")] == "registry.k8s.io/kube-proxy:v1.36.1"
    assert parse_path("spec.kubernetesVersion") not in moved, "that is what was tried"
    assert (work.document("cluster"), work.edits) == (before, 0)
    assert work.inference.value("spec.kubeProxy.image") == "registry.k8s.io/kube-proxy:v1.35.0"
    refused = work.what_if(parse_path("spec.kubernetesVersion"), "1.20.0")
    assert any(each.path == "spec.kubernetesVersion" for each in refused.errors)


def test_rows_tell_whose_each_value_is_and_what_stands_behind_yours(open_: Open) -> None:
    work = open_()
    work.set(parse_path("spec.kubelet.evictionHard"), "memory.available<5%")
    rows = {row.name: row for row in work.rows("cluster") if row.path[:2] == ("spec", "kubelet")}
    assert rows["evictionHard"].holder is Holder.OVERRIDE
    assert str(rows["evictionHard"].inferred).startswith("memory.available<100Mi")
    assert rows["cgroupDriver"].holder is Holder.INFERRED
    assert rows["cgroupDriver"].rule == "kubelet.cgroupDriver"
    assert rows["anonymousAuth"].holder is Holder.USER
    explained = work.explain(parse_path("spec.kubelet.evictionHard"))
    assert explained.would_be == rows["evictionHard"].inferred
    assert explained.description


def test_a_pinned_value_no_longer_follows_its_rule_until_it_is_unset(open_: Open) -> None:
    work = open_()
    path = parse_path("spec.kubeProxy.image")
    pinned = work.inference.value(path)
    work.pin(path)
    work.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    assert work.inference.value(path) == pinned
    work.unset(path)
    assert work.inference.value(path) == "registry.k8s.io/kube-proxy:v1.36.1"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("spec.kubelet.maxPods", "many", "maxPods"),
        ("spec.kubelet.maxPodz", "1", "maxPods"),
        ("spec.kubelet.evictionPressureTransitionPeriod", "soon", "evictionPressureTransitionPeriod"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_and_changes_nothing(
    open_: Open, path: str, text: str, said: str
) -> None:
    work = open_()
    before = dict(work.documents)
    with pytest.raises(InvalidSpec, match=said):
        work.set(parse_path(path), text)
    assert (work.edits, dict(work.documents)) == (0, before)


def test_an_edited_document_is_taken_whole_or_not_at_all(open_: Open) -> None:
    work = open_()
    text = work.document("cluster")
    work.replace_document("cluster", text)
    assert work.edits == 0
    with pytest.raises(InvalidSpec, match="kubernetesVersio") as refused:
        work.replace_document("cluster", text.replace("kubernetesVersion", "kubernetesVersio"))
    assert refused.value.errors[0].line > 0
    with pytest.raises(InvalidSpec, match="renamed"):
        work.replace_document("cluster", text.replace(f"name: {NAME}", "name: other.example.com"))
    work.replace_document("cluster", text.replace("1.35.0", "1.36.1"))
    assert work.inference.value("spec.kubernetesVersion") == "1.36.1"


def test_saving_writes_only_what_the_user_wrote(open_: Open) -> None:
    work = open_()
    work.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    work.save()
    again = open_()
    assert again.documents["cluster"] == work.documents["cluster"]
    metadata = again.documents["cluster"]["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["generation"] == 1
    spec = again.documents["cluster"]["spec"]
    assert isinstance(spec, dict)
    assert "containerd" not in spec
    assert work.edits == 0


def test_the_slower_of_two_operators_is_told_who_changed_what_and_loses_no_edit(open_: Open) -> None:
    ann, bob = open_(), open_()
    ann.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    bob.set(parse_path("spec.kubernetesVersion"), "1.36.2")
    ann.save()
    with pytest.raises(ObjectChanged, match=r"spec\.kubernetesVersion") as told:
        bob.save()
    assert "ann@bastion" in str(told.value)
    assert bob.edits == 1
    assert open_().inference.value("spec.kubernetesVersion") == "1.36.1"


def test_what_an_operation_saved_is_no_edit_any_more_and_what_was_typed_meanwhile_stays(open_: Open) -> None:
    work, operation = open_(), open_()
    work.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    assert operation.take_up(kept_edits.loads(kept_edits.dumps(work.unsaved())))
    operation.save()
    written = next(iter(operation.state_store.revisions(NAME).newest_first()))
    assert written.what == "set spec.kubernetesVersion", "its history tells what was edited"
    work.set(parse_path("spec.kubelet.maxPods"), "99")
    work.refresh()
    left = work.unsaved()
    paths = differences(left.base["cluster"], left.documents["cluster"])
    assert [render_path(path) for path in paths] == ["spec.kubelet.maxPods"]
    work.save()
    again = open_()
    assert again.inference.value("spec.kubernetesVersion") == "1.36.1"
    assert again.inference.value("spec.kubelet.maxPods") == 99


def test_the_plan_of_a_request_has_every_option_of_the_one_that_was_shown(
    settings: Settings, open_: Open
) -> None:
    access = ApiAccess(use_kubeconfig=True, kubeconfig="config", api_server="https://api")
    part = Part(Phase.NETWORK, {"VPC": Lifecycle.IGNORE}, frozenset({"nodes-us-east-1a"}))
    shown = PlanRequest(prune=True, part=part, downgrade=True, ignore_skew=True, access=access)
    for each in fields(shown):
        assert getattr(shown, each.name) != getattr(PlanRequest(), each.name), "another value tests nothing"
    at = datetime(2026, 3, 1, tzinfo=UTC)
    desired = DesiredState(NAME, ())
    planned = PlannedChange(Plan(NAME, "1234", at, ()), desired, Snapshot(at), desired, shown)
    work = open_()
    work.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    edits = work.unsaved()
    order = Order("1", at, apply_request(NAME, planned, edits), settings)
    told = requests.loads(requests.dumps(order), where="")
    assert told == order
    assert isinstance(told.request, ApplyRequest)
    assert plan_request(open_(), told.request) == shown
    assert kept_edits.loads(told.request.edits) == edits


def test_no_chosen_group_is_not_every_group() -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    desired = DesiredState(NAME, ())
    none = PlanRequest(part=Part(groups=frozenset()))
    with pytest.raises(UsageError, match="no instance group"):
        apply_request(
            NAME, PlannedChange(Plan(NAME, "1", at, ()), desired, Snapshot(at), desired, none), None
        )


def test_a_read_only_session_changes_nothing_whatever_is_asked_of_it(settings: Settings, open_: Open) -> None:
    open_()
    work = Engine(replace(settings, write=False)).open(NAME)
    work.set(parse_path("spec.kubernetesVersion"), "1.36.1")
    with pytest.raises(Refused, match="read-only"):
        work.save()
    with pytest.raises(Refused, match="read-only"):
        Engine(replace(settings, write=False)).create({})
    assert open_().inference.value("spec.kubernetesVersion") == "1.35.0"


def test_what_kops_would_refuse_is_said_while_editing(open_: Open) -> None:
    work = open_()
    assert work.errors() == ()
    work.set(parse_path("spec.nonMasqueradeCIDR"), "100.64.0.0/33")
    assert (work.errors()[0].path, work.errors()[0].kind) == (
        "spec.nonMasqueradeCIDR",
        "Invalid value",
    )


def test_a_new_subnet_keeps_its_range_when_others_come(open_: Open) -> None:
    def ranges(work: Workspace) -> dict[str, object]:
        subnets = work.inference.value("spec.subnets")
        assert isinstance(subnets, list)
        return {str(each["name"]): each["cidr"] for each in subnets if isinstance(each, dict)}

    def add(work: Workspace, zone: str, place: int) -> None:
        text = work.document("cluster")
        row = f"  - name: {zone}\n    type: Public\n    zone: {zone}\n"
        rows = text.split("  subnets:\n")[1].split("  topology:")[0]
        marks = [at for at in range(len(rows)) if rows.startswith("  - ", at)]
        at = [*marks, len(rows)][place]
        work.replace_document("cluster", text.replace(rows, rows[:at] + row + rows[at:]))
        work.save()

    work = open_()
    work.set(parse_path("spec.subnets[0].cidr"), "172.20.0.0/19")
    add(work, "us-east-1c", 1)
    first = ranges(work)
    again = open_()
    assert ranges(again) == first
    add(again, "us-east-1b", 0)
    assert first.items() <= ranges(again).items()
    spec = again.documents["cluster"]["spec"]
    assert isinstance(spec, dict)
    assert "containerd" not in spec


def test_what_can_not_be_settled_is_refused_and_stays_as_it_was_typed(open_: Open) -> None:
    work = open_()
    work.set(parse_path("spec.networkCIDR"), "10.0.0.0")
    work.unset(parse_path("spec.subnets[0].cidr"))
    typed = work.documents["cluster"]
    with pytest.raises(InvalidSpec, match=r"spec\.networkCIDR"):
        work.save()
    assert (work.edits, work.documents["cluster"]) == (2, typed)
    assert open_().documents["cluster"] != typed
    assert any(each.path.startswith("spec.") for each in work.errors())
