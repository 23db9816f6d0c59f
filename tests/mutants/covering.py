"""Which tests run a line: a record of all tests that run in one process, kept between runs.

Test modules that changed since are recorded again. In a file of the engine that changed since, the lines are
not known any more, and all tests of the file count for each.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TypedDict

from coverage import CoverageData

FOLDERS = (
    *("plan", "operations", "store", "infer", "validate", "judge", "model", "aws", "engine"),
    *("terraform", "provider", "create", "cli", "api", "kube", "addons"),
)
"""Folders of tests that call the engine in their own process; those of screens and sandbox start others."""


class _Known(TypedDict):
    """What the record was made from, and the seconds of each test that passed."""

    files: dict[str, str]
    """Digests."""
    seconds: dict[str, float]


def environment(tree: Path) -> Mapping[str, str]:
    """Of tests in a copy: processes that they start import it, too."""
    return {"PYTHONPATH": str(tree), "HOME": str(tree.parent), "TMPDIR": str(tree.parent)}


class Covering:
    """The record of a copy of the repository."""

    def __init__(self, tree: Path, kept: Path) -> None:
        self._tree, self._kept = tree, kept
        self._now = {
            str(path.relative_to(tree)): hashlib.sha256(path.read_bytes()).hexdigest()
            for folder in ("kops_core", "tests")
            for path in sorted((tree / folder).rglob("*.py"))
        }
        file = kept / "record.json"
        self._known: _Known = {"files": {}, "seconds": {}}
        if file.exists():
            self._known = json.loads(file.read_text(encoding="utf-8"))
        self._lines: dict[str, dict[int, set[str]]] = {}
        self._inside: dict[str, frozenset[int]] = {}
        self._texts: dict[str, str] = {}
        """Of all files, read at the first question who imports one."""

    def update(self) -> None:
        """Record the test modules that are new or changed."""
        files, seconds = self._known["files"], self._known["seconds"]
        changed = {folder: modules for folder in FOLDERS if (modules := self._changed(folder))}
        self._kept.mkdir(exist_ok=True)
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            recording = {threads.submit(self._record, *each): each[1] for each in changed.items()}
            for future in as_completed(recording):
                modules = recording[future]
                for test in [each for each in seconds if each.partition("::")[0] in modules]:
                    del seconds[test]
                seconds |= future.result()
                files |= {file: self._now[file] for file in modules}
                # Lines of the engine are known as of the first record.
                for file in self._now.keys() - files.keys():
                    if not file.startswith("tests/"):
                        files[file] = self._now[file]
                (self._kept / "record.json").write_text(json.dumps(self._known), encoding="utf-8")

    def _changed(self, folder: str) -> list[str]:
        """The test modules of a folder that the record lacks, or has as they were."""
        return [
            file
            for file, digest in self._now.items()
            if file.startswith(f"tests/{folder}/test_")
            and "corpus" not in file  # a run over all of its cases takes too long
            and self._known["files"].get(file) != digest
        ]

    def _record(self, folder: str, modules: Sequence[str]) -> Mapping[str, float]:
        """Run tests and add what they run to the folder's database; the seconds of each that passed."""
        sys.stderr.write(f"recording {len(modules)} modules of tests/{folder}\n")
        durations = self._kept / f"{folder}.json"
        command = [
            sys.executable,
            "-m",
            "coverage",
            "run",
            "--append",
            f"--data-file={self._kept / folder}.db",
        ]
        command += ["-m", "pytest", "-p", "tests.mutants.recording", f"--durations-file={durations}"]
        # What only ``make sweep`` runs does not stop a change from landing.
        command += ["-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not sweep", *modules]
        # Tests that fail are not in the record.
        subprocess.run(
            command,
            cwd=self._tree,
            env={**os.environ, **environment(self._tree)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        found: Mapping[str, float] = json.loads(durations.read_text(encoding="utf-8"))
        return found

    def tests(self, file: str, line: int, nearest: Sequence[str], budget: float) -> list[str]:
        """Tests that run a line, within seconds: those that import its file, the nearest folders', others.

        If none is known to, those that run any of the file; if none does, those that run its importers. Who
        reads a table is not known, so all of the nearest folders may. All clusters of the judge come last:
        each tells something else.
        """
        lines = self._tests_by_line(file)
        found = lines[line] if self._known["files"].get(file) == self._now[file] else set()
        found = found or set().union(*lines.values())
        if not found:
            found = set().union(
                *(one for user in self._users(file) for one in self._tests_by_line(user).values())
            )
        seconds, files = self._known["seconds"], self._known["files"]
        if line not in self._inside[file]:
            found = found | {each for each in seconds if each.startswith(tuple(nearest))}
        known = [
            each
            for each in found
            if each in seconds and files.get(module := each.partition("::")[0]) == self._now.get(module)
        ]
        importing = frozenset(self._importing(file))
        chosen = [*self._some([each for each in known if each.partition("::")[0] in importing], 0.4 * budget)]
        taken = frozenset(chosen)
        rest = [each for each in known if each not in taken]
        near = [each for each in rest if each.startswith(tuple(nearest))]
        far = [each for each in rest if not each.startswith(tuple(nearest))]
        chosen += [*self._some(near, 0.6 * budget), *self._some(far, 0.4 * budget)]
        wide = known if line in self._inside[file] else seconds
        return chosen + sorted(
            each for each in wide if each.startswith("tests/judge/") and each not in chosen
        )

    def _some(self, tests: Sequence[str], budget: float) -> Iterator[str]:
        """The quickest of each module, then the next of each, within seconds, but one at least."""
        seconds = self._known["seconds"]
        places: dict[str, tuple[int, float, str]] = {}
        rank: Counter[str] = Counter()
        for test in sorted(tests, key=lambda each: (seconds[each], each)):
            module = test.partition("::")[0]
            places[test] = (rank[module], seconds[test], test)
            rank[module] += 1
        spent = 0.0
        for test in sorted(tests, key=places.__getitem__):
            if spent and spent + seconds[test] > budget:
                return
            spent += seconds[test] + 0.02  # collection
            yield test

    def seconds(self, tests: Sequence[str]) -> float:
        """How long tests take together."""
        return sum(self._known["seconds"][each] for each in tests)

    def _users(self, file: str) -> Iterator[str]:
        """The files of the engine that import from a file."""
        return (each for each in self._importing(file) if each.startswith("kops_core/"))

    def _importing(self, file: str) -> Sequence[str]:
        """The files, of the engine and of tests, that import from a file."""
        name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        package, _, last = name.rpartition(".")
        if not self._texts:
            self._texts = {user: (self._tree / user).read_text(encoding="utf-8") for user in self._now}
        return [
            user
            for user, text in self._texts.items()
            if f"from {name} import" in text or f"from {package} import {last}\n" in text
        ]

    def _tests_by_line(self, file: str) -> dict[int, set[str]]:
        if file not in self._lines:
            found = self._lines[file] = defaultdict(set)
            inside = self._inside[file] = _lines_of_functions((self._tree / file).read_text(encoding="utf-8"))
            for path in sorted(self._kept.glob("*.db")):
                data = CoverageData(str(path))
                data.read()
                for line, contexts in data.contexts_by_lineno(file).items():
                    if line in inside:
                        found[line].update(filter(None, contexts))
        return self._lines[file]


def _lines_of_functions(code: str) -> frozenset[int]:
    """The lines that run at calls; the others run once, in whichever test imports the file first."""
    return frozenset(
        line
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.body[0].lineno, (node.end_lineno or 0) + 1)
    )
