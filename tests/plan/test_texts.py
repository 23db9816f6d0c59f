"""How values, changes and plans are written as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from kops_core.api.path import parse
from kops_core.cloud.aws.resources.groups import BlockDevice, MetadataOptions
from kops_core.model.kind_spec import Area, Risk
from kops_core.model.resource import Resource, attr
from kops_core.model.template import (
    CidrSubnet,
    Digest,
    Gzipped,
    JsonString,
    Key,
    LiteralBlock,
    Ref,
    Template,
    YamlListEntry,
)
from kops_core.plan.changes import Action, CauseGroup, CauseKind, Change, FieldChange, Plan, Reason, Unknown
from kops_core.plan.diff import contains, creation, deletion, differences, text_of, too_long
from kops_core.plan.manifest_diff import ObjectChange, ValueChange, object_changes
from kops_core.plan.redaction import fingerprint, redacted
from kops_core.plan.render import field_lines, object_lines, rolled, summary, text, tree
from tests.plan.fixtures import NOW

LATER = Ref(Key("Key", "k"))


def nothing(ref: Ref) -> str | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Thing(Resource):
    """A kind with a field of every sort."""

    size: int | None = attr(replace=True)
    on: bool | None = attr()
    names: tuple[str, ...] | None = attr()
    devices: tuple[BlockDevice, ...] | None = attr()
    options: MetadataOptions | None = attr()
    labels: Mapping[str, str] | None = attr()
    script: Template | str | None = attr(form="script", max_bytes=10)
    secret: str | None = attr(secret=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (7, "7"),
        ("", ""),
        ((), "(none)"),
        (("a", "b"), "a\nb"),
        ((True, ("x", "y")), "true\nx, y"),
        (((),), "(none)"),
        ({"b": "2", "a": ("x", "y")}, "a: x, y\nb: 2"),
        ({"a": {}}, "a: "),
        (BlockDevice("/dev/a", 8, encrypted=False), "device_name: /dev/a\nvolume_size: 8\nencrypted: false"),
        ((BlockDevice("a", 8), BlockDevice("b")), "device_name: a, volume_size: 8\ndevice_name: b"),
        ({"a": BlockDevice("/dev/a", kms_key_id="")}, "a: device_name: /dev/a"),
        (Template.of("a", LATER, "b"), "a(Key/k id, known after apply)b"),
        (Template.of(CidrSubnet(LATER, 64, 3)), "(network 3 of Key/k, known after apply)"),
        (Template.of(Digest(Template.of(LATER))), "(hash, known after apply)"),
        (Template.of(Gzipped(Template.of(LATER))), "(compressed, known after apply)"),
        (Template.of(JsonString(Template.of("x", LATER))), '"x(Key/k id, known after apply)"'),
        (Template.of(LiteralBlock(Template.of("x", LATER), 2)), "x(Key/k id, known after apply)"),
        (Template.of(YamlListEntry(Template.of(LATER), key="key", indent=2)), "  key: (known after apply)\n"),
    ],
    ids=str,
)  # fmt: skip
def test_each_value_is_shown_as_lines(value: object, shown: str) -> None:
    assert text_of(value) == shown


def test_of_a_new_and_of_a_deleted_resource_all_fields_are_told_that_are_set() -> None:
    thing = Thing(name="x", size=0, on=False, names=(), script="", secret="s", labels={"a": "b"})
    assert creation(thing, nothing) == (
        FieldChange("size", None, "0"),
        FieldChange("on", None, "false"),
        FieldChange("names", None, "(none)"),
        FieldChange("labels", None, "a: b"),
        FieldChange("secret", None, "(secret)"),
    ), "a field that forces a replacement forces none of what is new; an empty text is no value"
    assert deletion(thing) == (
        FieldChange("size", "0", None),
        FieldChange("on", "false", None),
        FieldChange("names", "(none)", None),
        FieldChange("labels", "a: b", None),
        FieldChange("script", "", None, "script"),
        FieldChange("secret", "(secret)", None),
    )
    assert creation(Thing(name="x", size=None, script=Template.of(LATER)), nothing) == (
        FieldChange("script", None, "(Key/k id, known after apply)", "script"),
    )


def test_a_difference_says_what_forces_a_replacement() -> None:
    one, other = Thing(name="x", size=1, on=True), Thing(name="x", size=2, on=False)
    assert differences(one, other, nothing) == (
        FieldChange("size", "2", "1", forces_replace=True),
        FieldChange("on", "false", "true"),
    )
    assert differences(one, Thing(name="x"), nothing)[0] == FieldChange("size", None, "1", "", True)


@pytest.mark.parametrize(("script", "size"), [("x" * 10, 0), ("x" * 11, 11), ("ä" * 5, 0), ("ä" * 6, 12)])
def test_a_text_may_have_so_many_bytes_and_not_one_more(script: str, size: int) -> None:
    found = too_long(Thing(name="x", script=script), nothing)
    assert found == ((f"Thing/x: script has {size} bytes, and the limit is 10",) if size else ())
    assert too_long(Thing(name="x", names=("x" * 99,)), nothing) == (), "others have no limit"


@pytest.mark.parametrize(
    "fields",
    [
        {"names": ("a", "id-1")},
        {"labels": {"a": "id-1"}},
        {"devices": (BlockDevice("id-1"),)},
        {"options": MetadataOptions(http_tokens="id-1")},
        {"script": "id-1"},
    ],
    ids=str,
)
def test_an_id_is_found_in_any_field(fields: dict[str, Any]) -> None:
    assert contains(Thing(name="x", **fields), "id-1")
    assert not contains(Thing(name="id-1", **fields), "id")
    assert not contains(Thing(name="id-1"), "id-1"), "a name is no field"


CHANGE = Change(
    Key("LaunchTemplate", "nodes"),
    Action.REPLACE,
    Reason.CANNOT_UPDATE,
    (
        FieldChange("size", "1", "2", "json", forces_replace=True),
        FieldChange("arn", None, Unknown.AFTER_APPLY),
    ),
    (Key("IAMRole", "a/b"),),
    Risk.ROLLS_NODES,
    ("nodes", "more"),
    (parse("spec.subnets[0].cidr"),),
    Area.INSTANCE_GROUPS,
    "a label",
    "a note",
    "s3://store",
)


PLAN = Plan(
    "c.example.com",
    "0123",
    NOW,
    (CHANGE, Change(Key("VPC", "v"), Action.NO_OP, Reason.SAME, area=Area.NETWORK)),
    ("an error",),
    ("a warning",),
    (Change(Key("IAMRole", "old"), Action.DELETE, Reason.NOT_DESIRED),),
    True,
    (CauseGroup(CauseKind.UNSAVED, parse("spec.x"), "1", None, (CHANGE.key,), (Key("IAMRole", "old"),)),),
)


def test_lines_that_are_too_long_are_cut_and_values_stand_below_their_name() -> None:
    path, value = "spec." + "x" * 90, "y" * 90
    lines = list(
        object_lines(
            [
                ObjectChange(
                    "Pod a",
                    Action.UPDATE,
                    (
                        ValueChange("spec.a", "1", None),
                        ValueChange("spec.b", value, "2"),
                        ValueChange(path, None, "3"),
                    ),
                ),
                ObjectChange("", Action.UPDATE, (ValueChange("a", "1", ""),)),
                ObjectChange("Role r", Action.DELETE, pruned=True),
                ObjectChange("Role s", Action.DELETE, pruned=False),
            ]
        )
    )
    assert lines == [
        "        ~ Pod a",
        "          spec.a: 1 -> (unset)",
        "          spec.b:",
        f"            - {'y' * 63}...",
        "            + 2",
        f"          spec.{'x' * 62}...",
        "            + 3",
        '        a: 1 -> ""',
        "        - Role r  (pruned: the cluster loses it)",
        "        - Role s  (stays in the cluster: not pruned)",
    ]


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        (FieldChange("a", "1", "2"), ["a: 1 -> 2"]),
        (FieldChange("a", "1", "2", forces_replace=True), ["a: 1 -> 2  (forces replacement)"]),
        (FieldChange("a", "", None), ['a: "" -> (unset)']),
        (FieldChange("a", "  ", "x"), ['a: "" -> x']),
        (FieldChange("a", "1", Unknown.AFTER_APPLY), ["a: 1 -> (known after apply)"]),
        (FieldChange("a", None, "2"), ["a: 2"]),
        (FieldChange("a", None, Unknown.AFTER_APPLY), ["a: (known after apply)"]),
        (FieldChange("a", None, None), ['a: ""']),
        (FieldChange("a", None, "1\n2"), ["a:", "  1", "  2"]),
        (FieldChange("a", None, "x\n" * 12), ["a:", *["  x"] * 12]),
        (FieldChange("a", None, "x\n" * 13), ["a: (13 lines)"]),
        (
            FieldChange("a", "x" * 40, "y" * 40, forces_replace=True),
            ["a:  (forces replacement)", f"  - {'x' * 40}", f"  + {'y' * 40}"],
        ),
        (FieldChange("a", "x" * 61, "1"), ["a:", "  ...", f"  - {'x' * 61}", "  + 1"]),
        (
            FieldChange("a", "1\n2", Unknown.AFTER_APPLY),
            [r"a: 1\u000a2 -> (known after apply)"],
        ),
        (
            FieldChange("a", "\n".join("abcdefgh"), "\n".join("abcdxfgh")),
            ["a:", "  ...", "    c", "    d", "  - e", "  + x", "    f", "    g"],
        ),
    ],
    ids=str,
)
def test_a_field_takes_a_line_if_it_fits_and_else_a_difference(field: FieldChange, lines: list[str]) -> None:
    shown = [each.removeprefix(" " * 8) for each in field_lines(field)]
    assert shown == lines


def test_groups_are_in_the_order_of_areas_and_count_their_actions() -> None:
    (group,) = tree(PLAN)
    assert (group.title, group.counts()) == ("Instance groups", {Action.REPLACE: 1})
    network, machines = tree(PLAN, kept=True)
    assert [network.title, machines.title] == ["Network", "Instance groups"]
    assert network.counts() == {Action.NO_OP: 1}
    assert rolled(PLAN) == ("nodes", "more")
    assert summary(PLAN) == "c.example.com: 1 to replace."
    assert summary(replace(PLAN, changes=PLAN.changes[1:])) == "c.example.com is up to date: nothing to do."


def test_a_plan_ends_with_what_is_to_be_known_about_it() -> None:
    shown = text(PLAN)
    for block in (
        "Errors\n  an error\n\nWarnings\n  a warning\n\n",
        "Deleted only when pruning\n  - IAMRole/old\n\n",
        "By cause\n  spec.x 1 -> (unset): 1 to change, 1 deleted only when pruning\n\n",
        "c.example.com: 1 to replace.\nNeeds a rolling update: nodes, more.\n",
        "It can't be applied: see the errors above.\n",
        "-/+ LaunchTemplate/nodes  a label\n        a note\n        ! needs a rolling update: nodes, more\n"
        "        because of spec.subnets[0].cidr\n",
    ):
        assert block in shown
    left = replace(PLAN, errors=(), changes=(Change(CHANGE.key, Action.NO_OP, Reason.LEFT_OUT),))
    assert "Left out, because the plan is limited to other resources\n    LaunchTemplate/nodes\n" in text(
        left
    )
    four = replace(CHANGE, spec_paths=tuple(parse(f"spec.{each}") for each in "abcd"))
    assert "because of spec.a, spec.b, spec.c and 1 more\n" in text(replace(PLAN, changes=(four,)))
    created = replace(CHANGE, action=Action.CREATE)
    assert "because of" not in text(replace(PLAN, changes=(created,)))


SECRET = "very-secret"
HIDDEN = fingerprint(SECRET)


@pytest.mark.parametrize(
    ("form", "before", "after"),
    [
        ("", f"kind: Secret\ndata: {{a: {SECRET}}}", None),
        ("json", f"export S3_ACCESS_KEY_ID={SECRET}", None),
        ("yaml", "kind: ConfigMap\ndata:  {a:   b}", None),
        ("yaml", f"kind: Secret\ndata: {{a: {SECRET}}}\n", f"data:\n  a: {HIDDEN}\nkind: Secret\n"),
        (
            "yaml",
            f"'kind': 'Secret'\nstringData: {{a: {SECRET}}}\n",
            f"kind: Secret\nstringData:\n  a: {HIDDEN}\n",
        ),
        (
            "yaml",
            f"- name: S3_ACCESS_KEY_ID\n  value: {SECRET}\n",
            f"- name: S3_ACCESS_KEY_ID\n  value: {HIDDEN}\n",
        ),
        ("yaml", "- name: S3_ACCESS_KEY_ID\n- name: S3_REGION\n  value: here\n", None),
        ("yaml", f"kind: Secret\ndata: [{SECRET}", fingerprint(f"kind: Secret\ndata: [{SECRET}")),
        ("script", f"export S3_ACCESS_KEY_ID={SECRET}\n", f"export S3_ACCESS_KEY_ID={HIDDEN}\n"),
    ],
    ids=str,
)
def test_secrets_are_hidden_where_a_form_may_have_some_and_all_else_is_as_it_was(
    form: str, before: str, after: str | None
) -> None:
    assert redacted(before, form) == (before if after is None else after)


def test_objects_are_named_by_group_kind_namespace_and_name() -> None:
    def of(text: str, other: str) -> list[tuple[str, Action]]:
        return [(each.name, each.action) for each in object_changes(FieldChange("x", text, other, "yaml"))]

    one = "apiVersion: apps/v1\nkind: Role\nmetadata: {name: a, namespace: ns}\n"
    assert of(one, one.replace("apps/v1", "apps/v2")) == [("Role ns/a", Action.UPDATE)], (
        "a version is a field"
    )
    assert of(one, one.replace("apps/", "other/")) == [
        ("Role ns/a", Action.CREATE),
        ("Role ns/a", Action.DELETE),
    ]
    assert of(one, f"{one}---\n{one}") == [("Role ns/a", Action.CREATE)]
    assert of(f"{one}---\n", one) == []
    assert of("a: 1", "a: '1'") == [("", Action.UPDATE)]
    assert of("a: [1, 2, 3]", "a: [1, 3]") == [("", Action.UPDATE)]
    (listed,) = object_changes(FieldChange("x", "a: [1, 2, 2, 3]", "a: [3, 2, 1, 4, 5]", "yaml"))
    assert [(each.path, each.before, each.after) for each in listed.fields] == [
        ("a[]", "2", None),
        ("a[]", None, "4"),
        ("a[]", None, "5"),
    ], "what is on both sides is not told"
    assert object_changes(FieldChange("x", "a: 1", "a: 2", "json")) == ()
    assert object_changes(FieldChange("x", "a: 1", Unknown.AFTER_APPLY, "yaml")) == ()


def test_named_items_of_a_list_are_compared_by_name_and_their_order_is_told_only_if_it_changed() -> None:
    def of(before: str, after: str) -> list[tuple[str, str | None, str | None]]:
        found = object_changes(FieldChange("x", f"a: {before}", f"a: {after}", "yaml"))
        return [(each.path, each.before, each.after) for one in found for each in one.fields]

    one = "[{name: x, v: 1}, {name: q, v: 1}, {name: z, v: 1}]"
    assert of(one, "[{name: x, v: 1}, {name: z, v: 1}]") == [("a[q]", '{"name": "q", "v": 1}', None)]
    assert of(one, one.replace("{name: q, v: 1}", "{name: q, v: 2}")) == [("a[q].v", "1", "2")]
    assert of(one, "[{name: z, v: 1}, {name: x, v: 1}]") == [
        ("a[q]", '{"name": "q", "v": 1}', None),
        ("a (order)", "x, q, z", "z, x"),
    ]
    assert of(one, "[{name: p, v: 1}, {name: x, v: 1}, {name: q, v: 1}, {name: z, v: 1}]") == [
        ("a[p]", None, '{"name": "p", "v": 1}')
    ], "one before the others leaves their order as it was"
    twice = "[{name: x, v: 1}, {name: x, v: 2}]"
    assert of(twice, "[{name: x, v: 1}, {name: x, v: 3}]") == [("a[1].v", "2", "3")], "no name tells these"
    keyed = "[{key: k, v: 1}]"
    assert of(keyed, "[{key: k, v: 2}]") == [("a[k].v", "1", "2")]
    assert of("[1, 2]", "[1, 3]") == [("a[1]", "2", "3")]
    assert of("{b-c: 1, d.e: 1}", "{b-c: 2, d.e: 2}") == [("a.b-c", "1", "2"), ('a["d.e"]', "1", "2")]
    assert of("1", "'1'") == [("a", "1", '"1"')]
    assert of("true", "1") == [("a", "true", "1")]
    assert of("1", "1.0") == [("a", "1", "1.0")]
    assert of("null", "''") == [("a", "null", '""')]
