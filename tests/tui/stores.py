"""A state store of files with several clusters, and the recorded facts of an account: no AWS is needed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from kops_core import Engine, Settings
from tests.engine.test_interrupted_writes import manifest
from tests.tui.test_spec_structures import FACTS

CLUSTERS = ("eu.prod.example.com", "lab.example.com", "us.example.com")
"""The clusters of the store; the first one is a production cluster."""
NO_CREDENTIALS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""Environment variables of somebody who may ask AWS nothing."""


def file_settings(folder: Path, *, write: bool = True, **environment: str) -> Settings:
    """Settings over the store of a folder."""
    return Settings(
        stores=(f"file://{folder}/store",),
        write=write,
        operator="ann@bastion",
        cloud_facts=folder / "facts.json",
        state_dir=folder / "state",
        environment=environment,
    )


def make_store(folder: Path, names: Iterable[str] = CLUSTERS) -> Settings:
    """Make the store, each cluster with three instance groups."""
    (folder / "store").mkdir(parents=True)
    (folder / "facts.json").write_text(json.dumps(FACTS))
    settings = file_settings(folder)
    for name in names:
        text = manifest(name).replace("t3.large", "t3.medium")
        Engine(settings).create({"all.yaml": text.encode()})
    return settings


def contents(folder: Path) -> Mapping[str, str]:
    """The hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
