"""A state store of files with one cluster, and the program over it: no cloud."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from kops_tui.cli.run import run as run_here
from tests.corpus import corpus_dir

PROGRAM = Path(sys.executable).with_name("kops-tui")
CLUSTER = "a.example.com"
FACTS = ("--cloud-facts", str(corpus_dir() / "facts" / "generated.json"))
"""Flags with which no cloud is called."""


@dataclass(frozen=True)
class Done:
    """The result of a command."""

    code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> str:
        return self.stdout + self.stderr


@dataclass(frozen=True)
class FileStore:
    """The program with a home and a store of its own below a folder."""

    folder: Path

    @property
    def files(self) -> Path:
        """The cluster's folder in the store."""
        return self.folder / "store" / CLUSTER

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            "HOME": str(self.home),
            "KOPS_STATE_STORE": f"file://{self.folder}/store",
            "KOPS_CLUSTER_NAME": CLUSTER,
            **more,
        }

    def process(self, *words: str, stdin: str = "", code: int = 0, **environment: str) -> Done:
        """Run the program as a process, and expect an exit code."""
        ended = subprocess.run(
            [str(PROGRAM), *words],
            input=stdin,
            env=self.environment(**environment),
            capture_output=True,
            text=True,
            check=False,
        )
        return _expected(Done(ended.returncode, ended.stdout, ended.stderr), words, code)

    def run(self, *words: str, stdin: str = "", code: int = 0, **environment: str) -> Done:
        """The same within this process, which takes a tenth of the time."""
        out, err, given = (io.TextIOWrapper(io.BytesIO(text)) for text in (b"", b"", stdin.encode()))
        with (
            patch.dict(os.environ, self.environment(**environment), clear=True),
            patch.object(sys, "stdin", given),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            ended = run_here(list(words))
        return _expected(Done(ended, _written(out), _written(err)), words, code)


def _expected(done: Done, words: tuple[str, ...], code: int) -> Done:
    assert done.code == code, done.told
    assert ("Traceback" in done.stderr) == ("--debug" in words)
    return done


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def cluster_store(folder: Path, spec: str = "") -> FileStore:
    """A store with one cluster; ``spec`` is YAML to add to its spec, indented by two."""
    made = FileStore(folder)
    made.files.mkdir(parents=True)
    made.home.mkdir()
    (made.files / "config").write_text(
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\n"
        f"metadata:\n  name: {CLUSTER}\n"
        f"spec:\n  channel: stable\n  kubernetesVersion: 1.35.0\n{spec}"
    )
    return made
