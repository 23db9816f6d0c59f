"""Unsaved edits on disk, so that none is lost in a crash.

One file for each cluster and process, readable only by the operator, in ``drafts/`` of the state folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from kops_core.api.path import FieldPath, differences, get, leaves, set_at, unset_at
from kops_core.api.values import UNSET, Maybe, Tree
from kops_core.engine.private_files import make_private, write_private
from kops_core.errors import UsageError

_SUFFIX = ".edits.json"


@dataclass(frozen=True)
class KeptEdits:
    """The unsaved edits of one cluster."""

    cluster: str
    store: str
    """URL of the cluster's store."""
    at: datetime
    """When the last edit was made (UTC)."""
    what: tuple[str, ...]
    """A description of each edit, e.g. ``set spec.kubernetesVersion``."""
    base: Mapping[str, Tree]
    """The edited documents, as they were in the store, by object name; without those that are new."""
    documents: Mapping[str, Tree]
    """The same documents with the edits."""
    file: Path | None = None
    """Their file."""


def keep_edits(state_dir: Path, edits: KeptEdits) -> Path:
    """I/O. Stores the edits of a cluster, in place of those stored before. Raises UsageError."""
    folder = state_dir / "drafts"
    file = _file(folder, edits.cluster, os.getpid())
    try:
        make_private(folder)
        write_private(file, dumps(edits))
    except OSError as problem:
        raise UsageError(
            f"the unsaved edits can't be kept: {problem.strerror}",
            where=str(file),
            remedy="make room there, or save with s",
        ) from problem
    return file


def dumps(edits: KeptEdits) -> str:
    """The edits as JSON, without their file."""
    return json.dumps(
        {
            "cluster": edits.cluster,
            "store": edits.store,
            "at": edits.at.astimezone(UTC).isoformat(),
            "what": list(edits.what),
            "base": dict(edits.base),
            "documents": dict(edits.documents),
        }
    )


def loads(text: str, file: Path | None = None) -> KeptEdits:
    """The edits in a JSON text. Raises ValueError, KeyError, TypeError or AttributeError if it has none."""
    content = json.loads(text)
    return KeptEdits(
        cluster=str(content["cluster"]),
        store=str(content["store"]),
        at=datetime.fromisoformat(content["at"]),
        what=tuple(map(str, content["what"])),
        base=_trees(content["base"]),
        documents=_trees(content["documents"]),
        file=file,
    )


def forget_edits(state_dir: Path, cluster: str) -> None:
    """I/O. Removes the edits that this process stored: they were saved, undone or discarded."""
    _file(state_dir / "drafts", cluster, os.getpid()).unlink(missing_ok=True)


def left_edits(state_dir: Path, stores: Collection[str]) -> list[KeptEdits]:
    """I/O. The edits of processes that have ended, oldest first; unreadable ones are left out.

    stores: URLs of the stores whose clusters they are for.
    """
    found = []
    for file in (state_dir / "drafts").glob(f"*{_SUFFIX}"):
        pid = file.name.removesuffix(_SUFFIX).rpartition(".")[2]
        if pid.isdecimal() and not _runs(int(pid)):
            edits = _read_edits(file)
            if edits is not None and edits.store in stores:
                found.append(edits)
    return sorted(found, key=lambda each: each.at)


def edits_on(kept: KeptEdits, current: Mapping[str, Tree]) -> dict[str, Tree]:
    """The documents with stored edits made on them; field by field if the documents have changed.

    A new document that exists by now was saved, or is somebody else's; it has the fields of both.

    Raises UsageError for edits of an object that is gone.
    """
    gone = [name for name in kept.base if name not in current]
    if gone:
        raise UsageError(
            f"the instance group {gone[0]} was deleted meanwhile, so its edits have no place",
            where=kept.cluster,
            remedy=f"they stay in {kept.file}",
        )
    made: dict[str, Tree] = {}
    for name, document in kept.documents.items():
        if name not in current:
            made[name] = document
            continue
        made[name] = current[name]
        base = kept.base.get(name)
        changed = [at for at, _ in leaves(document)] if base is None else differences(base, document)
        for path in changed:
            for at, value in _fields(get(document, path), get(current[name], path), path):
                made[name] = unset_at(made[name], at) if value is UNSET else set_at(made[name], at, value)
    return made


def _fields(mine: Maybe, theirs: Maybe, at: FieldPath) -> Iterator[tuple[FieldPath, Maybe]]:
    """What is set: a whole value, but of a structure that somebody else has made, too, only the fields."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key, value in mine.items():
            yield from _fields(value, get(theirs, (key,)), (*at, key))
    else:
        yield at, mine


def _read_edits(file: Path) -> KeptEdits | None:
    try:
        return loads(file.read_text(), file)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _trees(found: object) -> dict[str, Tree]:
    if not isinstance(found, dict) or not all(isinstance(tree, dict) for tree in found.values()):
        raise TypeError("documents by name are expected")
    return found


def _file(folder: Path, cluster: str, pid: int) -> Path:
    return folder / f"{quote(cluster, safe='')}.{pid}{_SUFFIX}"


def _runs(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # a process of another user, which never used this state folder
        return False
    return True
