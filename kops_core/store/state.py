"""The state store: clusters and their instance groups, in kOps' own layout and formats.

Reading keeps the etag of each object, and writes replace only what was read: of two writers, one gets an
error with the changes of the other. A write without a change does nothing, so the stored bytes stay.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TypeAlias

from kops_core.api.values import Tree
from kops_core.errors import (
    KopsError,
    ObjectChanged,
    ObjectExists,
    ObjectNotFound,
    Refused,
)
from kops_core.store import layout
from kops_core.store.applied_state import FILE as APPLIED
from kops_core.store.backend import Backend, Stored, checked
from kops_core.store.backups import FOLDER as BACKUPS
from kops_core.store.codec import encode, encode_all
from kops_core.store.conflict import changed
from kops_core.store.identity import created_in
from kops_core.store.listing import THREADS
from kops_core.store.metadata import dated, expect_name, expect_names, labelled, name_of, succeeding
from kops_core.store.object_cache import ObjectCache
from kops_core.store.reading import StoredCluster, StoreReader
from kops_core.store.revisions import Revisions

Accept: TypeAlias = Callable[["StoredCluster | None", Tree, Mapping[str, Tree]], None]
"""Validates a cluster and its instance groups before they replace the stored ones. Raises InvalidSpec."""


def _anything(before: StoredCluster | None, cluster: Tree, groups: Mapping[str, Tree]) -> None:
    """Accepts everything, for stores without validation."""


class StateStore(StoreReader):
    """The clusters of one store.

    ``author`` signs revisions (e.g. ``ann@laptop``); ``now`` dates what is created; ``accept`` validates
    all specs before they are stored.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        author: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        accept: Accept = _anything,
        command: str = "",
        cache: ObjectCache | None = None,
    ) -> None:
        """command: the command line that writes, for revisions. cache: of specs that were read before."""
        super().__init__(backend, cache)
        self._accept = accept
        self._author = author
        self._command = command
        self._now = now

    # Writing

    def create(
        self,
        cluster: Tree,
        instance_groups: Sequence[Tree],
        additional_objects: Sequence[Tree] = (),
    ) -> StoredCluster:
        """Stores a new cluster and reads it back.

        The Cluster document is written last, because it makes the folder a cluster: an interrupted creation
        leaves no cluster, and the next one of that name overwrites the remains. Raises ObjectExists if the
        cluster exists, InvalidSpec if it may not be stored.
        """
        self.expect_creatable(cluster, instance_groups)
        name = name_of(cluster)
        folder, at = checked(name), self._now()
        objects = {
            layout.instance_group(name_of(group)): encode(dated(labelled(group, name), at))
            for group in instance_groups
        }
        if additional_objects:
            objects[layout.ADDITIONAL_OBJECTS] = encode_all(additional_objects)
        config = encode(dated(cluster, at))
        left = [*self._keys_of(f"{folder}/{layout.INSTANCE_GROUPS}"), f"{folder}/{layout.ADDITIONAL_OBJECTS}"]
        for key in left:
            if key.removeprefix(f"{folder}/") not in objects:
                self.backend.delete(key)
        for key, data in objects.items():
            self.backend.put(f"{folder}/{key}", data)
        self.backend.create(f"{folder}/{layout.CONFIG}", config)
        return self.read_cluster(name)

    def expect_creatable(self, cluster: Tree, instance_groups: Sequence[Tree]) -> None:
        """I/O. Raises ObjectExists, InvalidSpec as ``create`` would before it writes anything."""
        name = name_of(cluster)
        expect_names(name, map(name_of, instance_groups))
        self._accept(None, cluster, {name_of(group): group for group in instance_groups})
        if self._read_if_there(f"{checked(name)}/{layout.CONFIG}") is not None:
            raise ObjectExists(
                f"there is a cluster {name} already", where=self._url(name), remedy="take another name"
            )

    def replace(
        self,
        before: StoredCluster,
        *,
        cluster: Tree | None = None,
        instance_groups: Mapping[str, Tree] | None = None,
        additional_objects: Sequence[Tree] | None = None,
        what: str,
    ) -> StoredCluster:
        """Stores the changes since reading, after a revision; reads them back.

        ``instance_groups`` is the whole set: a group that is not in it is deleted, a new one is
        created. None leaves that part alone. ``what``: the purpose, for the revision.
        Raises ObjectChanged, naming fields and author, if another writer has changed any of the objects,
        and InvalidSpec for specs that may not be stored;
        both are checked for all objects before the first is written.
        """
        self.expect_accepted(before, cluster=cluster, instance_groups=instance_groups)
        after = self._after(before, cluster, instance_groups, additional_objects)
        if not after:
            return before
        self._expect_unchanged(before, after)
        Revisions(self.backend, before.name).record(
            at=self._now(),
            by=self._author,
            what=what,
            before={key: stored.data for key, stored in before.objects.items()},
            after=after,
            command=self._command,
        )
        for key, data in after.items():
            self._store(before, key, data)
        return self.read_cluster(before.name)

    def expect_accepted(
        self,
        before: StoredCluster,
        *,
        cluster: Tree | None = None,
        instance_groups: Mapping[str, Tree] | None = None,
    ) -> None:
        """Raises InvalidSpec for a change that ``replace`` would refuse."""
        expect_names(before.name, (instance_groups or {}).keys() - before.instance_groups.keys())
        self._accept(
            before,
            before.cluster if cluster is None else cluster,
            before.instance_groups if instance_groups is None else instance_groups,
        )

    def expect_unchanged(self, before: StoredCluster) -> None:
        """I/O. Raises ObjectChanged, with author and changes, unless the specs are those that were read.

        An added group or a deleted cluster counts as a change.
        """
        listed = {
            layout.instance_group(key.rpartition("/")[2])
            for key in self._keys_of(f"{before.name}/{layout.INSTANCE_GROUPS}")
        }
        keys = (
            layout.CONFIG,
            *sorted({*before.objects, *listed, layout.ADDITIONAL_OBJECTS} - {layout.CONFIG}),
        )
        self._expect_unchanged(before, keys)

    def delete(self, name: str) -> None:
        """Removes all objects of a cluster, also its keys, secrets and backups, but not its revisions.

        The Cluster document is removed last, so that an interrupted deletion can be repeated. Raises
        Refused, naming the file, if the folder contains anything that is not kOps'.
        """
        keys = self.expect_deletable(name)
        config = f"{checked(name)}/{layout.CONFIG}"
        self.backend.delete_all(key for key in keys if key != config)
        self.backend.delete(layout.ours(name, APPLIED))
        self.backend.delete_all(self.backend.keys(layout.ours(name, BACKUPS)))
        self.backend.delete(config)

    def expect_deletable(self, name: str) -> list[str]:
        """Every key of a cluster. Raises Refused, naming the file, as ``delete`` would."""
        folder = checked(name)
        keys = list(self.backend.keys(folder))
        for key in keys:
            below = key.removeprefix(f"{folder}/")
            if below not in layout.KOPS_FILES and below.partition("/")[0] not in layout.KOPS_FOLDERS:
                raise Refused(
                    "the cluster's folder holds a file that is not of kOps",
                    where=self._url(key),
                    remedy="move it elsewhere, then try again",
                )
        return keys

    def revisions(self, cluster: str) -> Revisions:
        """The revisions of the current cluster: its specs before each write."""
        stored = self._read_if_there(f"{checked(cluster)}/{layout.CONFIG}")
        created = created_in(stored.data.decode(errors="replace")) if stored is not None else ""
        return Revisions(self.backend, cluster, created)

    def _after(
        self,
        before: StoredCluster,
        cluster: Tree | None,
        instance_groups: Mapping[str, Tree] | None,
        additional_objects: Sequence[Tree] | None,
    ) -> dict[str, bytes | None]:
        """The objects to write, by key; None deletes."""
        at = self._now()
        after: dict[str, bytes | None] = {}
        if cluster is not None and cluster != before.cluster:
            expect_name(cluster, before.name)
            after[layout.CONFIG] = encode(succeeding(before.cluster, cluster, at))
        if instance_groups is not None:
            for name, group in instance_groups.items():
                expect_name(group, name)
                after_group = labelled(group, before.name)
                old = before.instance_groups.get(name)
                if after_group != old:
                    new = dated(after_group, at) if old is None else succeeding(old, after_group, at)
                    after[layout.instance_group(name)] = encode(new)
            for name in before.instance_groups.keys() - instance_groups.keys():
                after[layout.instance_group(name)] = None
        if additional_objects is not None and list(additional_objects) != list(before.additional_objects):
            after[layout.ADDITIONAL_OBJECTS] = encode_all(additional_objects) if additional_objects else None
        return after

    def _expect_unchanged(self, before: StoredCluster, keys: Collection[str]) -> None:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="store-check") as pool:
            now = pool.map(lambda key: self._read_if_there(f"{before.name}/{key}"), keys)
            for key, stored in zip(keys, now, strict=True):
                was = before.objects.get(key)
                if (stored.etag if stored else None) != (was.etag if was else None):
                    raise self._changed_error(before, key)

    def _store(self, before: StoredCluster, key: str, data: bytes | None) -> None:
        full = f"{before.name}/{key}"
        was = before.objects.get(key)
        try:
            if data is None:
                self.backend.delete(full, was.etag if was else None)
            elif was is None:
                self.backend.create(full, data)
            else:
                self.backend.replace(full, data, was.etag)
        except (ObjectChanged, ObjectExists, ObjectNotFound) as error:
            raise self._changed_error(before, key) from error

    def _changed_error(self, before: StoredCluster, key: str) -> KopsError:
        was = before.objects.get(key) or Stored(key, "", self._now(), b"")
        return changed(self.backend, Revisions(self.backend, before.name), before.name, key, was)
