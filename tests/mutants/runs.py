"""Runs tests on a fault, in a process of its own, forked from one that has all libraries loaded."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import NoReturn

import pytest

from tests.mutants.covering import environment
from tests.mutants.faults import Fault

_LIBRARIES = (
    *("boto3", "botocore.client", "botocore.session", "click", "cryptography.x509", "deepdiff"),
    *("hypothesis.stateful", "lightkube", "moto", "moto.server", "msgspec", "pydantic", "ruamel.yaml"),
)
_OURS = frozenset({"kops_core", "kops_tui", "tests", "bench"})
_BROKEN = 40
"""Exit code: the module cannot be imported."""


class Result(Enum):
    """What became of a fault."""

    CAUGHT = "caught"
    TIMED_OUT = "timed out"
    """Caught, too: the tests wait for something that never happens."""
    SURVIVED = "survived"
    REFUSED = "refused"
    """By mypy, after all tests passed: caught, too, as ``make test`` runs it first."""
    BROKEN = "broken"
    """The module cannot be imported with it: it says nothing about the tests and is not counted."""


def prepare() -> None:
    """Load the libraries that tests use."""
    for name in _LIBRARIES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def copy(source: Path, tree: Path) -> None:
    """A copy of the checkout's files that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"],
        cwd=source,
        capture_output=True,
        check=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (source / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, tree / name)
    if (source / ".mypy_cache").exists():
        shutil.copytree(source / ".mypy_cache", tree / ".mypy_cache")
    if (source.parent / "shared").exists():
        (tree.parent / "shared").symlink_to(source.parent / "shared")  # the corpus, where tests look for it
    # Compiled files know the hash of their source: the time of a fault's file may equal the one before.
    compiled = [
        sys.executable,
        "-m",
        "compileall",
        "-q",
        "--invalidation-mode",
        "checked-hash",
        "kops_core",
        "kops_tui",
    ]
    subprocess.run(compiled, cwd=tree, check=True)


def run(tree: Path, fault: Fault, tests: Sequence[str], seconds: float) -> Result:
    """Put a fault into the copy, run tests until one fails, and take it out again."""
    with _changed(tree / fault.file, fault.code):
        return _run(tree, fault.file, tests, seconds)


def refused(tree: Path, fault: Fault) -> bool:
    """Whether mypy refuses a fault."""
    with _changed(tree / fault.file, fault.code):
        return (
            subprocess.run(
                [sys.executable, "-m", "mypy", fault.file], cwd=tree, capture_output=True, check=False
            ).returncode
            == 1
        )


def passes(tree: Path, file: str, tests: Sequence[str], seconds: float) -> bool:
    """Whether the tests pass without a fault, run in the same way."""
    return _run(tree, file, tests, seconds) is Result.SURVIVED


@contextlib.contextmanager
def _changed(path: Path, code: str) -> Iterator[None]:
    before = path.read_bytes()
    path.write_text(code, encoding="utf-8")
    try:
        yield
    finally:
        path.write_bytes(before)


def _run(tree: Path, file: str, tests: Sequence[str], seconds: float) -> Result:
    child = os.fork()
    if not child:
        _test(tree, file, tests)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            return {_BROKEN: Result.BROKEN, pytest.ExitCode.OK: Result.SURVIVED}.get(code, Result.CAUGHT)
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return Result.TIMED_OUT


def _test(tree: Path, file: str, tests: Sequence[str]) -> NoReturn:
    """The child: imports the engine and the tests of the copy, never those of the checkout."""
    code = _BROKEN
    try:
        os.setsid()
        output = os.open(tree / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(tree)
        os.environ.update(environment(tree))
        sys.path[:0] = [str(tree)]
        for name in [each for each in sys.modules if each.partition(".")[0] in _OURS]:
            del sys.modules[name]
        importlib.invalidate_caches()
        importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        options = [
            "-x",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "--hypothesis-seed=0",
        ]
        options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of libraries that are loaded already
        code = pytest.main([*options, *tests])
    except BaseException:  # noqa: BLE001 - the parent reads the exit code, and the output if it has to
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
