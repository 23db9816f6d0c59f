"""Reads clusters and their instance groups from a state store.

Where the store lists keys with etags, one listing tells what there is, and what is in the cache is not
fetched again. Elsewhere folders are opened one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime

from kops_core.api.documents import Document
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec, KopsError, ObjectNotFound
from kops_core.store import layout
from kops_core.store.backend import Backend, Stored, checked
from kops_core.store.codec import decode, decode_one, unknown_fields
from kops_core.store.inventory import ClusterObjects, Listing, list_cluster, list_clusters
from kops_core.store.listed import ListedBackend
from kops_core.store.listing import THREADS, cluster_names
from kops_core.store.metadata import labelled
from kops_core.store.object_cache import ObjectCache, read_listed


@dataclass(frozen=True)
class StoredCluster:
    """A cluster as it was read: its specs, and their objects in the store."""

    name: str
    cluster: Tree
    instance_groups: Mapping[str, Tree]
    """By name, in the order of their names; each with the label of its cluster."""
    additional_objects: Sequence[Tree] = ()
    objects: Mapping[str, Stored] = field(default_factory=dict, repr=False)
    """Key below the cluster's folder (``config``, ``instancegroup/nodes``) -> object."""
    errors: Sequence[KopsError] = ()
    """Errors of objects, e.g. of an invalid instance group, or access denied."""
    unknown: Sequence[FieldError] = ()
    """Fields that no type has. They are in the trees, and stay when the object is written."""
    group_count: int = 0
    """The number of its instance groups, also if they were not read."""
    applied_at: datetime | None = None
    """When its completed spec was written last; None if it was never applied."""

    def text(self, key: str) -> str:
        """The text of a stored object, valid or not. key: ``config``, ``instancegroup/nodes``."""
        return self.objects[key].data.decode(errors="replace")

    @property
    def unreadable(self) -> str:
        """Key of the first object that is not a readable spec; "" if all are."""
        if self.objects and not self.cluster:
            return layout.CONFIG
        groups = (key for key in self.objects if key.startswith(f"{layout.INSTANCE_GROUPS}/"))
        return next((key for key in groups if key.rpartition("/")[2] not in self.instance_groups), "")

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence, with file and line, for each unknown field."""
        return tuple(f"{error}; it is ignored, and stays as it is" for error in self.unknown)


@dataclass(frozen=True)
class Unreadable:
    """A cluster that exists but can't be read."""

    name: str
    error: KopsError


@dataclass(frozen=True)
class _Reads:
    """The objects of one cluster, while they are read."""

    name: str
    config: Future[Stored]
    additional: Future[Stored | None] | None
    groups: Mapping[str, Future[Stored]]
    group_count: int
    applied_at: Callable[[], datetime | None]


class StoreReader:
    """Reads the clusters of one store."""

    def __init__(self, backend: Backend, cache: ObjectCache | None = None) -> None:
        """cache: of specs that were read before, for a store that lists etags."""
        self.backend = backend
        self._cache = cache

    def listed(self, name: str) -> Backend:
        """The backend for reading one cluster as it is now, with as few calls as the store allows."""
        if not isinstance(self.backend, Listing):
            return self.backend
        return ListedBackend(self.backend, checked(name), self._cache)

    def clusters(self) -> Iterator[str]:
        """The names of the clusters as they are found, unsorted. Raises StoreError."""
        if isinstance(self.backend, Listing):
            return (each.name for each in list_clusters(self.backend))
        return cluster_names(self.backend)

    def read_all(self, *, groups: bool = True) -> Iterator[StoredCluster | Unreadable]:
        """All clusters, read in parallel, in the order of completion.

        groups: whether their instance groups and additional objects are read, too.
        """
        objects = ThreadPoolExecutor(2 * THREADS, thread_name_prefix="store-read")
        clusters = ThreadPoolExecutor(THREADS, thread_name_prefix="store-cluster")
        listed: Iterator[ClusterObjects | str] = (
            list_clusters(self.backend) if isinstance(self.backend, Listing) else cluster_names(self.backend)
        )
        pending: set[Future[StoredCluster | Unreadable]] = set()
        try:
            for found in listed:
                pending.add(clusters.submit(self._read_or_say_why, found, objects, groups=groups))
                done = {future for future in pending if future.done()}
                pending -= done
                yield from (future.result() for future in done)
            yield from (future.result() for future in as_completed(pending))
        finally:
            clusters.shutdown(wait=True, cancel_futures=True)
            objects.shutdown(wait=True, cancel_futures=True)

    def read_cluster(self, name: str, *, whatever: bool = False) -> StoredCluster:
        """A cluster with its instance groups, read in parallel.

        Raises ObjectNotFound, or InvalidSpec if the cluster's own document can't be read; errors of the
        others are in ``errors``. whatever: its error is in ``errors``, too, and the cluster is
        {}, so that its text can be shown and replaced.
        """
        with ThreadPoolExecutor(THREADS, thread_name_prefix="store-read") as pool:
            return self._decode(self._begin(name, pool), whatever=whatever)

    def _read_or_say_why(
        self, found: ClusterObjects | str, pool: ThreadPoolExecutor, *, groups: bool
    ) -> StoredCluster | Unreadable:
        try:
            return self._decode(self._begin(found, pool, groups=groups), whatever=False)
        except KopsError as error:
            return Unreadable(found if isinstance(found, str) else found.name, error)

    def applied_by(self, name: str) -> str:
        """The version of kOps that last applied a cluster; "" if none did. Raises StoreError."""
        stored = self._read_if_there(f"{checked(name)}/{layout.KOPS_VERSION}")
        return stored.data.decode(errors="replace").strip() if stored is not None else ""

    def _url(self, key: str) -> str:
        return f"{self.backend.url}/{key}"

    def _keys_of(self, folder: str) -> list[str]:
        children = self.backend.children(folder)
        return sorted(f"{folder}/{child.name}" for child in children if not child.folder)

    def _read_if_there(self, key: str) -> Stored | None:
        try:
            return self.backend.read(key)
        except ObjectNotFound:
            return None

    def _begin(self, found: ClusterObjects | str, pool: Executor, *, groups: bool = True) -> _Reads:
        """I/O. Begins to read the objects of a cluster. Raises ObjectNotFound for one that is not there."""
        name = checked(found if isinstance(found, str) else found.name)
        if not isinstance(self.backend, Listing):
            config = pool.submit(self.backend.read, f"{name}/{layout.CONFIG}")
            additional = pool.submit(self._read_if_there, f"{name}/{layout.ADDITIONAL_OBJECTS}")
            keys = self._keys_of(f"{name}/{layout.INSTANCE_GROUPS}")
            reads = {key.rpartition("/")[2]: pool.submit(self.backend.read, key) for key in keys if groups}
            completed = pool.submit(self._read_if_there, f"{name}/{layout.COMPLETED}")
            return _Reads(name, config, additional, reads, len(keys), lambda: _modified(completed.result()))
        listed = found if isinstance(found, ClusterObjects) else list_cluster(self.backend, name, pool)
        objects = listed.objects
        if layout.CONFIG not in objects:
            raise ObjectNotFound("no such object", where=self._url(f"{name}/{layout.CONFIG}"))
        stream = objects.get(layout.ADDITIONAL_OBJECTS)
        reads = {
            key.rpartition("/")[2]: pool.submit(read_listed, self.backend, objects[key], self._cache)
            for key in (listed.groups if groups else ())
        }
        return _Reads(
            name,
            pool.submit(read_listed, self.backend, objects[layout.CONFIG], self._cache),
            pool.submit(self._read_if_there, stream.key) if stream is not None and groups else None,
            reads,
            len(listed.groups),
            applied_at=lambda: listed.applied_at,
        )

    def _decode(self, reads: _Reads, *, whatever: bool) -> StoredCluster:
        """The cluster of the objects, once they are read."""
        stored = reads.config.result()
        objects: dict[str, Stored] = {layout.CONFIG: stored}
        documents: list[Document] = []
        cluster: Tree = {}
        instance_groups: dict[str, Tree] = {}
        applied_at: datetime | None = None
        additional_objects: list[Tree] = []
        errors: list[KopsError] = []
        try:
            documents.append(decode_one(stored.data, self._url(stored.key), "Cluster"))
            cluster = documents[0].tree
        except InvalidSpec as error:
            if not whatever:
                raise
            errors.append(error)
        try:
            applied_at = reads.applied_at()
        except KopsError as error:
            errors.append(error)
        for group, read in reads.groups.items():
            try:
                stored = read.result()
                # Kept even if it is unreadable: a write replaces exactly this version.
                objects[layout.instance_group(group)] = stored
                document = decode_one(stored.data, self._url(stored.key), "InstanceGroup")
            except KopsError as error:
                errors.append(error)
                continue
            instance_groups[group] = labelled(document.tree, reads.name)
            documents.append(document)
        try:
            if reads.additional is not None and (stream := reads.additional.result()) is not None:
                found = decode(stream.data, self._url(stream.key))
                additional_objects = [document.tree for document in found]
                objects[layout.ADDITIONAL_OBJECTS] = stream
        except KopsError as error:
            errors.append(error)
        return StoredCluster(
            name=reads.name,
            cluster=cluster,
            instance_groups=instance_groups,
            additional_objects=additional_objects,
            objects=objects,
            errors=errors,
            unknown=unknown_fields(documents),
            group_count=reads.group_count,
            applied_at=applied_at,
        )


def _modified(stored: Stored | None) -> datetime | None:
    return stored.modified if stored is not None else None
