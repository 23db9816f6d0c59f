"""The record of what a folder of files last wrote to a cluster, in ``.kops-tui/<cluster>/folder.json``.

It holds the specs as they were stored, so that a change by hand since then can be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from kops_core.api.json_text import read_json
from kops_core.errors import ObjectNotFound
from kops_core.store.backend import Backend
from kops_core.store.layout import ours
from kops_core.store.records import reading_record

FILE: Final = "folder.json"


def write_folder_record(backend: Backend, cluster: str, *, created: str, specs: Mapping[str, bytes]) -> None:
    """I/O. Stores what a folder wrote: specs by key, and the cluster's creationTimestamp."""
    texts = {key: text.decode() for key, text in specs.items()}
    content = json.dumps({"created": created, "specs": texts}, indent=1, sort_keys=True)
    backend.put(ours(cluster, FILE), content.encode())


def read_folder_record(backend: Backend, cluster: str, *, created: str) -> dict[str, bytes] | None:
    """I/O. What a folder wrote to this cluster, by key; None if none did. Raises StoreError."""
    try:
        stored = backend.read(ours(cluster, FILE))
    except ObjectNotFound:
        return None
    with reading_record(
        "the record of the folder that manages this cluster is damaged",
        where=stored.key,
        remedy="apply the folder with --overwrite, which writes it anew",
    ):
        content: Any = read_json(stored.data)
        if content["created"] != created:  # of an earlier cluster of the name
            return None
        return {str(key): str(text).encode() for key, text in content["specs"].items()}
