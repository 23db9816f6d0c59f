"""The metadata of stored documents: dates and generations, as kOps' update sets them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kops_core.errors import InvalidSpec
from kops_core.store.layout import CLUSTER_LABEL
from kops_core.store.metadata import dated, expect_name, labelled, name_of, succeeding

AT = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
STAMP, OLD, OWN = "2026-03-01T10:00:00Z", "2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"
generations = st.none() | st.integers(0, 3) | st.just("x")


def _document(spec: int, generation: object, created: str | None, name: str = "a") -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name}
    if generation is not None:
        metadata["generation"] = generation
    if created is not None:
        metadata["creationTimestamp"] = created
    return {"kind": "Cluster", "metadata": metadata, "spec": {"x": spec}}


@given(
    st.booleans(),
    generations,
    generations,
    st.sampled_from([None, "", OLD]),
    st.sampled_from([None, "", OWN]),
)
def test_a_document_goes_on_from_the_one_that_it_replaces(
    same: bool, before: object, mine: object, old: str | None, own: str | None
) -> None:
    first, second = _document(1, before, old), _document(1 if same else 2, mine, own)
    kept = copy.deepcopy(second)
    made: Any = succeeding(first, second, AT)
    assert second == kept, "what was given stays as it is"
    assert made["metadata"].pop("creationTimestamp") == (own or old or STAMP)
    counted = before if isinstance(before, int) else 0
    expected = counted + 1 if not same else mine or (before if before is not None else mine)
    assert made["metadata"].pop("generation", None) == expected
    assert made == {"kind": "Cluster", "metadata": {"name": "a"}, "spec": second["spec"]}


def test_a_document_without_metadata_gets_its_own() -> None:
    assert dated({"kind": "X"}, AT) == {"kind": "X", "metadata": {"creationTimestamp": STAMP}}
    assert dated(_document(1, None, OLD), datetime.now(UTC)) == _document(1, None, OLD)
    made: Any = succeeding({"spec": {}}, {"spec": {}}, AT)
    assert made == {"spec": {}, "metadata": {"creationTimestamp": STAMP}}


@pytest.mark.parametrize("labels", [None, {}, {"a": "b"}, {CLUSTER_LABEL: "other"}, "nonsense"], ids=str)
def test_a_group_has_the_label_of_its_cluster_and_keeps_the_others(labels: object) -> None:
    group: Any = {"metadata": {"name": "nodes", "labels": labels}}
    others = labels if isinstance(labels, dict) else {}
    found: Any = labelled(group, "c")
    assert found["metadata"] == {"name": "nodes", "labels": {**others, CLUSTER_LABEL: "c"}}
    assert group["metadata"]["labels"] is labels


@pytest.mark.parametrize("metadata", [None, {}, {"name": ""}, {"name": 7}, "x"], ids=str)
def test_a_name_is_needed_and_a_text(metadata: Any) -> None:
    for document in ({"metadata": metadata}, {}):
        with pytest.raises(InvalidSpec) as refused:
            name_of(document)
        assert [(each.path, each.kind) for each in refused.value.errors] == [
            ("metadata.name", "Required value")
        ]


def test_an_object_can_not_be_renamed() -> None:
    expect_name(_document(1, None, None), "a")
    with pytest.raises(InvalidSpec, match="from a to b"):
        expect_name(_document(1, None, None, "b"), "a")
