"""A workspace in memory: documents that are edited for real, and operations that go through their steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from kops_core import (
    AddonStatus,
    ApiAccess,
    EtcdClusters,
    GroupDeletionOptions,
    MachineType,
    StagePreview,
    UpgradeProposal,
    UpgradeRequest,
    Validation,
    ValidationAttempt,
    ValidationRequest,
    WhatIf,
)
from kops_core.api.path import FieldPath, render, set_at, unset_at
from kops_core.api.values import UNSET, Tree, Value
from kops_core.engine.operations.drift_report import DriftReport
from kops_core.engine.operations.instance_groups import GroupStatus, InstanceStatus
from kops_core.engine.operations.planning import PlannedChange, PlanRequest
from kops_core.engine.operations.reconciliation import preview
from kops_core.engine.workspace.draft import CLUSTER, Draft, locate, root_of
from kops_core.engine.workspace.explanation import Explanation
from kops_core.engine.workspace.kept_edits import KeptEdits, edits_on
from kops_core.engine.workspace.review import SaveReview, review
from kops_core.engine.workspace.spec_rows import SpecRow, spec_rows
from kops_core.engine.workspace.undo import succeeding_documents
from kops_core.errors import FieldError, InvalidSpec, Refused, UsageError
from kops_core.infer.inference import Inference, Inputs
from kops_core.model.build import DesiredState
from kops_core.model.kind_spec import Risk
from kops_core.operations.clock import CancelToken, SystemClock
from kops_core.operations.events import Event, Finished, Phase, Started, StepChanged, Throttling
from kops_core.plan.causes import Evidence, by_cause
from kops_core.plan.changes import Action, Plan, Reason
from kops_core.plan.drift import Applied, Cause, Drift
from kops_core.plan.snapshot import Snapshot
from kops_tui.ports import GroupDeleter
from tests.tui.fakes.controls import Controls
from tests.tui.fakes.documents import (
    DESCRIPTIONS,
    NOW,
)
from tests.tui.fakes.plans import OPEN_RULE, UPGRADE, changes_of
from tests.tui.fakes.rules import BOOK

if TYPE_CHECKING:
    from kops_core.engine.cluster_services import ClusterLocation, ClusterServices

_WHOLE_PLAN = PlanRequest()


@dataclass
class FakeWorkspace:
    """A cluster's documents, edited for real over the rules here."""

    engine: Controls
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
        kind, allowed, about = DESCRIPTIONS.get(str(path[-1]), ("string", (), ""))
        would_be = self._now.would_be(path) if self._now.rule_at(path) else UNSET
        origin = self._now.origin(path)
        return Explanation(
            path, self._now.value(path), origin, UNSET if origin.rule else would_be, about, kind, allowed
        )

    def set(self, path: FieldPath, text: str, /) -> None:
        name, within = locate(path)
        _, allowed, _ = DESCRIPTIONS.get(str(path[-1]), ("string", (), ""))
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

    def go_back(self, documents: Mapping[str, Tree], what: str, /) -> None:
        for name, document in succeeding_documents(documents, self._draft.documents).items():
            self._take(name, document, what)

    def add_group(self, group: Tree, /) -> str:
        raise Refused("the fake engine adds no instance groups")

    def copy_group(self, name: str, new: str, /) -> None:
        raise Refused("the fake engine adds no instance groups")

    @property
    def protected(self) -> Sequence[str]:
        return self.engine.protected

    def machine_types(self, group: str, /) -> Sequence[MachineType]:
        return ()

    def group_deleter(self, group: str, options: GroupDeletionOptions, /) -> GroupDeleter:
        raise Refused("the fake engine deletes no instance groups")

    def save(self) -> object:
        self.engine.enter("save")
        if not self.engine.settings.write:
            raise Refused("this session is read-only", remedy="start with --write")
        self.engine.writes.append("save")
        what = ", ".join(dict.fromkeys(edit.what for edit in self._draft.done))
        self.engine.saved.add(NOW, what, dict(self._draft.saved))
        self.saved = dict(self._draft.documents)
        self._draft = Draft(self.saved)
        self._base = self._now
        return None

    def plan(
        self,
        request: PlanRequest = _WHOLE_PLAN,
        *,
        causes: bool = True,
        emit: Callable[[Event], None] = lambda _: None,
    ) -> PlannedChange:
        self.engine.enter("plan")
        found = changes_of(self.name, self.engine.destructive)
        held = (OPEN_RULE,) if self.engine.held_back else ()
        if self.applied and not self.edits:
            found = tuple(
                replace(each, action=Action.NO_OP, reason=Reason.SAME, fields=(), risk=Risk.NONE, rolls=())
                for each in found
            )
        plan = Plan(
            self.name,
            f"4f1c{self.edits}a7e90d2",
            NOW - timedelta(seconds=8),
            found + (held if request.prune else ()),
            self.engine.plan_errors,
            deferred=() if request.prune else held,
            prune=request.prune,
        )
        if causes:
            plan = replace(plan, causes=by_cause(plan, Evidence(() if plan.empty else (UPGRADE,))))
        return PlannedChange(
            plan,
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

    def preview_reconciliation(self) -> Sequence[StagePreview]:
        self.engine.enter("preview")
        whole = self.plan().plan
        nodes = {each.key for each in whole.changes if "control-plane" not in each.key.name}
        return preview(whole, nodes, self.groups())

    # Structures and values that are only tried are tested on the real engine.

    def structure(self, path: FieldPath, /) -> str:
        return ""

    def set_structure(self, path: FieldPath, text: str, /) -> None:
        raise Refused("the fake workspace has no structures")

    def next_item(self, path: FieldPath, /) -> FieldPath | None:
        return None

    def move_item(self, path: FieldPath, by: int, /) -> None:
        raise Refused("the fake workspace moves no items")

    def document_lines(self, name: str, /) -> dict[FieldPath, int]:
        return {}

    def what_if(self, path: FieldPath, text: str, /) -> WhatIf:
        return WhatIf((), ())

    def propose_upgrade(self, request: UpgradeRequest, /) -> UpgradeProposal:
        raise Refused("the fake workspace proposes no upgrades")

    def validate(
        self,
        request: ValidationRequest,
        report: Callable[[ValidationAttempt], None],
        cancel: CancelToken,
        /,
    ) -> Validation:
        self.engine.enter("validate")
        return self.engine.validation

    def refresh(self) -> None:
        pass

    def apply(
        self,
        on_event: Callable[[Event], None],
        cancel: CancelToken,
        /,
        *,
        request: PlanRequest,
        expected: Plan | None,
    ) -> Finished:
        assert expected is not None
        self.engine.enter("apply")
        self.engine.writes.append("apply with pruning" if expected.prune else "apply")
        if expected.prune:
            self.engine.held_back = False
        pending = expected.pending
        on_event(Started(NOW, "op-1", "apply", self.name, "ops@bastion", len(pending)))
        for number, each in enumerate(pending):
            self.engine.gate(number)
            if cancel.stopped:
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

    def groups_to_roll(
        self, *, access: ApiAccess | None, warn: Callable[[str], None]
    ) -> Sequence[GroupStatus]:
        return self.groups()

    def addons(self, access: ApiAccess, /) -> Sequence[AddonStatus]:
        return self.stored_addons()

    def etcd_clusters(self) -> EtcdClusters:
        return EtcdClusters(cast("ClusterServices", None), cast("ClusterLocation", None), {})

    def stored_addons(self) -> Sequence[AddonStatus]:
        return ()

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
        self, groups: Sequence[str], on_event: Callable[[Event], None], cancel: CancelToken, /
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
            if not cancel.hold(SystemClock()):
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


def _typed(text: str) -> Value:
    if text.isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text, text)
