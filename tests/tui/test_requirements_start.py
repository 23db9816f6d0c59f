"""Requirements on the fleet, the start, commands without a terminal, and errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from kops_core import Engine, InvalidSpec, KopsError, Settings
from kops_core import errors as core_errors
from kops_tui.error_text import banner_lines
from kops_tui.styled_text import plain
from tests.tui.driver import run_app
from tests.tui.stores import CLUSTERS, NO_CREDENTIALS, make_store

PROGRAM = Path(sys.executable).with_name("kops-tui")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_store(tmp_path)


async def test_requirement_01_one_table_has_every_cluster_of_every_store_and_the_dead_store(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    more = make_store(tmp_path / "second", ["b.example.com"])
    stores = (*settings.stores, *more.stores, "file:///nowhere/at/all")
    async with run_app(Engine(replace(settings, stores=stores)), (160, 40)) as driver:
        assert all(name in driver.text for name in (*CLUSTERS, "b.example.com"))
        assert "1 of 3 stores unreadable" in driver.lines[0]
        assert any("file:///nowhere" in each for each in driver.lines[2:])
        heading = driver.lines[2]
        assert all(each in heading for each in ("NAME", "NODES", "NEEDS"))


def _errors() -> list[KopsError]:
    """An error of each class that is made of what, where and a remedy; a wrong spec is a list of fields."""
    made = []
    for each in vars(core_errors).values():
        if isinstance(each, type) and issubclass(each, KopsError) and each is not InvalidSpec:
            with suppress(TypeError):  # one whose text follows from other values
                made.append(each("it went wrong", where="s3://a/b", remedy="do this"))
    return made


@pytest.mark.parametrize("error", _errors(), ids=lambda error: type(error).__name__)
def test_requirement_25_every_error_is_said_with_where_and_what_to_do(error: KopsError) -> None:
    told = " ".join(plain(each) for each in banner_lines(error, 79, retry=True))
    assert all(word in told for word in ("it went wrong", "s3://a/b", "do this", "r try again"))


def run(*words: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """The program as scripts run it: without a terminal."""
    return subprocess.run(
        [str(PROGRAM), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **NO_CREDENTIALS, **environ},
        check=False,
    )


def loaded(*words: str, folder: Path) -> tuple[int, list[str]]:
    """The exit code of a command in a process of its own, and the modules that it has loaded."""
    code = (
        "import json, sys\nfrom kops_tui.cli import main\n"
        f"try:\n    main({list(words)!r})\n    code = 0\n"
        "except SystemExit as end:\n    code = end.code or 0\n"
        "print(chr(10) + json.dumps([code, sorted(sys.modules)]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **NO_CREDENTIALS},
        check=True,
    )
    found = json.loads(done.stderr.splitlines()[-1])
    return found[0], found[1]


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_requirement_25_version_and_help_load_no_textual(word: str, tmp_path: Path) -> None:
    code, modules = loaded(word, folder=tmp_path)
    assert code == 0
    assert "textual" not in modules
    assert "boto3" not in modules
    began = time.monotonic()
    assert run(word, folder=tmp_path).returncode == 0
    assert time.monotonic() - began < 2, "the budget of 100 ms is measured by make bench"


def test_requirement_25_info_tells_paths_versions_and_where_each_setting_came_from(tmp_path: Path) -> None:
    done = run("info", folder=tmp_path, KOPS_STATE_STORE="s3://a")
    assert done.returncode == 0
    assert "KOPS_STATE_STORE" in done.stdout
    assert str(tmp_path) in done.stdout
    assert "1.37" in done.stdout


def test_requirement_22_a_terminal_that_can_place_no_cursor_is_refused_with_the_commands(
    tmp_path: Path,
) -> None:
    done = run(folder=tmp_path, TERM="dumb", KOPS_STATE_STORE="s3://a")
    assert done.returncode == 64
    assert "kops-tui --help" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("get", "clusters"), 0),
        (("get", "all", f"--name={CLUSTERS[1]}"), 0),
        (("history", CLUSTERS[1]), 0),
        (("--plan", f"--name={CLUSTERS[1]}"), 1),
        (("--apply", f"--name={CLUSTERS[1]}"), 1),
        (("--roll", "--name=none.example.com"), 64),
        (("validate", "cluster", "none.example.com"), 1),
    ],
)
def test_requirement_17_commands_run_without_a_terminal_and_never_load_textual(
    words: tuple[str, ...], code: int, settings: Settings, tmp_path: Path
) -> None:
    state = f"--state={settings.stores[0]}"
    found, modules = loaded(*words, state, folder=tmp_path)
    assert not [each for each in modules if each.partition(".")[0] in ("textual", "rich")]
    assert found == code
