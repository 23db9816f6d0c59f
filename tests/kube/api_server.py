"""The sandbox's Kubernetes server with what a test gives it, in this process; and faults that tests turn on.

The cluster has what ``has`` sets and does nothing by itself. Faults answer in its place: they say and do what
no API server would.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from kops_core.cloud.sandbox.kubernetes import https
from kops_core.cloud.sandbox.kubernetes.api import Response
from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.https import ADMINISTRATORS, KubernetesServer, Served
from kops_core.cloud.sandbox.kubernetes.kinds import BUDGETS, NAMESPACES, NODES, PODS, Kind
from kops_core.cloud.sandbox.kubernetes.refusals import Refusal
from kops_core.cloud.sandbox.kubernetes.store import key_of
from kops_core.cloud.sandbox.kubernetes.tls import server_context
from kops_core.store.certificates import new_keyset
from kops_core.store.keysets import Keyset

Json = dict[str, object]
Fault = Callable[["Handler"], bool]
"""Answers a request instead of the server; False if it leaves that to it."""


@cache
def authority(name: str = "kubernetes-ca") -> Keyset:
    """A cluster's authority; one for all tests, for keys take time."""
    return new_keyset(name, datetime.now(UTC), key_size=2048)


class StillCluster(Cluster):
    """A cluster that serves its objects and does nothing."""

    def __init__(self) -> None:
        super().__init__("still", list, lambda: datetime.now(UTC))
        self.store.listeners.clear()

    def advance(self) -> None:
        pass

    def is_serving(self) -> bool:
        return True

    def has_quorum(self) -> bool:
        return True


@dataclass
class ApiServer:
    """A server that runs: what it knows, and what it was asked."""

    url: str
    cluster: Cluster = field(default_factory=StillCluster)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Each request: user name and path with query."""
    tokens: Mapping[str, str] = field(default_factory=dict)
    """Bearer tokens -> names of users."""
    release: threading.Event = field(default_factory=threading.Event)
    """Ends what a fault keeps waiting."""

    def has(self, nodes: Sequence[Json], pods: Sequence[Json], budgets: Sequence[Json] = ()) -> None:
        """Sets the nodes, pods and disruption budgets."""
        store = self.cluster.store
        for kind, objects in ((NODES, nodes), (PODS, pods), (BUDGETS, budgets)):
            for old in store.all(kind):
                store.remove(kind, *key_of(old))
            for each in objects:
                self._put(kind, each)

    def _put(self, kind: Kind, each: Json) -> None:
        store = self.cluster.store
        namespace = store.create(kind, each)["metadata"].get("namespace")
        if namespace and store.find(NAMESPACES, "", namespace) is None:
            store.create(NAMESPACES, {"metadata": {"name": namespace}})


class Handler(https.Handler):
    """Answers requests."""

    api: ApiServer

    def intercept(self) -> bool:
        user = self.user()
        self.api.asked.append(f"{user[0] if user else ''} {self.path}")
        return any(fault(self) for fault in list(self.api.faults))

    def user(self) -> tuple[str, tuple[str, ...]] | None:
        bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
        by_token = (self.api.tokens[bearer], (ADMINISTRATORS,)) if bearer in self.api.tokens else None
        return super().user() or by_token

    def refuse(self, status: int, message: str) -> bool:
        """A Status object. True, as a fault answers."""
        self.respond(Response(status, Refusal(status, "", message).status))
        return True

    def answer(self, status: int, body: Json) -> bool:
        """Sends JSON."""
        return self.send(status, json.dumps(body).encode())

    def send(self, status: int, text: bytes, *, kind: str = "application/json") -> bool:
        """Sends a body; without a content type if that is empty."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        return True


@contextmanager
def api_server(
    *, keyset: Keyset | None = None, names: Sequence[str] = ("127.0.0.1",), clients: Keyset | None = None
) -> Iterator[ApiServer]:
    """A server that runs during a block.

    keyset: the authority that signs its certificate. clients: the one that it trusts clients by.
    """
    context = server_context(keyset or authority(), names, clients=clients)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    api = ApiServer(f"https://127.0.0.1:{listener.getsockname()[1]}")
    handler = type("BoundHandler", (Handler,), {"api": api})
    server = KubernetesServer(listener, lambda name: Served(api.cluster, context), threading.RLock(), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        api.release.set()
        server.stop()
        thread.join()
