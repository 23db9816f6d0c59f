"""The create cases of the corpus: options, and the objects that kOps stored."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from kops_core.api.canonical import to_yaml
from kops_core.api.values import Tree
from kops_core.api.yaml_reader import read
from kops_core.infer.create.create import Created
from kops_core.infer.create.options import CreateOptions
from tests.corpus import cases, corpus_dir
from tests.entry import engine_at, run_settings

FEATURES = "+APIServerNodes"
"""Feature flags that kOps' own tests had on; of use to one upstream case."""
KOPS_VERSION = "1.37.0-alpha.1"


def upstream() -> list[str]:
    """The cases on AWS."""
    return [case.name for case in cases("upstream/create") if "\nCloudProvider: aws\n" in _text(case.name)]


@cache
def generated() -> list[str]:
    """All generated cases."""
    return [case.name for case in cases("generated")]


def created(suite: str, name: str) -> str:
    """The objects as stored, by name, as YAML."""
    found = run(suite, name)
    groups = sorted(found.instance_groups, key=lambda group: str(metadata(group)["name"]))
    return "---\n".join(to_yaml(document) for document in (found.cluster, *groups))


def stored(suite: str, name: str) -> str:
    """The stored objects, without the label that kOps adds on reading."""
    if suite == "generated":
        text = (corpus_dir() / suite / name / "cluster.yaml").read_text()
        return text.replace("\n\n---\n", "\n---\n").rstrip() + "\n"
    documents = _documents((corpus_dir() / suite / name / "expected.yaml").read_bytes())
    for document in documents:
        metadata(document).pop("labels", None)
    return "---\n".join(to_yaml(document) for document in documents)


def run(suite: str, name: str) -> Created:
    """The cluster that the case's options make."""
    if suite == "generated":
        case = json.loads((corpus_dir() / suite / name / "case.json").read_bytes())
        engine = engine_at(run_settings(suite, state="s3://kops-state"), datetime(2026, 1, 1, tzinfo=UTC))
        return engine.make_cluster(engine.create_options([case["name"], *case["flags"]]))
    (document,) = _documents((corpus_dir() / suite / name / "options.yaml").read_bytes())
    run = run_settings(suite, FEATURES, state="memfs://tests")
    # The facts of these cases contain no images, which planning needs.
    options = replace(_options(document), dry_run=True)
    return engine_at(run, datetime(2017, 1, 1, tzinfo=UTC)).make_cluster(options)


def _options(document: Tree) -> CreateOptions:
    """Options by kOps' names for them, e.g. ``ControlPlaneCount``."""
    names = {field.name.replace("_", ""): field.name for field in dataclasses.fields(CreateOptions)}
    return CreateOptions(
        **{  # type: ignore[arg-type]  # as the case has them
            names[key.lower()]: tuple(value) if isinstance(value, list) else value
            for key, value in document.items()
            if value is not None
        }
    )


def settings(store: str) -> Tree:
    """The settings of create."""
    return {"stateStore": store, "kopsVersion": KOPS_VERSION, "featureFlags": []}


def metadata(document: Tree) -> Tree:
    """The metadata of an object."""
    found = document["metadata"]
    assert isinstance(found, dict)
    return found


def _text(name: str) -> str:
    return "\n" + (corpus_dir() / "upstream/create" / name / "options.yaml").read_text() + "\n"


def _documents(data: bytes) -> list[Tree]:
    found = [raw.value for raw in read(data)]
    return [value for value in found if isinstance(value, dict)]
