"""The keys that screens and widgets declare: they reach us from any terminal, and none means two things."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.dom import DOMNode
from textual.keys import _character_to_key

import kops_tui
from kops_tui.app import KopsApp
from kops_tui.commands import all_commands
from kops_tui.screens.cluster import ClusterPage
from kops_tui.screens.page import Page
from kops_tui.screens.registry import CLUSTER_SCREENS
from kops_tui.widgets.rows import Rows
from reference.keys import declared_keys

_ON_SOME_LISTS = ("space", "o")
"""Mark a row and sort, but only in lists that have marks, or columns to sort by."""


def _classes() -> Iterator[type[DOMNode]]:
    """Every screen, widget and app of the program."""
    for module in pkgutil.walk_packages(kops_tui.__path__, "kops_tui."):
        if not module.name.startswith("kops_tui.cli"):
            for found in vars(importlib.import_module(module.name)).values():
                if isinstance(found, type) and issubclass(found, DOMNode):
                    yield found


CLASSES = set(_classes())
KEYS = [each for node in CLASSES for each in declared_keys(node)]


def test_every_key_reaches_us_from_a_terminal_of_the_eighties() -> None:
    """Without the Kitty protocol: one byte, or a sequence that Textual knows."""
    known = {key.value for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple) for key in keys}
    assert len(KEYS) > 60
    for binding in KEYS:
        for each in binding.key.split(","):
            plain_key = len(each) == 1 or each in {_character_to_key(chr(code)) for code in range(33, 127)}
            assert plain_key or each in known or each == "space", (binding.id, each)


def test_no_key_that_others_take() -> None:
    taken = {"ctrl+a", "ctrl+b", "ctrl+h", "ctrl+i", "ctrl+m", "ctrl+q"}
    for binding in KEYS:
        for each in binding.key.split(","):
            assert each not in taken, binding.id
            assert "alt+" not in each, binding.id
            if each.startswith("ctrl+") and binding.action not in ("interrupt", "suspend_process"):
                assert len(binding.key.split(",")) > 1, f"{binding.id} needs a key without ctrl"


def test_no_key_means_two_things_on_one_screen() -> None:
    pages = [each for each in CLASSES if issubclass(each, Page) and each is not Page]
    assert len(pages) > 12
    for page in pages:
        shared = [*declared_keys(KopsApp), *declared_keys(Page), *declared_keys(Rows)]
        if page is ClusterPage:
            shared += [entry.key for entry in CLUSTER_SCREENS.values() if entry.key is not None]
        own = [
            key
            for base in page.__mro__
            if issubclass(base, Page) and base is not Page
            for key in declared_keys(base)
        ]
        seen: dict[str, str | None] = {}
        for binding in own + shared:
            for each in binding.key.split(","):
                if each not in _ON_SOME_LISTS:
                    assert each not in seen, (page, each, binding.id, seen.get(each))
                seen[each] = binding.id


def test_keys_that_lead_to_screens_lead_to_registered_ones() -> None:
    links = [*KEYS, *(entry.key for entry in CLUSTER_SCREENS.values() if entry.key is not None)]
    targets = {each.action.split("'")[1] for each in links if each.action.startswith("open_screen(")}
    assert {"spec", "plan", "history"} <= targets <= set(CLUSTER_SCREENS)
    commands = {each.action.split("'")[1] for each in KEYS if each.action.startswith("command(")}
    assert commands <= set(all_commands(CLUSTER_SCREENS))


def test_every_key_has_a_name_of_its_own_and_says_what_it_does() -> None:
    names = [each.id for each in KEYS]
    assert len(set(names)) == len(names)
    assert all(each.tooltip for each in KEYS)
