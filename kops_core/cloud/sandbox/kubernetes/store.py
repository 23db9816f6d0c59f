"""The objects of a cluster with their versions and the history that watches read; no I/O.

An object that was stored is never changed: a newer one takes its place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from uuid import UUID

from kops_core.cloud.sandbox.kubernetes.kinds import Kind, Object, clone
from kops_core.cloud.sandbox.kubernetes.refusals import already_exists, conflict, expired, invalid, not_found

Key = tuple[str, str]
"""Namespace ("" for none) and name."""
_KEPT: Final = 5000
"""Changes that watches can still read; older versions are gone, as after a compaction of etcd."""


@dataclass(frozen=True)
class Change:
    """One change of one object."""

    version: int
    kind: Kind
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Object
    before: Object | None = None
    """None if it was added."""


Listener = Callable[[Change], None]


def stamp(moment: datetime) -> str:
    """A time as the API writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def key_of(each: Object) -> Key:
    """Where an object is among those of its kind."""
    metadata = each["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


class ObjectStore:
    """All objects of one cluster."""

    def __init__(self, now: Callable[[], datetime], *, kept: int = _KEPT) -> None:
        self._now = now
        self._objects: dict[Kind, dict[Key, Object]] = {}
        self._history: deque[Change] = deque(maxlen=kept)
        self._oldest = 0
        """The history is whole after this version."""
        self._made = 0
        self.version = 1
        """Of the last change."""
        self.listeners: list[Listener] = []
        """Called after each change."""

    def find(self, kind: Kind, namespace: str, name: str) -> Object | None:
        """An object, not to be changed; None if there is none."""
        return self._objects.get(kind, {}).get((namespace, name))

    def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """An object, not to be changed. Raises Refusal."""
        found = self.find(kind, namespace, name)
        if found is None:
            raise not_found(kind, name)
        return found

    def all(self, kind: Kind, namespace: str = "") -> list[Object]:
        """The objects of a kind, of one namespace or of all."""
        found = self._objects.get(kind, {})
        return [each for (where, _), each in found.items() if not namespace or where == namespace]

    def all_at(self, kind: Kind, namespace: str, version: int) -> list[Object]:
        """The objects as they were at a version. Raises Refusal if that is too old."""
        found = dict(self._objects.get(kind, {}))
        for change in reversed(self.since(version, kind)):
            if change.before is None:
                found.pop(key_of(change.object), None)
            else:
                found[key_of(change.object)] = change.before
        return [each for (where, _), each in found.items() if not namespace or where == namespace]

    def since(self, version: int, kind: Kind) -> list[Change]:
        """The changes of a kind after a version. Raises Refusal if that is too old."""
        if version < self._oldest:
            raise expired()
        found: list[Change] = []
        for change in reversed(self._history):
            if change.version <= version:
                break
            if change.kind == kind:
                found.append(change)
        return found[::-1]

    def forget(self) -> None:
        """Forgets the history: watches of older versions have to start anew."""
        self._history.clear()
        self.version += 1
        self._oldest = self.version

    def create(self, kind: Kind, new: Object) -> Object:
        """Stores an object that does not exist yet; the stored one. Raises Refusal."""
        new = clone(new)
        metadata = new.setdefault("metadata", {})
        self._made += 1
        if not metadata.get("name"):
            if not metadata.get("generateName"):
                raise invalid("metadata.name: a name is required")
            metadata["name"] = f"{metadata['generateName']}{_suffix(self._made)}"
        if self.find(kind, *key_of(new)) is not None:
            raise already_exists(kind, metadata["name"])
        metadata["uid"] = str(UUID(int=(1 << 126) + self._made))
        metadata["creationTimestamp"] = stamp(self._now())
        metadata["generation"] = 1
        metadata.pop("deletionTimestamp", None)
        new["apiVersion"], new["kind"] = kind.api_version, kind.kind
        return self._put(kind, new, None)

    def update(
        self, kind: Kind, namespace: str, name: str, change: Callable[[Object], Object | None]
    ) -> Object:
        """Stores what ``change`` makes of a copy of an object; the stored one. Raises Refusal.

        A ``resourceVersion`` or ``uid`` in the result has to be the object's. An equal object is not stored
        again. One that is being deleted goes with its last finalizer.
        """
        before = self.get(kind, namespace, name)
        edited = clone(before)
        new = change(edited) or edited
        metadata, old = new.setdefault("metadata", {}), before["metadata"]
        if metadata.get("resourceVersion", old["resourceVersion"]) != old["resourceVersion"]:
            raise conflict(kind, name, "the object has been modified")
        if metadata.get("uid", old["uid"]) != old["uid"]:
            raise conflict(kind, name, "it is another object of that name")
        if metadata.get("name", name) != name or metadata.get("namespace", namespace) != namespace:
            raise invalid("metadata: an object can't be renamed")
        new["apiVersion"], new["kind"] = kind.api_version, kind.kind
        for field in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp", "generation"):
            if field in old:
                metadata[field] = old[field]
        for field in ("deletionTimestamp", "deletionGracePeriodSeconds"):
            if field in old and field not in metadata:
                metadata[field] = old[field]
        if new == before:
            return before
        if new.get("spec") != before.get("spec"):
            metadata["generation"] = old["generation"] + 1
        if metadata.get("deletionTimestamp") and old.get("finalizers") and not metadata.get("finalizers"):
            return self.remove(kind, namespace, name)
        return self._put(kind, new, before)

    def remove(self, kind: Kind, namespace: str, name: str) -> Object:
        """Removes an object; the removed one. Raises Refusal."""
        before = self.get(kind, namespace, name)
        del self._objects[kind][namespace, name]
        self.version += 1
        metadata = {**before["metadata"], "resourceVersion": str(self.version)}
        gone = {**before, "metadata": metadata}
        self._tell(Change(self.version, kind, "DELETED", gone, before))
        return gone

    def clear(self, namespace: str) -> None:
        """Removes all objects of a namespace."""
        for kind, found in list(self._objects.items()):
            for where, name in [key for key in found if key[0] == namespace]:
                self.remove(kind, where, name)

    def _put(self, kind: Kind, new: Object, before: Object | None) -> Object:
        self.version += 1
        new["metadata"]["resourceVersion"] = str(self.version)
        self._objects.setdefault(kind, {})[key_of(new)] = new
        self._tell(Change(self.version, kind, "ADDED" if before is None else "MODIFIED", new, before))
        return new

    def _tell(self, change: Change) -> None:
        if len(self._history) == self._history.maxlen:
            self._oldest = self._history[0].version
        self._history.append(change)
        for listener in self.listeners:
            listener(change)


_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
"""Of generated names: no vowels, as Kubernetes has it."""


def _suffix(number: int) -> str:
    """Five letters that differ for each number."""
    mixed, found = number * 7_919_333 % len(_LETTERS) ** 5, ""
    for _ in range(5):
        mixed, at = divmod(mixed, len(_LETTERS))
        found += _LETTERS[at]
    return found
