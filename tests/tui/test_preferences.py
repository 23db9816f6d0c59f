"""The operator's preferences: what is read, what is refused, and the theme that stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core import Engine, Settings, UsageError
from kops_tui.preferences import Preferences, PreferencesFile
from tests.tui.driver import run_app


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "ui.yaml"
    file.write_text(
        "theme: kops-light\nrefresh: 0\nproduction: ['*.live.*']\nmouse: false\nkeymap:\n  page.refresh: f5\n"
    )
    assert PreferencesFile(file).read() == Preferences(
        "kops-light", {"page.refresh": "f5"}, 0, ["*.live.*"], False
    )
    assert PreferencesFile(tmp_path / "none").read() == Preferences()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("themes: dark\n", "themes"),
        ("refresh: often\n", "refresh"),
        ("refresh: true\n", "refresh"),
        ("keymap: [a]\n", "keymap"),
        ("theme: [\n", "can't be read"),
        ("just text\n", "object"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "ui.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as raised:
        PreferencesFile(file).read()
    assert told in str(raised.value)
    assert str(file) in str(raised.value)


def _engine(folder: Path) -> Engine:
    (folder / "store").mkdir()
    return Engine(Settings(stores=(f"file://{folder}/store",), state_dir=folder / "state"))


async def test_a_theme_stays_and_so_do_comments(tmp_path: Path) -> None:
    file = tmp_path / "config" / "ui.yaml"
    file.parent.mkdir()
    file.write_text("# mine\nrefresh: 30\n")
    async with run_app(_engine(tmp_path), kept_in=file) as driver:
        await driver.press("colon")
        await driver.type("theme kops-light")
        await driver.press("enter")
        assert driver.app.theme == "kops-light"
    assert file.read_text() == "# mine\nrefresh: 30\ntheme: kops-light\n"
    preferred = PreferencesFile(file).read()
    engine = Engine(Settings(stores=(f"file://{tmp_path}/store",)))
    async with run_app(engine, preferences=preferred) as driver:
        assert driver.app.theme == "kops-light"


async def test_a_theme_that_there_is_not_is_the_default_one(tmp_path: Path) -> None:
    async with run_app(_engine(tmp_path), preferences=Preferences(theme="kops-pink")) as driver:
        assert driver.app.theme == "kops-dark"


@pytest.mark.parametrize(
    ("keymap", "told"),
    [
        ({"fleet.validate": "e"}, "e is the key of fleet.edit and of fleet.validate"),
        ({"fleet.valdate": "f6"}, "there is no key fleet.valdate"),
        ({"fleet.validate": "e", "fleet.edit": "v"}, ""),
    ],
)
async def test_what_is_wrong_with_a_keymap_is_told(tmp_path: Path, keymap: dict[str, str], told: str) -> None:
    async with run_app(_engine(tmp_path), size=(120, 40), preferences=Preferences(keymap=keymap)) as driver:
        assert ("keymap of ui.yaml" in driver.text) is bool(told)
        assert told in driver.text
