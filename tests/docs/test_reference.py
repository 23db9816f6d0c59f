"""The generated reference says what the program does, and no page names what does not exist."""

from __future__ import annotations

import ast
import importlib
import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from kops_core.operations import event_json
from kops_core.operations.events import HeldPod, Phase, StepChanged
from kops_core.plan.saved import to_json
from kops_tui.cli.root import COMMANDS
from kops_tui.preferences import Preferences
from reference.man import write
from reference.pages import generated
from reference.schemas import event_types, events_schema, plan_schema
from reference.settings import PREFERENCES, VARIABLES
from tests.docs.test_guide import DOCS
from tests.judge.outcome import CLUSTERS, SPECIFICATION, engine

ROOT = DOCS.parent
_NAME = re.compile(r"`((?:kops_core|kops_tui)\.[\w.]+)`")


@pytest.mark.filterwarnings("ignore:'click.utils.make_default_short_help':DeprecationWarning")
def test_every_command_has_its_help_and_a_man_page(tmp_path: Path) -> None:
    page = generated()["reference/commands.md"]
    names = {each.name for each in write(tmp_path)}
    for name in COMMANDS:
        assert f"\n## kops-tui {name}\n" in page
        assert f"kops-tui-{name}.1" in names
    assert "--control-plane-size" in page


_NO_SETTINGS = {
    "KUBERNETES_EXEC_INFO",  # from kubectl to its credential plugin
    "KOPS_TUI_COMPLETE_WITHOUT_DESCRIPTIONS",  # from the shell's code for completion
    "_KOPS_TUI_COMPLETE",
}


def test_the_variables_are_those_that_the_code_reads() -> None:
    """Words like KOPS_BASE_URL in modules about the environment, but for the emulator's and the nodes'."""
    read: set[str] = set()
    for package in ("kops_core", "kops_tui"):
        for file in (ROOT / package).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            if {"sandbox", "model", "addons"} & set(file.parts) or not re.search("environ|envvar", text):
                continue
            words = {each for each in _texts(text) if re.fullmatch(r"_?[A-Z][A-Z0-9]+(_[A-Z0-9]+)*", each)}
            read |= {each for each in words if "_" in each} | words & set(VARIABLES)
    assert read - _NO_SETTINGS == set(VARIABLES)


def _texts(source: str) -> set[str]:
    """The texts in a module's code, those of f-strings in parts."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_preferences_are_those_that_are_read() -> None:
    assert set(PREFERENCES) == {each.name for each in fields(Preferences)}


@pytest.mark.parametrize("name", ["small", "private"])
def test_the_plans_of_clusters_have_the_schema(name: str) -> None:
    workspace = engine().open_files({"cluster.yaml": (CLUSTERS / name / SPECIFICATION).read_bytes()})
    jsonschema.validate(json.loads(json.dumps(to_json(workspace.plan().plan))), plan_schema())


def test_an_event_has_the_schema_and_another_has_not() -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    held = HeldPod("web/a", at, "web 1 of 2", "Cannot evict pod")
    event = StepChanged(at, "op", "Instance/i-1", Phase.RUNNING, held=(held,))
    row = json.loads(event_json.to_json(event, 3))
    jsonschema.validate(row, events_schema())
    for spoilt in (row | {"phase": "somewhere"}, row | {"event": "Unheard"}, row | {"version": 2}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(spoilt, events_schema())
    assert {f"#/$defs/{each.__name__}" for each in event_types()} == {
        each["$ref"] for each in events_schema()["anyOf"]
    }


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.stem)
def test_the_code_that_a_page_names_exists(page: Path) -> None:
    for name in _NAME.findall(page.read_text(encoding="utf-8")):
        _resolve(name)


def _resolve(name: str) -> object:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise AssertionError(name)


def test_what_troubleshooting_quotes_is_said_by_the_program() -> None:
    said = "\n".join(
        each
        for package in ("kops_core", "kops_tui")
        for file in (ROOT / package).rglob("*.py")
        for each in _texts(file.read_text(encoding="utf-8"))
    )
    text = (DOCS / "guide" / "troubleshooting.md").read_text(encoding="utf-8")
    quoted = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    messages = [each for each in quoted if each != "it says"]
    assert len(messages) > 15
    assert [each for each in messages if each not in said] == []
