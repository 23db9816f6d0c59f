"""The records of kinds: each kind has one, and its references exist."""

from __future__ import annotations

from dataclasses import fields
from importlib import import_module
from pathlib import Path

import pytest

from kops_core.cloud.aws import resources
from kops_core.cloud.aws.resources import KINDS
from kops_core.model import store_resources
from kops_core.model.kind_spec import FactField, FactTable
from kops_core.model.resource import Resource
from kops_core.plan.order import in_order

EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@EACH
def test_a_kind_declares_a_record_of_its_own(kind: type[Resource]) -> None:
    assert "spec" in vars(kind)


@EACH
def test_attributes_that_a_record_names_exist(kind: type[Resource]) -> None:
    names = {each.name for each in fields(kind)}
    facts = kind.spec.facts
    assert not kind.spec.part_of or kind.spec.part_of in names
    assert not isinstance(facts, FactField) or facts.owner in names
    assert not isinstance(facts, FactTable) or set(facts.links) <= names
    assert kind.spec.shareable or facts is None, "facts tell of the user's own"


def test_every_kind_that_a_module_defines_is_listed() -> None:
    folder = Path(resources.__file__).parent
    modules = [import_module(f"{resources.__name__}.{path.stem}") for path in folder.glob("[a-z]*.py")]
    defined = {
        each
        for module in (*modules, store_resources)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Resource) and each is not Resource
    }
    assert defined == set(KINDS.values())


def test_kinds_need_each_other_in_no_circle() -> None:
    boot = [name for name, kind in KINDS.items() if kind.spec.needed_at_boot]
    needs = {
        name: [
            *(each.__name__ for each in kind.spec.depends_on),
            *(boot if kind.spec.starts_machines else ()),
        ]
        for name, kind in KINDS.items()
    }
    order = in_order(needs)
    assert all(order.index(each) < order.index(name) for name in order for each in needs[name])
