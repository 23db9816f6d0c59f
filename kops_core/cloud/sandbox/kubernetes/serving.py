"""Kubernetes in the sandbox's process: a listener that loads the rest when somebody first connects."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.cloud.sandbox.kubernetes.account import AccountClusters
    from kops_core.cloud.sandbox.kubernetes.sightings import Sightings


class SandboxKubernetes:
    """The clusters of the sandbox's account."""

    def __init__(self, lock: AbstractContextManager[object]) -> None:
        """lock: that of the emulator, which is not safe for threads."""
        self._lock = lock
        self._sightings: Sightings | None = None
        self._clusters: AccountClusters | None = None

    def look(self) -> None:
        """Notes machines that have started or ended. With the lock held, after each request to EC2."""
        self._sighted().look()

    def set_faults(self, cluster: str, body: bytes) -> str:
        """Makes things go wrong in a cluster; why not, or "". With the lock held. body: see ``Faults``."""
        found = self._loaded().find(cluster)
        if found is None:
            return f"there is no cluster {cluster}, or it has no machines"
        try:
            found.set_faults(json.loads(body))
        except (ValueError, AttributeError) as error:
            return str(error)
        return ""

    def serve_on(self, listener: socket.socket) -> None:
        """Serves in a thread of its own, from the first connection on."""
        threading.Thread(target=self._serve, args=(listener,), name="kubernetes", daemon=True).start()

    def _serve(self, listener: socket.socket) -> None:
        import select

        select.select([listener], [], [])
        from kops_core.cloud.sandbox.kubernetes.https import KubernetesServer

        with self._lock:
            clusters = self._loaded()
        KubernetesServer(listener, clusters.serve, self._lock).serve_forever()

    def _sighted(self) -> Sightings:
        if self._sightings is None:
            from kops_core.cloud.sandbox.kubernetes.sightings import Sightings, read_from_buckets

            self._sightings = Sightings(_now, read_from_buckets)
        return self._sightings

    def _loaded(self) -> AccountClusters:
        if self._clusters is None:
            from kops_core.cloud.sandbox.kubernetes.account import AccountClusters
            from kops_core.cloud.sandbox.kubernetes.sightings import read_from_buckets

            self._clusters = AccountClusters(self._sighted(), _now, read_from_buckets)
        return self._clusters


def _now() -> datetime:
    return datetime.now(UTC)
