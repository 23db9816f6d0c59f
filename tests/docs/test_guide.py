"""The guide's commands run: blocks marked ``.run``, in a shell with a sandbox; the others are parsed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kops_core import CREATE_FLAGS
from kops_tui.cli.commands.create import CreateCluster
from kops_tui.cli.root import FLAGS_OF_MODES, root

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = sorted((DOCS / "guide").glob("*.md"))
_BLOCK = re.compile(r"^``` \{ \.sh \.run \}\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`(kops-tui [^`]+)`")
_INDENTED = re.compile(r"^ {4,}(kops-tui .*)$", re.MULTILINE)
_EXIT = re.compile(r"^(.*\S)\s+# exit (\d+)$", re.MULTILINE)
_PLACEHOLDER = re.compile(r"^[A-Z]+$|…|\.\.\.")


def script(page: Path) -> str:
    """The runnable blocks of a page as one script; ``# exit N`` behind a command is the code it ends with."""
    blocks = "".join(_BLOCK.findall(page.read_text(encoding="utf-8")))
    return _EXIT.sub(r"code=0; \1 || code=$?; test $code = \2", blocks)


@pytest.mark.full
@pytest.mark.parametrize("page", [each for each in GUIDE if script(each)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_run(page: Path, tmp_path: Path) -> None:
    text = f"set -eux -o pipefail\ntrap 'kops-tui sandbox stop >/dev/null 2>&1' EXIT\n{script(page)}"
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
    }
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def _mentioned() -> list[tuple[str, str]]:
    """Commands in the text of all pages and the README, with the page that has them."""
    found = []
    for page in (*DOCS.rglob("*.md"), DOCS.parent / "README.md"):
        text = page.read_text(encoding="utf-8")
        run = "".join(_BLOCK.findall(text)).splitlines()
        lines = [*_INLINE.findall(text), *_INDENTED.findall(text), *run]
        found += [(page.name, line) for line in lines if line.startswith("kops-tui ")]
    return found


def _words(line: str) -> list[str]:
    """The words of a command up to a comment, pipe, redirection or substitution."""
    return shlex.split(re.split(r"\s[|;&<>#]|\s\"?\$\(|\\\|", line)[0])[1:]


@pytest.mark.parametrize(("page", "line"), _mentioned())
def test_commands_and_flags_that_the_text_names_exist(page: str, line: str) -> None:
    modes = {flag: name for name, flag in FLAGS_OF_MODES.items()}
    words = [modes.get(word, word) for word in _words(line)]
    command: click.Command = root
    context = click.Context(root)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        if _PLACEHOLDER.search(words[0]):
            return
        below = command.get_command(context, words[0].partition("|")[0])
        assert below is not None, f"{page}: {line}: no command {words[0]}"
        command, words = below, words[1:]
    flags = {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}
    if isinstance(command, CreateCluster):
        flags |= {f"--{each.name}" for each in CREATE_FLAGS}
    for word in words:
        if word.startswith("--"):
            name = word.partition("=")[0]
            assert name in {*flags, "--help", "--debug"}, f"{page}: {line}: no flag {name}"
