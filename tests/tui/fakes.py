"""A stand-in for the clouds and stores behind the engine: in memory, deterministic, quick.

What the screens show is real data of the engine's own types: inference by (a few) rules,
plans, events. Only where those come from is staged.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kops_core import MfaPrompt, StoredCluster, StoreError
from kops_core.api.canonical import to_yaml
from kops_core.api.path import FieldPath, render, set_at, unset_at
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.cloud.provider import Identity
from kops_core.engine.credentials.keypairs import KeypairSummary
from kops_core.engine.fleet.rows import ClusterStatus, ClusterSummary, GroupSummary, Pending
from kops_core.engine.operations.drift_report import DriftReport
from kops_core.engine.operations.execution import Prepared
from kops_core.engine.operations.history import PastOperation
from kops_core.engine.operations.instance_groups import GroupStatus, InstanceStatus
from kops_core.engine.settings import Settings
from kops_core.engine.workspace.draft import CLUSTER, Draft, locate, root_of
from kops_core.engine.workspace.explanation import Explanation
from kops_core.engine.workspace.kept_edits import KeptEdits, edits_on
from kops_core.engine.workspace.review import SaveReview, review
from kops_core.engine.workspace.spec_rows import SpecRow, spec_rows
from kops_core.engine.workspace.undo import documents_before
from kops_core.errors import FieldError, InvalidSpec, KopsError, Refused, UsageError
from kops_core.infer.inference import Inference, Inputs
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook, rule
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Risk
from kops_core.model.kinds import KINDS
from kops_core.model.resource import Key
from kops_core.operations.clock import CancelToken, SystemClock
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged, Throttling
from kops_core.operations.steps import Limits
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason, Unknown
from kops_core.plan.drift import Applied, Cause, Drift
from kops_core.plan.snapshot import Snapshot
from kops_core.plan.teardown import DiscoveredResource, Ownership, Teardown
from kops_core.store import layout
from kops_core.store.pem import CertificateFacts
from kops_core.store.revisions import Revision

NOW = datetime(2026, 3, 1, 14, 2, 11, tzinfo=UTC)
PROD = "us1.prod.example.com"
STAGE = "data.stage.example.com"


# The rules


@rule("spec.kubelet.cgroupDriver", because="kubelet and containerd both use systemd's cgroups")
def cgroup_driver(c: Reader) -> Maybe:
    return "systemd" if c.get("spec.containerRuntime") == "containerd" else "cgroupfs"


@rule("spec.containerRuntime", because="it is the only runtime since Kubernetes 1.24")
def container_runtime(c: Reader) -> Maybe:
    return "containerd"


@rule("spec.kubelet.maxPods", because="the network plugin gives each instance that many addresses")
def max_pods(c: Reader) -> Maybe:
    return 110 if c.string("spec.kubernetesVersion") else None


@rule("spec.kubelet.clusterDNS", because="pods ask the node-local cache where there is one, else kube-dns")
def cluster_dns(c: Reader) -> Maybe:
    return (
        "169.254.20.10"
        if c.boolean("spec.kubeDNS.nodeLocalDNS.enabled")
        else c.string("spec.kubeDNS.serverIP")
    )


@rule("spec.kubeDNS.serverIP", because="it is the tenth address of the service range")
def server_ip(c: Reader) -> Maybe:
    return (c.string("spec.serviceClusterIPRange") or "").replace(".0/13", ".10")


@rule("spec.serviceClusterIPRange", because="it is the upper half of the non-masquerade range")
def service_range(c: Reader) -> Maybe:
    return "100.64.0.0/13"


@rule("spec.etcdClusters[*].version", because="it is the etcd that this Kubernetes was tested with")
def etcd_version(c: Reader) -> Maybe:
    return "3.6.6" if (c.string("spec.kubernetesVersion") or "") >= "1.34" else "3.5.25"


@rule("instanceGroups.*.spec.image", because="the channel recommends it for this Kubernetes")
def image(c: Reader) -> Maybe:
    return f"ubuntu-noble-24.04-amd64-server-20260{len(c.string('spec.kubernetesVersion') or '')}01"


BOOK = RuleBook(
    replace(each, name=f"{room}.{each.name.partition('.')[2]}")
    for room, each in (
        ("kubelet", cgroup_driver),
        ("containerd", container_runtime),
        ("kubelet", max_pods),
        ("kubelet", cluster_dns),
        ("dns", server_ip),
        ("network", service_range),
        ("etcd", etcd_version),
        ("instance_groups", image),
    )
)

_DESCRIPTIONS = {
    "cgroupDriver": ("string", ("cgroupfs", "systemd"), "how kubelet manages its cgroups"),
    "maxPods": ("integer", (), "most pods that kubelet runs on a node"),
    "kubernetesVersion": ("string", (), "version of Kubernetes, e.g. 1.34.3"),
    "enabled": ("boolean", ("true", "false"), "whether pods ask a cache on their own node"),
}


def cluster_document(name: str, version: str) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "Cluster",
        "metadata": {"name": name},
        "spec": {
            "kubernetesVersion": version,
            "cloudProvider": "aws",
            "channel": "stable",
            "networkCIDR": "172.20.0.0/16",
            "api": {"loadBalancer": {"type": "Public", "class": "Network"}},
            "kubelet": {"anonymousAuth": False, "maxPods": 80},
            "kubeDNS": {"nodeLocalDNS": {"enabled": True}},
            "etcdClusters": [
                {"name": "main", "etcdMembers": [{"name": "a", "instanceGroup": "control-plane-us-east-1a"}]},
                {
                    "name": "events",
                    "etcdMembers": [{"name": "a", "instanceGroup": "control-plane-us-east-1a"}],
                },
            ],
            "networking": {"amazonvpc": {}},
            "sshAccess": ["203.0.113.0/24", "198.51.100.7/32"],
        },
    }


def group_document(cluster: str, name: str, role: str, machine: str, size: int) -> Tree:
    return {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": name, "labels": {"kops.k8s.io/cluster": cluster}},
        "spec": {
            "role": role,
            "machineType": machine,
            "minSize": size,
            "maxSize": size + 2,
            "subnets": ["us-east-1a"],
        },
    }


# What the door hands out


def change(
    kind: str,
    name: str,
    action: Action,
    *fields: FieldChange,
    risk: Risk = Risk.NONE,
    rolls: Sequence[str] = (),
) -> Change:
    reasons = {Action.CREATE: Reason.MISSING, Action.NO_OP: Reason.SAME, Action.DELETE: Reason.NOT_DESIRED}
    return Change(
        Key(kind, name),
        action,
        reasons.get(action, Reason.DIFFERS),
        fields,
        risk=risk,
        rolls=tuple(rolls),
        spec_paths=(("spec", "kubernetesVersion"),) if action is not Action.NO_OP else (),
        area=KINDS[kind].spec.area,
    )


_OLD_CONFIG = "apiVersion: kops.k8s.io/v1alpha2\nassets:\n- kubelet v1.33.9\n- containerd 2.1.5\ncloud: aws\n"


def changes_of(name: str, destructive: bool = False) -> tuple[Change, ...]:
    found = [
        change("VPC", name, Action.NO_OP),
        change("Subnet", f"us-east-1a.{name}", Action.NO_OP),
        change("SecurityGroup", f"nodes.{name}", Action.NO_OP),
        change(
            "ManagedFile",
            "nodes-us-east-1a-nodeupconfig",
            Action.UPDATE,
            FieldChange("contents", _OLD_CONFIG, _OLD_CONFIG.replace("1.33.9", "1.34.3"), "yaml"),
        ),
        change(
            "IAMRolePolicy",
            f"nodes.{name}",
            Action.CREATE,
            FieldChange(
                "PolicyDocument", None, '{"Statement": [{"Action": ["ec2:DescribeInstances"]}]}', "json"
            ),
        ),
        change(
            "LaunchTemplate",
            f"control-plane-us-east-1a.masters.{name}",
            Action.UPDATE,
            FieldChange("ImageId", "ami-0aa1c2d3e4f5a6b7c", "ami-0bb2c2d3e4f5a6b7c"),
            FieldChange(
                "UserData", "NodeupConfigHash: 5c1d\nset -o errexit\n", Unknown.AFTER_APPLY, "script"
            ),
            risk=Risk.ROLLS_NODES,
            rolls=["control-plane-us-east-1a"],
        ),
        change(
            "LaunchTemplate",
            f"nodes-us-east-1a.{name}",
            Action.UPDATE,
            FieldChange("ImageId", "ami-0aa1c2d3e4f5a6b7c", "ami-0bb2c2d3e4f5a6b7c"),
            FieldChange(
                "UserData",
                "#!/bin/bash\nNODEUP=v1.33.9\nHASH=5c1d\nset -o errexit\n",
                "#!/bin/bash\nNODEUP=v1.34.3\nHASH=9e07\nset -o errexit\n",
                "script",
            ),
            risk=Risk.ROLLS_NODES,
            rolls=["nodes-us-east-1a"],
        ),
    ]
    if destructive:
        found.append(change("NatGateway", f"us-east-1b.{name}", Action.DELETE, risk=Risk.DELETES_DATA))
    return tuple(found)


OPEN_RULE = change(
    "SecurityGroupRule",
    "from 0.0.0.0/0 port 22 to nodes",
    Action.DELETE,
    FieldChange("CIDR", "0.0.0.0/0", None),
    FieldChange("FromPort", "22", None),
)


@dataclass
class FakeWorkspace:
    """A cluster's documents, edited for real over the staged rules."""

    engine: FakeEngine
    name: str
    saved: dict[str, Tree]
    store: str = "s3://acme-kops"
    applied: bool = False

    def __post_init__(self) -> None:
        self._draft = Draft(self.saved)
        self._base = Inference(self._inputs(), BOOK)
        self._now = self._base

    def _inputs(self) -> Inputs:
        documents = self._draft.documents
        return Inputs(
            documents[CLUSTER],
            {name: document for name, document in documents.items() if name != CLUSTER},
            {},
            {},
            {},
        )

    def _take(self, name: str, document: Tree, what: str) -> None:
        self._draft.replace(name, document, what)
        self._now = self._now.after(self._inputs())

    @property
    def edits(self) -> int:
        return len(self._draft.done)

    def objects(self) -> tuple[str, ...]:
        return tuple(self._draft.documents)

    def rows(self, name: str, /) -> list[SpecRow]:
        return spec_rows(self._now, self._base, root_of(name))

    def explain(self, path: FieldPath, /) -> Explanation:
        if "explain" in self.engine.errors:
            raise self.engine.errors["explain"]
        kind, allowed, about = _DESCRIPTIONS.get(str(path[-1]), ("string", (), ""))
        would_be = self._now.would_be(path) if self._now.rule_at(path) else UNSET
        origin = self._now.origin(path)
        return Explanation(
            path, self._now.value(path), origin, UNSET if origin.rule else would_be, about, kind, allowed
        )

    def set(self, path: FieldPath, text: str, /) -> None:
        name, within = locate(path)
        _, allowed, _ = _DESCRIPTIONS.get(str(path[-1]), ("string", (), ""))
        if allowed and text not in allowed:
            raise InvalidSpec(
                [FieldError("Unsupported value", render(path), f"must be one of {', '.join(allowed)}")]
            )
        if path[-1] == "maxPods" and not text.isdigit():
            raise InvalidSpec([FieldError("Invalid value", render(path), "must be an integer")])
        self._take(name, set_at(self._draft.documents[name], within, _typed(text)), f"set {render(path)}")

    def unset(self, path: FieldPath, /) -> None:
        name, within = locate(path)
        self._take(name, unset_at(self._draft.documents[name], within), f"unset {render(path)}")

    def pin(self, path: FieldPath, /) -> None:
        name, within = locate(path)
        value = self._now.value(path)
        if value is UNSET:
            raise UsageError("there is no inferred value to pin", where=render(path))
        self._take(name, set_at(self._draft.documents[name], within, value), f"pin {render(path)}")

    def undo(self) -> object:
        edit = self._draft.undo()
        self._now = self._now.after(self._inputs())
        return edit

    def redo(self) -> object:
        edit = self._draft.redo()
        self._now = self._now.after(self._inputs())
        return edit

    def errors(self) -> tuple[FieldError, ...]:
        pods = self._now.value("spec.kubelet.maxPods")
        if isinstance(pods, int) and pods > 250:
            return (
                FieldError("Invalid value", "spec.kubelet.maxPods", "no instance has that many addresses"),
            )
        return ()

    def moved(self) -> int:
        return len(self._now.moved(self._base))

    def document(self, name: str, /) -> str:
        from ruamel.yaml import YAML
        from ruamel.yaml.compat import StringIO

        stream = StringIO()
        YAML().dump(self._draft.documents[name], stream)
        return str(stream.getvalue())

    def replace_document(self, name: str, text: str, /) -> None:
        from ruamel.yaml import YAML

        document: Tree = YAML(typ="safe").load(text)
        spec = document.get("spec")
        if isinstance(spec, dict) and "kubernetsVersion" in spec:
            raise InvalidSpec([FieldError("Unknown field", "spec.kubernetsVersion", "no such field", line=5)])
        self._take(name, document, f"edit {name}")

    @property
    def facts_read(self) -> bool:
        return True

    def read_facts(self) -> None:
        pass

    def look_up(self) -> None:
        self.engine.enter("look up")

    def review(self) -> SaveReview:
        return review(self._draft.saved, self._draft.documents, self._base, self._now, self.errors())

    def unsaved(self) -> KeptEdits:
        changed = self._draft.changed
        what = tuple(edit.what for edit in self._draft.done)
        base = {name: self._draft.saved[name] for name in changed}
        documents = {name: self._draft.documents[name] for name in changed}
        return KeptEdits(self.name, self.store, NOW, what, base, documents)

    def take_up(self, kept: KeptEdits, /) -> bool:
        same = all(kept.base[name] == self._draft.documents[name] for name in kept.documents)
        for name, document in edits_on(kept, self._draft.documents).items():
            self._take(name, document, f"take up {name}")
        return same

    def go_back(self, revision: Revision, /) -> None:
        for name, document in documents_before(revision, self._draft.documents).items():
            self._take(name, document, f"undo {revision.what}")

    def save(self) -> object:
        self.engine.enter("save")
        if not self.engine.settings.write:
            raise Refused("this session is read-only", remedy="start with --write")
        self.engine.writes.append("save")
        before = {
            layout.CONFIG if name == CLUSTER else layout.instance_group(name): to_yaml(
                tree, "Cluster" if name == CLUSTER else "InstanceGroup"
            )
            for name, tree in self._draft.saved.items()
        }
        what = ", ".join(dict.fromkeys(edit.what for edit in self._draft.done))
        number = len(self.engine.saves)
        self.engine.saves.insert(
            0, Revision(f"r{number}", NOW + timedelta(seconds=number), "ops@bastion", what, before, {})
        )
        self.saved = dict(self._draft.documents)
        self._draft = Draft(self.saved)
        self._base = self._now
        return None

    def plan(self, *, prune: bool = False, emit: Callable[[Event], None] = lambda _: None) -> Prepared:
        self.engine.enter("plan")
        found = changes_of(self.name, self.engine.destructive)
        held = (OPEN_RULE,) if self.engine.held_back else ()
        if self.applied and not self.edits:
            found = tuple(
                replace(each, action=Action.NO_OP, reason=Reason.SAME, fields=(), risk=Risk.NONE, rolls=())
                for each in found
            )
        return Prepared(
            Plan(
                self.name,
                f"4f1c{self.edits}a7e90d2",
                NOW - timedelta(seconds=8),
                found + (held if prune else ()),
                self.engine.plan_errors,
                deferred=() if prune else held,
                prune=prune,
            ),
            DesiredState(self.name, ()),
            Snapshot(NOW, {}),
            DesiredState(self.name, ()),
        )

    def drift(self) -> DriftReport:
        self.engine.enter("drift")
        plan = self.plan().plan
        outside = {"ImageId"}
        found = tuple(
            Drift(
                each,
                {field.name: Cause.DRIFT if field.name in outside else Cause.PENDING for field in each.fields}
                if each.action is Action.UPDATE
                else {"": Cause.DRIFT},
            )
            for each in plan.pending
        )
        return DriftReport(plan, found, Applied(NOW - timedelta(hours=5), "ann@bastion", {}))

    def apply(
        self, prepared: Prepared, on_event: Callable[[Event], None], control: CancelToken, /
    ) -> Finished:
        self.engine.enter("apply")
        self.engine.writes.append("apply with pruning" if prepared.plan.prune else "apply")
        if prepared.plan.prune:
            self.engine.held_back = False
        pending = prepared.plan.pending
        on_event(Started(NOW, "op-1", "apply", self.name, "ops@bastion", len(pending)))
        for number, each in enumerate(pending):
            self.engine.gate(number)
            if control.stopped:
                done = Finished(
                    NOW, "op-1", False, number, f"stopped after {number} steps, as asked; P goes on"
                )
                on_event(done)
                return done
            on_event(StepChanged(NOW, "op-1", str(each.key), Phase.RUNNING))
            if number == 1:
                on_event(Throttling(NOW, "op-1", "ec2", "DescribeInstances", 10.0, 1, 0.0))
                on_event(
                    StepChanged(
                        NOW, "op-1", str(each.key), Phase.RETRYING, "not there yet; gives up in 9m12s", 1.2
                    )
                )
            self.engine.enter("step")
            on_event(StepChanged(NOW, "op-1", str(each.key), Phase.DONE, "", 0.4))
        self.engine.gate(len(pending))
        self.applied = True
        done = Finished(
            NOW + timedelta(seconds=21), "op-1", True, len(pending), f"{len(pending)} changes applied"
        )
        on_event(done)
        return done

    def groups(self) -> Sequence[GroupStatus]:
        self.engine.enter("groups")
        reason = "" if self.engine.rolled else "launch template version 13, the group has 14: image, kubelet"
        return (
            GroupStatus(
                "control-plane-us-east-1a",
                "ControlPlane",
                "m5.large",
                1,
                1,
                1,
                True,
                (
                    InstanceStatus(
                        "i-0c0ffee0000000001", "us-east-1a", "InService", "", "m5.large", "172.20.0.9"
                    ),
                ),
            ),
            GroupStatus(
                "nodes-us-east-1a",
                "Node",
                "t3.medium",
                3,
                5,
                3,
                True,
                tuple(
                    InstanceStatus(
                        f"i-0a1100000000000{n:02}",
                        "us-east-1a",
                        "InService",
                        reason,
                        "t3.medium",
                        f"172.20.0.{n}",
                    )
                    for n in range(3)
                ),
            ),
        )

    def roll(
        self, groups: Sequence[str], on_event: Callable[[Event], None], control: CancelToken, /
    ) -> Finished:
        self.engine.writes.append("roll")
        on_event(Started(NOW, "op-2", "rolling-update", self.name, "ops@bastion", 3))
        for n in range(3):
            on_event(
                StepChanged(NOW, "op-2", f"i-0a1100000000000{n:02}", Phase.WAITING, "", 0, "nodes-us-east-1a")
            )
        for n in range(3):
            node = f"i-0a1100000000000{n:02}"
            self.engine.gate(n)
            if not control.hold(SystemClock()):
                done = Finished(NOW, "op-2", False, n, f"stopped after {n} nodes, as asked")
                on_event(done)
                return done
            on_event(StepChanged(NOW, "op-2", node, Phase.RUNNING, "terminating", 4, "nodes-us-east-1a"))
            on_event(
                StepChanged(
                    NOW, "op-2", node, Phase.RUNNING, "waiting for its replacement", 55, "nodes-us-east-1a"
                )
            )
            self.engine.enter("step")
            on_event(StepChanged(NOW, "op-2", node, Phase.DONE, "replaced", 72, "nodes-us-east-1a"))
        self.engine.gate(3)
        self.engine.rolled = True
        done = Finished(NOW + timedelta(minutes=4), "op-2", True, 3, "3 nodes replaced")
        on_event(done)
        return done


def keypair(keyset: str, days: int, state: str, *, numbered: bool = True) -> KeypairSummary:
    """A keypair that was made so many days ago, as a rotation leaves it."""
    made = NOW - timedelta(days=days)
    serial = int(made.timestamp()) * 10**9 << 32
    subject = f"SERIALNUMBER={serial},CN={keyset}" if numbered else f"CN={keyset}"
    fingerprint = hashlib.sha256(f"{keyset}{serial}".encode()).digest().hex(":").upper()
    facts = CertificateFacts(
        subject, subject, (), True, serial, made, made + timedelta(days=3650), 2048, fingerprint
    )
    distrusted_at = NOW - timedelta(days=1) if state == "distrusted" else None
    return KeypairSummary(keyset, str(serial), state, distrusted_at, True, facts)


KEYPAIRS = (
    keypair("apiserver-aggregator-ca", 900, "primary", numbered=False),
    keypair("etcd-clients-ca", 3500, "primary", numbered=False),
    keypair("etcd-manager-ca-events", 3700, "primary", numbered=False),
    keypair("kubernetes-ca", 900, "distrusted", numbered=False),
    keypair("kubernetes-ca", 30, "primary"),
    keypair("service-account", 900, "primary", numbered=False),
    keypair("service-account", 2, "trusted"),
)


class FakeKeypairs:
    """A cluster's keypairs in the middle of a rotation."""

    def summaries(self, *, distrusted: bool) -> Sequence[KeypairSummary]:
        return [each for each in KEYPAIRS if distrusted or each.state != "distrusted"]


@dataclass
class FakeEngine:
    """The door, staged. ``errors`` makes a call fail; ``stop_at`` holds an operation before a step."""

    settings: Settings
    errors: dict[str, KopsError | Exception] = field(default_factory=dict)
    destructive: bool = False
    held_back: bool = False
    """Whether a rule that nobody desires waits for pruning."""
    plan_errors: tuple[str, ...] = ()
    stop_at: int | None = None
    held: threading.Event = field(default_factory=threading.Event)
    """Set while an operation is held."""
    let_go: threading.Event = field(default_factory=threading.Event)
    slow_store: threading.Event | None = None
    """Given, a second store answers only once it is set."""
    rolled: bool = False
    foreign: bool = False
    """Whether somebody else's instance is in the way of a deletion."""
    protected: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    """Every operation that was begun, and every save."""
    saves: list[Revision] = field(default_factory=list)
    mfa_prompt: MfaPrompt = field(default_factory=MfaPrompt)
    needs_code: set[str] = field(default_factory=set)
    """Calls that ask for the code of a multi-factor device, once each."""
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.workspaces: dict[str, FakeWorkspace] = {}

    def enter(self, what: str) -> None:
        self.calls.append(what)
        if what in self.needs_code:
            self.codes.append(self.mfa_prompt("Enter MFA code for arn:aws:iam::1:mfa/ann: "))
            self.needs_code.remove(what)
        problem = self.errors.get(what)
        if problem is not None:
            raise problem

    def gate(self, number: int) -> None:
        if self.stop_at is not None and number >= self.stop_at and not self.let_go.is_set():
            self.held.set()
            self.let_go.wait(20)

    def stored(self, name: str, /) -> StoredCluster:
        raise StoreError("the staged store keeps no texts")

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

    def keypairs(self, name: str, /) -> FakeKeypairs:
        self.enter("keypairs")
        return FakeKeypairs()

    def deletion(self, name: str, /) -> FakeDeletion:
        self.enter("deletion")
        return FakeDeletion(self, name)

    def revisions(self, name: str, /) -> Sequence[Revision]:
        self.enter("revisions")
        return self.saves

    def history(self, name: str, /) -> Sequence[PastOperation]:
        self.enter("history")
        return (
            PastOperation("op-2", NOW - timedelta(hours=5), "ops@bastion", "apply 4f1c", "ok: 7 changes"),
            PastOperation(
                "op-1", NOW - timedelta(days=2), "eve@laptop", "rolling-update", "stopped after 2 nodes"
            ),
        )


@dataclass
class FakeDeletion:
    """A cluster with two things of its own, one shared, and perhaps one of somebody else's."""

    engine: FakeEngine
    name: str

    def find(self) -> Teardown:
        foreign = DiscoveredResource(
            "Instance", "i-0f", "build", Ownership.FOREIGN, note="it runs in subnet-1: terminate it"
        )
        return Teardown(
            self.name,
            (
                DiscoveredResource("Subnet", "subnet-1", f"us-east-1a.{self.name}"),
                DiscoveredResource("EBSVolume", "vol-1", f"a.etcd-main.{self.name}"),
                DiscoveredResource(
                    "VPC", "vpc-1", "corp", Ownership.SHARED, note="the spec names it by its id"
                ),
                *((foreign,) if self.engine.foreign else ()),
            ),
        )

    def protected(self) -> tuple[str, ...]:
        return self.engine.protected

    def carry_out(
        self,
        found: Teardown,
        emit: Callable[[Event], None],
        control: CancelToken,
        limits: Limits,
        /,
        *,
        keys_in: Collection[str],
    ) -> Finished:
        self.engine.writes.append("delete")
        self.engine.enter("delete")
        now = SystemClock().now
        emit(Started(now(), "op-9", "delete", self.name, "ops@here", len(found.going)))
        for thing in found.going:
            emit(StepChanged(now(), "op-9", thing.key, Phase.DONE))
        return Finished(
            now(), "op-9", ok=True, done=len(found.going), message="2 done, nothing is left to do"
        )


FLEET = (
    ("eu1.prod.example.com", "1.34.3", True),
    (PROD, "1.33.9", True),
    (STAGE, "1.35.0", True),
    ("new.dev.example.com", "1.34.3", False),
)


def settings(folder: Path, *, write: bool = True, environment: Mapping[str, str] | None = None) -> Settings:
    return Settings(
        stores=("s3://acme-kops",),
        write=write,
        operator="ops@bastion",
        state_dir=folder,
        environment=environment or {},
    )


def _typed(text: str) -> Value:
    if text.isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text, text)
