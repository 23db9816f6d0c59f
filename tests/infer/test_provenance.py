"""Origins are complete and exact: every value has a reason, and only its reads can change it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.api.path import FieldPath, get, leaves, set_at, unset_at
from kops_core.api.values import Scalar, Value
from kops_core.errors import KopsError
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inference, Inputs, Source
from kops_core.infer.sheet import Sheet
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases, expected, inputs

pytestmark = pytest.mark.full

CASES = [(case, suite) for suite in SUITES for case in completed_cases(suite)]
ROOTS = ("metadata", "spec", "instanceGroups", "facts", "settings")


def test_every_value_of_the_corpus_has_its_reason() -> None:
    for case, suite in CASES[::4]:
        done = infer(inputs(case, suite))
        for path, origin in done.origins().items():
            if origin.source is Source.USER:
                assert get(done.source, path) == origin.value == done.value(path)
            else:
                assert origin.rule
                assert origin.because
                assert all(read.path for read in origin.reads)
            cloud = any(read.source is Source.CLOUD for read in origin.reads)
            assert cloud == (origin.source is Source.CLOUD)


def test_an_edit_followed_step_by_step_gives_what_kops_gives() -> None:
    bases = {case.name: case for case in completed_cases("upstream/update")}
    befores = {name: infer(inputs(case, "upstream/update")) for name, case in bases.items()}
    failures = []
    for case in completed_cases("mutated"):
        before = befores[json.loads((case / "case.json").read_text())["base"]]
        _ = before.cluster
        if before.after(inputs(case, "mutated")).cluster != expected(case):
            failures.append(case.name)
    assert not failures


def test_a_change_of_what_a_rule_read_has_it_run_again() -> None:
    for case, suite in CASES[::90]:
        sheet = _computed(infer(inputs(case, suite)))
        ruled = {
            address: cell for address, cell in sheet.cells.items() if cell.rule is not None and cell.asked
        }
        assert ruled
        for address, cell in ruled.items():
            for read in cell.asked:
                plain = read[1:] if str(read[0]).startswith("@") else read
                assert address not in sheet.invalidated(sheet.source, [plain]).cells


@st.composite
def edits(draw: st.DrawFn) -> tuple[tuple[Path, str], FieldPath, Value]:
    """A case, a path of its inputs, and what to put there (UNSET as None: take it away)."""
    case, suite = draw(st.sampled_from(CASES))
    source = inputs(case, suite).tree()
    root = draw(st.sampled_from(ROOTS))
    path = draw(st.sampled_from([path for path, _ in leaves(source[root], (root,))]))
    path = path[: draw(st.integers(min_value=min(2, len(path)), max_value=len(path)))]
    return (case, suite), path, draw(st.one_of(st.none(), _like(get(source, path))))


def _like(value: object) -> st.SearchStrategy[Scalar]:
    """Values of the same kind, so that an edit is more than a type error."""
    if isinstance(value, bool):
        return st.just(not value)
    if isinstance(value, int):
        return st.integers(0, 3)
    return st.sampled_from(["1.32.0", "1.35.1", "eni", "Private", "10.9.0.0/16", "fd00::/8", "x.example.com"])


@given(edits())
@settings(max_examples=250, deadline=None)
def test_what_was_not_read_never_changes_a_result(edit: tuple[tuple[Path, str], FieldPath, Value]) -> None:
    (case, suite), path, value = edit
    before = inputs(case, suite)
    sheet = _computed(infer(before))
    source = unset_at(before.tree(), path) if value is None else set_at(before.tree(), path, value)
    kept = sheet.invalidated(source, [path[:-1] if value is None and isinstance(path[-1], int) else path])
    fresh = Sheet(source, sheet.book)
    for address, cell in kept.cells.items():
        assert fresh.value(address) == cell.value
    assert _outcome(kept) == _outcome(fresh)


def _computed(done: Inference) -> Sheet:
    """The sheet of an inference with every cell computed that its results need."""
    _ = done.cluster, done.instance_groups
    return done.sheet


def _outcome(sheet: Sheet) -> dict[str, object]:
    """What a sheet yields for each root: the value, or the error."""
    found: dict[str, object] = {}
    for root in ("spec", "instanceGroups"):
        try:
            found[root] = sheet.value((root,))
        except KopsError as error:
            found[root] = str(error)
    return found


def test_a_users_value_says_what_would_be_there_otherwise() -> None:
    case = corpus_dir() / "upstream/update" / "minimal-aws"
    given_inputs = inputs(case, "upstream/update")
    cluster = set_at(given_inputs.cluster, ("spec", "kubelet", "cgroupDriver"), "cgroupfs")
    done = infer(Inputs(cluster, given_inputs.instance_groups, given_inputs.facts, given_inputs.channel))
    assert done.origin("spec.kubelet.cgroupDriver").source is Source.USER
    assert done.would_be("spec.kubelet.cgroupDriver") == "systemd"
    assert done.origin("spec.masterKubelet.cgroupDriver").value == "cgroupfs"
    assert done.origin("spec.masterKubelet.cgroupDriver").rule == "kubelet.control_plane_kubelet"


def test_a_value_in_a_structure_that_a_rule_made_is_traced_to_the_value_it_came_from() -> None:
    case = corpus_dir() / "upstream/update" / "minimal-aws"
    given_inputs = inputs(case, "upstream/update")
    cluster = set_at(given_inputs.cluster, ("spec", "kubelet", "maxPods"), 30)
    origin = infer(
        Inputs(cluster, given_inputs.instance_groups, given_inputs.facts, given_inputs.channel)
    ).origin("instanceGroups.nodes.spec.kubelet.maxPods")
    assert origin.value == 30
    assert (("spec", "kubelet", "maxPods"), 30, Source.USER) in [
        (read.path, read.value, read.source) for read in origin.reads
    ]


def test_what_a_rule_read_says_whose_value_it_was() -> None:
    case = corpus_dir() / "upstream/update" / "privatecilium-eni"
    done = infer(inputs(case, "upstream/update"))
    read = {read.path[-1]: read.source for read in done.origin("spec.networking.cilium.tunnel").reads}
    assert read["cilium"] is Source.USER
    assert read["ipam"] is Source.USER
    names = {read.path: read.source for read in done.origin("spec.kubeAPIServer.etcdServers").reads}
    assert set(names.values()) == {Source.USER}
    issuer = {
        read.path[-1]: read.source for read in done.origin("spec.kubeAPIServer.serviceAccountJWKSURI").reads
    }
    assert issuer == {"serviceAccountIssuer": Source.INFERRED}


def test_a_rule_with_several_reasons_says_the_one_that_holds() -> None:
    folder = corpus_dir() / "upstream/update"
    wrapped = infer(inputs(folder / "privatecilium", "upstream/update")).origin(
        "spec.networking.cilium.tunnel"
    )
    routed = infer(inputs(folder / "privatecilium-eni", "upstream/update")).origin(
        "spec.networking.cilium.tunnel"
    )
    assert (wrapped.value, routed.value) == ("vxlan", "disabled")
    assert "wrapped" in wrapped.because
    assert "routes" in routed.because
