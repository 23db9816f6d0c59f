"""What the loser of a race is told: which fields differ now, who changed them and when."""

from __future__ import annotations

from kops_core.api.path import Parts, leaves, render
from kops_core.api.values import Tree, Value
from kops_core.errors import InvalidSpec, ObjectChanged, ObjectNotFound
from kops_core.store.backend import Backend, Stored
from kops_core.store.codec import decode
from kops_core.store.revisions import Revisions

_NAMED = 8
"""Fields spelled out before the rest is only counted."""


def differences(before: Tree, now: Tree) -> list[str]:
    """The fields that are not the same, as ``path: before -> now`` in document order."""
    old, new = dict(leaves(before)), dict(leaves(now))
    return [
        f"{render(parts)}: {_shown(old, parts)} -> {_shown(new, parts)}"
        for parts in {**old, **new}
        if old.get(parts, _ABSENT) != new.get(parts, _ABSENT)
    ]


def changed(backend: Backend, revisions: Revisions, folder: str, key: str, before: Stored) -> ObjectChanged:
    """The error for an object below a cluster's folder that is no longer what ``before`` says."""
    now: Stored | None
    try:
        now = backend.read(f"{folder}/{key}")
    except ObjectNotFound:
        now = None
    revision = revisions.author_of(key, now.data if now else None)
    if revision is not None:
        who = f"{revision.by} did at {revision.at:%Y-%m-%d %H:%M:%S} UTC ({revision.what})"
    elif now is not None:
        who = f"somebody did at {now.modified:%Y-%m-%d %H:%M:%S} UTC"
    else:
        who = "somebody deleted it"
    return ObjectChanged(
        f"changed since it was read: {who}: {_what(before, now)}",
        where=f"{backend.url}/{folder}/{key}",
        remedy="read it again and repeat the change",
    )


def _what(before: Stored, now: Stored | None) -> str:
    if now is None:
        return "it is gone"
    try:
        old, new = decode(before.data, before.key), decode(now.data, now.key)
    except InvalidSpec:
        return "it can't be read now"
    if len(old) != 1 or len(new) != 1:
        return f"{len(new)} documents, {len(old)} before"
    found = differences(old[0].tree, new[0].tree)
    more = [f"and {len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return "; ".join([*found[:_NAMED], *more]) or "only its form"


_ABSENT = object()


def _shown(values: dict[Parts, Value], parts: Parts) -> str:
    return repr(values[parts]) if parts in values else "unset"
