"""The engine in memory: deterministic and quick. What it hands out is of the real engine's own types."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kops_core import (
    ApplyRequest,
    CancelToken,
    Created,
    CreateOptions,
    DeleteGroupRequest,
    DeleteInstanceRequest,
    DeleteRequest,
    Exported,
    Finished,
    GroupOptions,
    KopsError,
    KubeconfigOptions,
    Limits,
    OperationRequest,
    PlanRequest,
    ReconcileRequest,
    Refused,
    RollRequest,
    StoredCluster,
    StoreError,
    Tree,
)
from kops_core.cloud.provider import Identity
from kops_core.engine.background.launch import InProcessLauncher
from kops_core.engine.background.operations import Operations
from kops_core.engine.background.run import Emit
from kops_core.engine.fleet.cache import FleetCache
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, GroupSummary, Pending
from kops_core.engine.fleet.work import FleetWork
from kops_core.engine.operations.history import PastOperation
from kops_core.engine.workspace.draft import CLUSTER
from kops_core.infer.create.flags import from_flags
from kops_core.plan import saved
from tests.tui.fakes.controls import Controls
from tests.tui.fakes.deletion import FakeDeletion
from tests.tui.fakes.documents import (
    FLEET,
    NOW,
    PROD,
    STAGE,
    cluster_document,
    group_document,
)
from tests.tui.fakes.history import FakeHistory
from tests.tui.fakes.keypairs import FakeKeypairs
from tests.tui.fakes.workspace import FakeWorkspace


@dataclass
class FakeEngine(Controls):
    """An engine over a fleet of four clusters."""

    def __post_init__(self) -> None:
        self.workspaces: dict[str, FakeWorkspace] = {}

        self.operations = Operations(
            self.settings,
            InProcessLauncher(self._carry_out, self.settings.operator, lambda: NOW),
            lambda: NOW,
        )

    def _carry_out(self, request: OperationRequest, emit: Emit, cancel: CancelToken) -> Finished:
        match request:
            case ApplyRequest():
                workspace = self.open(request.cluster)
                expected = saved.loads(request.expected)
                return workspace.apply(emit, cancel, request=PlanRequest(request.prune), expected=expected)
            case RollRequest():
                return self.open(request.cluster).roll(request.groups, emit, cancel)
            case ReconcileRequest():
                raise Refused("the fake engine reconciles nothing")
            case DeleteGroupRequest() | DeleteInstanceRequest():
                raise Refused("the fake engine deletes no instance groups and no instances")
            case DeleteRequest():
                shown = saved.loads(request.expected)
                return self.deletion(request.cluster).carry_out(
                    shown, emit, cancel, Limits(), keys_in=request.keys_in
                )

    def stored(self, name: str, /) -> StoredCluster:
        raise StoreError("the fake store keeps no texts")

    def replace(self, files: Mapping[str, bytes], /, *, force: bool) -> object:
        self.writes.append("replace")
        return ()

    def clusters(self) -> Iterator[ClusterSummary]:
        self.enter("clusters")
        yield from (self._summary(name, version, applied) for name, version, applied in FLEET)
        if self.slow_store is not None:
            self.slow_store.wait(20)
            yield ClusterSummary("s3://slow", "late.example.com", "1.35.0", "aws", "cilium")
        if "store" in self.errors:
            yield ClusterSummary("s3://gone", "", error="the bucket does not answer\n  check its name")

    def _summary(self, name: str, version: str, applied: bool) -> ClusterSummary:
        groups = (
            GroupSummary("control-plane-us-east-1a", "ControlPlane", "m5.large", 1, 1, ("us-east-1a",)),
            GroupSummary("nodes-us-east-1a", "Node", "t3.medium", 3, 5, ("us-east-1a",)),
        )
        return ClusterSummary(
            "s3://acme-kops",
            name,
            version,
            "aws",
            "amazonvpc",
            ("us-east-1a", "us-east-1b"),
            groups,
            applied,
            changed_at=NOW - timedelta(minutes=20),
        )

    def status(self, name: str, /) -> ClusterStatus:
        self.enter("status")
        return replace(self._status(name), planned=True)

    def _status(self, name: str) -> ClusterStatus:
        if not {each: applied for each, _, applied in FLEET}.get(name, True):
            return ClusterStatus(name, NOW, Pending.NEVER_APPLIED, 62)
        if name == PROD:
            return ClusterStatus(
                name, NOW, Pending.CHANGES, 4, (), (1, 1), (3, 3), "apply ok", NOW - timedelta(hours=5)
            )
        if name == STAGE:
            return ClusterStatus(name, NOW, Pending.ROLL, 0, ("nodes-us-east-1a",), (1, 1), (2, 3))
        return ClusterStatus(
            name, NOW, Pending.UP_TO_DATE, 0, (), (3, 3), (42, 42), "roll ok", NOW - timedelta(days=2)
        )

    def glances(self, summaries: Collection[ClusterSummary], /) -> Iterator[ClusterStatus]:
        for each in summaries:
            try:
                status = self.status(each.name)
            except KopsError as error:
                status = ClusterStatus(each.name, NOW, error=str(error))
            yield replace(status, changes=0, planned=False)

    def work(self, summaries: Collection[ClusterSummary], /) -> FleetWork:
        return FleetWork()

    @property
    def cache(self) -> FleetCache:
        return FleetCache(self.settings.cache_dir, self.settings.stores)

    @property
    def fleet(self) -> FakeEngine:
        return self

    def identity(self) -> Identity:
        self.enter("identity")
        return Identity("123456789012", "us-east-1", "arn:aws:iam::123456789012:user/ops")

    def open(self, name: str, /) -> FakeWorkspace:
        self.enter("open")
        if name not in self.workspaces:
            version = next((version for each, version, _ in FLEET if each == name), "1.34.3")
            self.workspaces[name] = FakeWorkspace(
                self,
                name,
                {
                    CLUSTER: cluster_document(name, version),
                    "control-plane-us-east-1a": group_document(
                        name, "control-plane-us-east-1a", "ControlPlane", "m5.large", 1
                    ),
                    "nodes-us-east-1a": group_document(name, "nodes-us-east-1a", "Node", "t3.medium", 3),
                },
            )
        return self.workspaces[name]

    def open_files(self, files: Mapping[str, bytes], /, *, ssh_public_key: str = "") -> FakeWorkspace:
        raise Refused("the fake engine opens no files")

    def facts(self, name: str, /) -> Tree:
        return {}

    def create_options(self, words: Sequence[str], /) -> CreateOptions:
        return from_flags(words)

    def make_cluster(self, options: CreateOptions, /) -> Created:
        raise Refused("the fake engine makes no clusters")

    def make_group(self, cluster: str, options: GroupOptions, /) -> Tree:
        raise Refused("the fake engine makes no instance groups")

    def protect(self, cluster: str, group: str = "", *, on: bool = True) -> bool:
        raise Refused("the fake engine protects nothing")

    def store_cluster(self, made: Created, /, *, ssh_public_key: str = "") -> str:
        raise Refused("the fake engine stores no clusters")

    def export_kubeconfig(self, name: str, options: KubeconfigOptions, /) -> Exported:
        return Exported(name, self.settings.data_dir / name, "https://api", None, own=True, signed_in=False)

    def keypairs(self, name: str, /) -> FakeKeypairs:
        self.enter("keypairs")
        return FakeKeypairs()

    def deletion(self, name: str, /) -> FakeDeletion:
        self.enter("deletion")
        return FakeDeletion(self, name)

    def spec_history(self, name: str, /) -> FakeHistory:
        self.enter("revisions")
        return self.saved

    def history(self, name: str, /) -> Sequence[PastOperation]:
        self.enter("history")
        return (
            PastOperation("op-2", NOW - timedelta(hours=5), "ops@bastion", "apply 4f1c", "ok: 7 changes"),
            PastOperation(
                "op-1", NOW - timedelta(days=2), "eve@laptop", "rolling-update", "stopped after 2 nodes"
            ),
        )
