"""The comparison of single fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kops_core.cloud.aws.policies import same_policy
from kops_core.cloud.aws.resources.groups import BlockDevice
from kops_core.model.resource import AttributeInfo, Resource, attr
from kops_core.model.template import Digest, JsonString, Key, Link, Ref, Template
from kops_core.plan.changes import FieldChange, Unknown
from kops_core.plan.diff import creation, differences


@dataclass(frozen=True, kw_only=True)
class Thing(Resource):
    """A kind with a field of every sort."""

    size: int | None = attr(replace=True)
    vpc: Link = attr()
    password: str | None = attr(secret=True)
    names: tuple[str, ...] | None = attr(unordered=True)
    steps: tuple[str, ...] | None = attr()
    devices: tuple[BlockDevice, ...] | None = attr(unordered=True)
    options: BlockDevice | None = attr()
    labels: Mapping[str, str] | None = attr(partial_map=True)
    tags: Mapping[str, str] | None = attr()
    document: Template | str | None = attr(form="json")
    policy: Template | str | None = attr(form="json", equivalent=same_policy)
    seed: str | None = attr(create_only=True)


VPC = Ref(Key("VPC", "a"))
texts = st.text("abc", max_size=2)
tables = st.dictionaries(texts, texts, max_size=3)
values: dict[str, st.SearchStrategy[Any]] = {
    "size": st.integers(0, 3),
    "vpc": texts,
    "password": texts,
    "names": st.lists(texts, max_size=3).map(tuple),
    "steps": st.lists(texts, max_size=3).map(tuple),
    "labels": tables,
    "tags": tables,
    "devices": st.lists(st.builds(BlockDevice, texts, st.none() | st.integers(0, 2)), max_size=2).map(tuple),
}
things = st.fixed_dictionaries({}, optional=values).map(lambda given: Thing(name="x", **given))


def known(ref: Ref) -> str | None:
    return "vpc-1" if ref == VPC else None


@given(things)
def test_nothing_differs_from_itself(thing: Thing) -> None:
    assert differences(thing, thing, known) == ()


@given(things, things)
def test_only_fields_that_are_set_can_differ(one: Thing, other: Thing) -> None:
    wanted = {name: value for name, _, value in one.attributes() if value is not None}
    there = {name: value for name, _, value in other.attributes()}
    found = {each.name for each in differences(one, other, known)}
    assert found <= set(wanted)
    plain = {"size", "vpc", "password", "steps", "tags"}
    assert found & plain == {name for name in wanted if name in plain and wanted[name] != there[name]}


def test_an_unknown_reference_differs_and_a_known_one_is_compared() -> None:
    there = Thing(name="x", vpc="vpc-1")
    assert differences(Thing(name="x", vpc=VPC), there, known) == ()
    other = Ref(Key("VPC", "b"))
    (field,) = differences(Thing(name="x", vpc=other), there, known)
    assert (field.before, field.after) == ("vpc-1", Unknown.AFTER_APPLY)


def test_a_text_that_is_not_wholly_known_shows_what_it_waits_for() -> None:
    later = Ref(Key("Key", "k"))
    text = Template.of(
        "id ", later, " ", Digest(Template.of(later)), " ", JsonString(Template.of(VPC, " ", later))
    )
    (field,) = creation(Thing(name="x", document=text), known)
    assert (
        field.after
        == 'id (Key/k id, known after apply) (hash, known after apply) "vpc-1 (Key/k id, known after apply)"'
    )


def test_secrets_are_never_in_a_plan() -> None:
    (field,) = differences(Thing(name="x", password="new"), Thing(name="x", password="old"), known)
    assert field == FieldChange("password", "(secret)", "(another secret)")
    (made,) = creation(Thing(name="x", password="new"), known)
    assert made == FieldChange("password", None, "(secret)")
    assert "new" not in repr(Thing(name="x", password="new"))


def test_parts_that_nobody_sets_are_not_compared() -> None:
    wanted = Thing(name="x", devices=(BlockDevice("/dev/b"), BlockDevice("/dev/a", 8)))
    there = Thing(name="x", devices=(BlockDevice("/dev/a", 8, "gp3"), BlockDevice("/dev/b", 1)))
    assert differences(wanted, there, known) == ()
    (field,) = differences(wanted, Thing(name="x", devices=(BlockDevice("/dev/a", 8),)), known)
    assert field.after == "device_name: /dev/b\ndevice_name: /dev/a, volume_size: 8"


def test_json_is_compared_by_what_it_says() -> None:
    there = Thing(name="x", document='{"a": [1, 2]}')
    assert differences(Thing(name="x", document='{"a":[1,2]}'), there, known) == ()
    assert differences(Thing(name="x", document='{"a":[2,1]}'), there, known) != ()
    assert differences(Thing(name="x", document="not json"), there, known) != ()


def _policy(action: str, principal: str = '"*"', condition: str = '"b"') -> str:
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": '
        f'{action}, "Principal": {principal}, "Condition": {{"StringEquals": {{"a": {condition}}}}}}}]}}'
    )


def test_policies_are_compared_by_what_they_allow() -> None:
    wanted = Thing(name="x", policy=_policy('["s3:Get", "s3:Put"]', '{"AWS": "123456789012"}'))
    for same in (
        _policy('["s3:Put", "s3:Get"]', '{"AWS": ["arn:aws:iam::123456789012:root"]}'),
        _policy('["s3:Get","s3:Put"]', '{"AWS": "arn:aws-cn:iam::123456789012:root"}', '["b"]'),
    ):
        assert differences(wanted, Thing(name="x", policy=same), known) == ()
    for other in (
        _policy('["s3:Get"]', '{"AWS": "123456789012"}'),
        _policy('["s3:Get", "s3:Put"]', '{"AWS": "210987654321"}'),
        _policy('["s3:Get", "s3:Put"]', '{"AWS": "arn:aws:iam::123456789012:user/root"}'),
        _policy('["s3:Get", "s3:Put"]', '{"AWS": "123456789012"}', '["b", "c"]'),
        _policy('["s3:Get", "s3:Put"]'),
        "{}",
    ):
        assert differences(wanted, Thing(name="x", policy=other), known) != ()


def test_what_matters_only_at_birth_is_shown_then_and_never_compared() -> None:
    assert differences(Thing(name="x", seed="a"), Thing(name="x", seed="b"), known) == ()
    assert [each.name for each in creation(Thing(name="x", seed="a"), known)] == ["seed"]


def test_only_what_changes_of_a_partial_table_is_shown() -> None:
    there = Thing(name="x", labels={"a": "1", "b": "2", "theirs": "3"})
    (field,) = differences(Thing(name="x", labels={"a": "1", "b": "9"}), there, known)
    assert (field.before, field.after) == ("b: 2", "b: 9")
    assert AttributeInfo().partial_map is False


def test_what_is_of_another_kind_than_wanted_differs() -> None:
    cases: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"options": BlockDevice("a")}, {"options": None}),
        ({"options": BlockDevice("a")}, {"options": "a"}),
        ({"names": ("a",)}, {"names": None}),
        ({"names": ("a",)}, {"names": "a"}),
        ({"labels": {}}, {"labels": None}),
        ({"tags": {"a": "b"}}, {"tags": ("a", "b")}),
        ({"document": "{}"}, {"document": None}),
    )
    for wanted, there in cases:
        one, other = Thing(name="x", **wanted), Thing(name="x", **there)
        assert [each.name for each in differences(one, other, known)] == list(wanted)
        assert differences(one, one, known) == ()


lists = st.lists(st.sampled_from("abc"), max_size=4).map(tuple)


@given(lists, lists)
def test_lists_are_compared_the_same_from_both_sides_and_by_their_meaning(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    for name, same in (("steps", one == other), ("names", sorted(one) == sorted(other))):
        mine, theirs = Thing(name="x", **{name: one}), Thing(name="x", **{name: other})  # type: ignore[arg-type]
        there, back = differences(mine, theirs, known), differences(theirs, mine, known)
        assert (there == ()) == (back == ()) == same
        if not same:
            ((field),) = there
            assert replace(field, before=field.after, after=field.before) == back[0]  # type: ignore[arg-type]


@given(tables, tables)
def test_tables_are_compared_by_the_entries_that_are_managed(
    one: dict[str, str], other: dict[str, str]
) -> None:
    whole = differences(Thing(name="x", tags=one), Thing(name="x", tags=other), known)
    assert (whole == ()) == (one == other)
    part = differences(Thing(name="x", labels=one), Thing(name="x", labels=other), known)
    different = {key for key in one if other.get(key) != one[key]}
    assert (part == ()) == (not different)
    if part:
        after = str(part[0].after).splitlines()
        assert {line.partition(":")[0] for line in after} == different
