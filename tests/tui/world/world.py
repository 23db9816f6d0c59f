"""A world for the tests of screens: the real engine over everything in memory, as it was built once."""

from __future__ import annotations

import hashlib
import json
import pickle
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Self

from kops_core import Engine, Settings
from kops_core.api.path import get, parse
from kops_core.api.values import Maybe, Tree
from kops_core.cloud.aws.resources.groups import AutoscalingGroup
from kops_core.engine import channels
from kops_core.engine.connections import Connections
from kops_core.errors import KubernetesError
from kops_core.kube.ports import KubernetesApi
from kops_core.model.template import Key
from kops_core.plan.snapshot import DiscoveredResource, Ownership
from kops_core.store.backend import Stored
from tests.kube.cluster import SETTLES_WITHIN, InMemoryApi
from tests.tui.world.account import Account, AccountProvider
from tests.tui.world.clusters import FLEET, apply, build, save
from tests.tui.world.store import WorldStore
from tests.tui.world.times import BUILT_AT, WorldClock

STORE = "s3://acme-kops"
OPERATOR = "ops@bastion"
_KEPT = "world.pickle"
_DATA = Path(__file__).parents[2] / "data"
_BACKUPS = tuple(f"{STORE}/{name}/backups/etcd/{etcd}" for name in FLEET for etcd in ("main", "events"))
_CHANNEL = Path(channels.__file__).with_name("stable.json")


CHANGES = frozenset({"create", "update", "replace", "delete", "terminate", "detach"})
"""The calls that change something."""


@dataclass
class Gate:
    """Holds calls to the account until it is opened."""

    calls: str
    """How those begin that it holds."""
    passing: int = 0
    """How many of them go through first."""
    held: list[str] = field(default_factory=list)
    """Those that have come to it."""
    _opened: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, call: str) -> None:
        """Go through, or wait."""
        if not call.startswith(self.calls) or self._opened.is_set():
            return
        with self._lock:
            self.passing -= 1
            if self.passing >= 0:
                return
            self.held.append(call)
        self._opened.wait(30)

    def open(self) -> None:
        """Let all go through."""
        self._opened.set()


@dataclass(frozen=True)
class Built:
    """What a world is copied from."""

    objects: Mapping[str, Stored]
    account: Account
    files: Mapping[str, bytes]
    """In the folder of the engine's state: journals."""


@dataclass(eq=False)
class World:
    """An engine, and what is around it."""

    settings: Settings
    store: WorldStore
    account: Account
    clock: WorldClock
    others: dict[str, WorldStore] = field(default_factory=dict)
    """Further stores, by URL: given ones, and those of etcd's backups, which are empty."""
    calls: list[str] = field(default_factory=list)
    """The calls to the account, each with what it is about."""
    errors: dict[str, Exception] = field(default_factory=dict)
    """The calls to the account that fail, by how they begin in ``calls``."""
    kubernetes_errors: dict[str, KubernetesError] = field(default_factory=dict)
    """Why the API of a cluster can't be reached, by its name."""
    gate: Gate | None = None
    """Holds some calls to the account."""
    needs_code: set[str] = field(default_factory=set)
    """Calls to the account that need the code of a multi-factor device first, once each."""
    codes: list[str] = field(default_factory=list)
    """The codes that were given."""

    @classmethod
    def make(
        cls,
        folder: Path,
        *,
        write: bool = True,
        environment: Mapping[str, str] | None = None,
        stores: tuple[str, ...] = (),
    ) -> Self:
        """A world of its own for a test; its engine keeps its files in a folder. stores: further ones."""
        kept = folder / _KEPT
        built: Built = pickle.loads(kept.read_bytes() if kept.exists() else _built())
        for name, data in built.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        clock = WorldClock()
        variables = {} if environment is None else environment
        settings = _settings(folder, write=write, environment=variables, stores=(STORE, *stores))
        store = WorldStore(STORE, built.objects, clock)
        others = {url: WorldStore(url, {}, clock) for url in (*stores, *_BACKUPS)}
        return cls(settings, store, built.account, clock, others)

    @staticmethod
    def prepare(folder: Path) -> None:
        """Keep the built world in a folder, so that another process need not build it."""
        (folder / _KEPT).write_bytes(_built())

    @cached_property
    def engine(self) -> Engine:
        """The real engine; its operations run in threads of this process."""
        return self.another()

    def another(self, settings: Settings | None = None) -> Engine:
        """An engine of somebody else over the same store and account."""
        connections = Connections(
            providers={"aws": lambda given: AccountProvider(self.account, _facts(), self.watch, given)},
            backends={STORE: self.store, **self.others},
            kubernetes=self._kubernetes,
            asset_hash=lambda url, place: hashlib.sha256(url.encode()).hexdigest(),
        )
        return Engine(settings or self.settings, clock=self.clock, connections=connections, detached=False)

    def save(self, cluster: str, fields: Mapping[str, str]) -> None:
        """Store edits of a cluster, as somebody else does it."""
        save(self.another(replace(self.settings, write=True, operator="eve@laptop")), cluster, fields)

    def stored(self, cluster: str, path: str) -> Maybe:
        """A field of the stored Cluster document."""
        return get(self.engine.stored(cluster).cluster, parse(path))

    def apply(self, cluster: str) -> None:
        """Apply a cluster, as somebody else does it."""
        apply(self.another(replace(self.settings, write=True, operator="eve@laptop")), cluster)

    def end(self) -> None:
        """Let everything go on that is held."""
        if self.gate is not None:
            self.gate.open()

    def machines(self, cluster: str, version: str = "") -> list[str]:
        """The machines of a cluster's nodes: all, or those of a version of their launch template."""
        servers = self.account.servers[f"nodes-us-east-1a.{cluster}"]
        return [
            each.instance.id
            for each in servers
            if not version or each.instance.template.endswith(f":{version.removeprefix('v')}")
        ]

    def lose_machine(self, cluster: str) -> None:
        """End a machine of a cluster's nodes, in whose place none starts."""
        self.account.servers[f"nodes-us-east-1a.{cluster}"].pop()
        self.clock.sleep(240)

    def start_machines(self, cluster: str) -> None:
        """Start the machines that a cluster's groups lack, and wait until they have joined."""
        self.account.fill(cluster, self.clock.now())
        self.kubernetes(cluster).nodes()
        self.clock.sleep(SETTLES_WITHIN.total_seconds())

    def resize_group(self, cluster: str, largest: int) -> None:
        """Change the size of a group of nodes in the account, as nobody should."""
        name = f"nodes-us-east-1a.{cluster}"
        found = self.account.clusters[cluster][Key("AutoscalingGroup", name)]
        assert isinstance(found.resource, AutoscalingGroup)
        self.account.put(cluster, replace(found.resource, max_size=largest), found.id)

    def add_foreign(self, cluster: str) -> None:
        """Let a search by tags find a shared resource, and one of somebody else that is in the way."""
        subnet = self.account.clusters[cluster][Key("Subnet", f"us-east-1a.{cluster}")].id
        self.account.others[cluster] = (
            DiscoveredResource("VPC", "vpc-1", "corp", Ownership.SHARED, note="the spec names it by its id"),
            DiscoveredResource(
                "Instance", "i-0f", "build", Ownership.FOREIGN, note=f"it runs in {subnet}: terminate it"
            ),
        )

    def watch(self, call: str, about: str) -> None:
        """What each call to the account meets first."""
        self.calls.append(f"{call} {about}")
        if self.gate is not None:
            self.gate.enter(f"{call} {about}")
        for beginning, problem in self.errors.items():
            if f"{call} {about}".startswith(beginning):
                raise problem
        if call in self.needs_code:
            self.needs_code.remove(call)
            self.codes.append(self.engine.mfa_prompt("Enter MFA code for arn:aws:iam::1:mfa/ann: "))

    @property
    def changes(self) -> list[str]:
        """The calls that changed something in the account."""
        return [each for each in self.calls if each.partition(" ")[0] in CHANGES]

    def _kubernetes(self, name: str) -> KubernetesApi:
        if name in self.kubernetes_errors:
            raise self.kubernetes_errors[name]
        return self.kubernetes(name)

    @cache  # noqa: B019 - a world ends with its test
    def kubernetes(self, name: str) -> InMemoryApi:
        """The API of a cluster; all its nodes and pods are ready."""
        from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
        from kops_core.cloud.sandbox.kubernetes.content import ADDONS, WORKLOADS

        behind = [SETTLES_WITHIN]
        cluster = Cluster(
            name,
            lambda: self.account.machines(name),
            lambda: self.clock.now() - behind[0],
            timing=None,
            members=1,
            objects=(*ADDONS, *WORKLOADS),
        )
        behind[0] = timedelta()
        cluster.advance()
        return InMemoryApi(cluster)


def _settings(
    folder: Path, *, write: bool, environment: Mapping[str, str], stores: tuple[str, ...]
) -> Settings:
    return Settings(
        stores=stores,
        write=write,
        operator=OPERATOR,
        channel=str(_CHANNEL),
        state_dir=folder,
        data_dir=folder,
        environment=environment,
    )


@cache
def _facts() -> Tree:
    facts: Tree = json.loads((_DATA / "facts.json").read_text(encoding="utf-8"))
    return facts


@cache
def _built() -> bytes:
    """The world that all others are copied from."""
    clock = WorldClock(start=BUILT_AT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = _settings(folder, write=True, environment={}, stores=(STORE,))
        world = World(settings, WorldStore(STORE, {}, clock), Account(), clock)
        build(world.engine, world.store, lambda time: clock.sleep(time.total_seconds()))
        files = {
            str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()
        }
        return pickle.dumps(Built(world.store.contents, world.account, files))
