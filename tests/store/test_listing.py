"""Listing clusters: the same as kOps, with fewer requests."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.store.backend import Backend, Child
from kops_core.store.layout import KOPS_FOLDERS
from kops_core.store.listing import cluster_names
from kops_core.store.memory import MemoryBackend


class Counting(MemoryBackend):
    """Counts what is read from the store: one for each page of up to 1000 entries."""

    pages = 0

    def keys(self, folder: str = "") -> Iterator[str]:
        for position, key in enumerate(super().keys(folder)):
            self.pages += position % 1000 == 0
            yield key

    def children(self, folder: str = "") -> Iterator[Child]:
        found = {Child(rest.partition("/")[0], "/" in rest) for rest in self._below(folder)}
        self.pages += 1 + len(found) // 1000
        yield from found

    def _below(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        return [key.removeprefix(prefix) for key in super().keys(folder)]


def test_clusters_at_any_depth(backend: Backend) -> None:
    for key in (
        "a.example.com/config",
        "a.example.com/instancegroup/config",  # an instance group of that name is no cluster
        "a.example.com/child.example.com/config",
        "team/x/b.example.com/config",
        "backups/c.example.com/config",
        "team/pki/d.example.com/config",
        ".kops-tui/a.example.com/revisions/config",
        "config",
        "left.example.com/backups/etcd/main/control/etcd-cluster-spec",
    ):
        backend.put(key, b"")
    assert sorted(cluster_names(backend)) == [
        "a.example.com",
        "a.example.com/child.example.com",
        "backups/c.example.com",
        "team/pki/d.example.com",
        "team/x/b.example.com",
    ]


NAMES = st.sampled_from(["config", "a.example.com", "team", "pki", "backups", "instancegroup", "x"])
KEYS = st.sets(st.lists(NAMES, min_size=1, max_size=4).map("/".join), max_size=14)


@given(KEYS)
@settings(max_examples=60, deadline=None)
def test_it_finds_what_kops_finds(keys: set[str]) -> None:
    """Every key that ends in /config, but for those in folders that kOps itself fills below a cluster."""
    backend = MemoryBackend()
    for key in keys:
        backend.put(key, b"")
    clusters = {key.removesuffix("/config") for key in keys if key.endswith("/config")}

    def inside_a_cluster(name: str) -> bool:
        parts = name.split("/")
        return any(
            "/".join(parts[:at]) in clusters and parts[at] in KOPS_FOLDERS for at in range(1, len(parts))
        )

    assert set(cluster_names(backend)) == {name for name in clusters if not inside_a_cluster(name)}


def test_the_backups_are_not_read() -> None:
    """kOps reads the whole list; ours grows with the clusters and not with their backups."""
    backend = Counting()
    for number in range(20):
        name = f"c{number}.example.com"
        backend.put(f"{name}/config", b"")
        backend.put(f"{name}/instancegroup/nodes", b"")
        for backup in range(1500):
            backend.put(f"{name}/backups/etcd/main/{backup}/_etcd_backup.meta", b"")
    assert len(list(cluster_names(backend))) == 20
    assert backend.pages <= 21


def test_a_listing_can_be_left_early(backend: Backend) -> None:
    for number in range(30):
        backend.put(f"c{number}.example.com/config", b"")
    names = cluster_names(backend)
    assert next(iter(names)).endswith(".example.com")
    names.close()  # type: ignore[attr-defined]
