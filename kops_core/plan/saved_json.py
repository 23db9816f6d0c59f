"""The JSON of a plan: the keys and types of ``-o json`` and of saved plans (reference/schemas.py)."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class ObjectValueJson(TypedDict):
    """A field of an object in a file that differs."""

    path: str
    before: str | None
    after: str | None


class ObjectJson(TypedDict):
    """An object of Kubernetes, or a part of a file, that a change of the file changes."""

    name: str
    action: str
    pruned: bool | None
    fields: list[ObjectValueJson]


class FieldJson(TypedDict):
    """A field of a resource that changes; ``after`` is null where it is known after apply only."""

    name: str
    before: str | None
    after: str | None
    after_unknown: bool
    form: str
    forces_replace: bool
    objects: NotRequired[list[ObjectJson]]


class ChangeJson(TypedDict):
    """What is done to a resource; enumerations by their names."""

    kind: str
    name: str
    area: str
    action: str
    reason: str
    fields: list[FieldJson]
    needs: list[str]
    risk: str
    rolls: list[str]
    spec_paths: list[str]
    label: str
    note: str
    confirm: str


class CauseJson(TypedDict):
    """The changes that have one cause, by kind and name."""

    kind: str
    path: str
    before: str | None
    after: str | None
    changes: list[str]
    deferred: list[str]


class PlanJson(TypedDict):
    """A plan; ``sha256`` is the digest over all other keys."""

    format_version: str
    cluster: str
    id: str
    made_at: str
    prune: bool
    summary: dict[str, int]
    changes: list[ChangeJson]
    deferred: list[ChangeJson]
    causes: list[CauseJson]
    errors: list[str]
    warnings: list[str]
    sha256: NotRequired[str]
