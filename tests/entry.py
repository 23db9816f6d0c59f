"""Runs cases of the corpus like commands: settings from flags and environment, and the engine.

Errors in reading environment variables or settings would not be found if a case called rules, validations and
models directly.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from kops_core.api.canonical import to_yaml
from kops_core.api.documents import read_documents
from kops_core.api.path import parse, unset_at
from kops_core.engine.engine import Engine
from kops_core.engine.files.inputs import documents_of, inputs_of
from kops_core.engine.settings import Settings
from kops_core.engine.workspace.workspace import Workspace
from kops_core.infer.inference import Inputs
from kops_core.model.build import DesiredState
from kops_core.operations.clock import SystemClock
from kops_tui.cli.settings import Given, resolve
from tests.corpus import corpus_dir

FLAGS = {"apiservernodes": "+APIServerNodes"}
"""kOps' ``KOPS_FEATURE_FLAGS`` for a case and all that are derived from it."""
TOO_NEW = {"KOPS_RUN_TOO_NEW_VERSION": "1"}
"""kOps' own tests plan newer versions of Kubernetes than the kOps version that they set."""
_OFFLINE = {"HOME": "/nonexistent", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
"""An endpoint without a listener, so that no call succeeds; hashes of downloads are placeholders."""
_VERSIONS = {"generated": "1.37.0-alpha.1", "upstream/create": "1.37.0-alpha.1"}
_FACTS = {"generated": "generated", "upstream/create": "upstream-create"}


def run_settings(suite: str, flags: str = "", *, state: str = "", **environ: str) -> Settings:
    """The settings of a command in a suite. flags: the value of ``KOPS_FEATURE_FLAGS``."""
    corpus = corpus_dir()
    given: Given = {
        "cloud_facts": str(corpus / "facts" / f"{_FACTS.get(suite, 'upstream-update')}.json"),
        "channel": str(corpus / "channels" / "stable.yaml"),
        "asset_hashes": str(corpus / "asset-hashes"),
        "kops_version": _VERSIONS.get(suite, "1.34.0-beta.1"),
        "state": (state,) if state else (),
    }
    return resolve(given, {**_OFFLINE, **environ, "KOPS_FEATURE_FLAGS": flags}, write=True)


@cache
def settings_of(case: Path, suite: str) -> Settings:
    """kOps' settings for a case."""
    return run_settings(suite, FLAGS.get(origin(case), ""), **TOO_NEW)


def inputs_of_case(case: Path, suite: str) -> Inputs:
    """The input of inference in ``infer -f`` for a case."""
    warnings: list[str] = []
    found = inputs_of(documents_of({"cluster.yaml": _text(case)}), settings_of(case, suite), warnings.append)
    assert not warnings
    return found


def opened(case: Path, suite: str) -> Workspace:
    """The workspace of a case in ``update cluster -f``."""
    return opened_with(_text(case), settings_of(case, suite), ssh_public_key(case, suite))


def opened_with(text: bytes, settings: Settings, key: str = "") -> Workspace:
    """The workspace of a cluster from a file, with some settings. Raises InvalidSpec."""
    return Engine(settings).open_files({"cluster.yaml": text}, ssh_public_key=key)


def planned(case: Path, suite: str) -> DesiredState:
    """The desired state of a case in ``update cluster -f``."""
    return opened(case, suite).plan().desired


class StoppedClock(SystemClock):
    """A clock whose date stands still."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at


def engine_at(settings: Settings, at: datetime) -> Engine:
    """An engine with a stopped clock."""
    return Engine(settings, clock=StoppedClock(at))


def ssh_public_key(case: Path, suite: str) -> str:
    """The SSH public key of machines; "" if there was none."""
    kept = [path for path in (case / "id_rsa.pub", corpus_dir() / suite / "id_rsa.pub") if path.is_file()]
    kept += (case / "terraform" / "data").glob("aws_key_pair_*_public_key")
    return kept[0].read_text() if kept else ""


def origin(case: Path) -> str:
    """The name of the upstream case of a mutated case; else the case's own."""
    description = case / "case.json"
    made: Mapping[str, str] = json.loads(description.read_text()) if description.is_file() else {}
    return made.get("base", case.name)


def known_fields_of(text: bytes | str, source: str) -> bytes:
    """Documents without unknown fields: kOps' tests ignore those, a command refuses them."""
    documents = read_documents(text, source, keep_unknown=True)
    if not any(document.unknown for document in documents):
        return text.encode() if isinstance(text, str) else text
    trees = []
    for document in documents:
        tree = document.tree
        for error in document.unknown:
            tree = unset_at(tree, parse(error.path))
        trees.append(to_yaml(tree))
    return "---\n".join(trees).encode()


@cache
def _text(case: Path) -> bytes:
    return known_fields_of((case / "cluster.yaml").read_bytes(), case.name)
