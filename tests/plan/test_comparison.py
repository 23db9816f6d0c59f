"""Two plans compared: what is new, gone and different."""

from __future__ import annotations

from dataclasses import replace

from kops_core.model.template import Key
from kops_core.plan.changes import Action, Change, FieldChange, Reason
from kops_core.plan.comparison import PlanComparison, compare, differing_fields


def change(name: str, *fields: FieldChange, action: Action = Action.UPDATE) -> Change:
    return Change(Key("LaunchTemplate", name), action, Reason.DIFFERS, fields)


IMAGE, TYPE = FieldChange("image", "ami-1", "ami-2"), FieldChange("type", "m5", "m6")


def test_each_difference_is_new_gone_or_another_value() -> None:
    same, old = change("same", IMAGE), change("gone", IMAGE)
    before, after = change("a", IMAGE, TYPE), change("a", replace(IMAGE, after="ami-3"), TYPE)
    replaced = replace(before, action=Action.REPLACE)
    new = change("new", action=Action.CREATE)
    found = compare([same, before, old], [new, same, after])
    assert (found.added, found.removed, found.changed) == ((new,), (old,), ((before, after),))
    assert compare([before], [replaced]).changed == ((before, replaced),)
    assert compare([same, old], [old, same]) == PlanComparison((), (), ())


def test_the_fields_that_differ_are_named() -> None:
    before = change("a", IMAGE, TYPE)
    assert differing_fields(before, change("a", replace(IMAGE, after="ami-3"), TYPE)) == ["image"]
    assert differing_fields(before, change("a", TYPE)) == ["image"]
    assert differing_fields(change("a", replace(TYPE, before="m4")), before) == ["image", "type"]
