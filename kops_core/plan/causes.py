"""The causes of changes: edits of the spec, changes in the account, another version of this program.

A resource depends on many fields. An edited one among them need not be the reason: the change may come from
another field that was saved before and not applied yet. So the plan with the edits is compared with the plan
of the saved spec against the same snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kops_core.api.path import FieldPath, get, overlaps
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.infer.inference import Inference
from kops_core.model.resource import Resource
from kops_core.model.template import Key
from kops_core.plan.changes import Action, CauseGroup, CauseKind, Change, Plan
from kops_core.plan.drift import Cause
from kops_core.plan.risk import severity


def with_causes(plan: Plan, saved: Plan) -> Plan:
    """The plan with the actual reasons of each change.

    plan: made with the unsaved edits as its reasons. saved: of the spec without them, with its own reasons.
    """
    before = {change.key: change for change in saved.changes}
    return replace(plan, changes=tuple(_of(change, before.get(change.key)) for change in plan.changes))


def _of(change: Change, saved: Change | None) -> Change:
    if change.action is Action.NO_OP or saved is None or saved.action is Action.NO_OP:
        return change
    if (change.action, change.fields) == (saved.action, saved.fields):
        return replace(change, spec_paths=saved.spec_paths)
    # Fields that also change without the edits keep their reasons, too.
    if {each.name for each in saved.fields} & {each.name for each in change.fields}:
        return replace(change, spec_paths=tuple(dict.fromkeys([*change.spec_paths, *saved.spec_paths])))
    return change


Desired: TypeAlias = Mapping[Key, Resource]
"""Desired resources by their keys."""


@dataclass(frozen=True)
class SpecChange:
    """A field of the spec whose value is not the saved one, or not the applied one."""

    kind: CauseKind
    path: FieldPath
    before: Maybe
    after: Maybe

    @property
    def group(self) -> CauseGroup:
        """The group of its changes, without any."""
        return CauseGroup(self.kind, self.path, _text(self.before), _text(self.after))


@dataclass(frozen=True)
class Evidence:
    """What is known about the causes of a plan's changes."""

    spec: Sequence[SpecChange] = ()
    """The operator's changes of the spec."""
    consequences: Mapping[Key, Sequence[SpecChange]] | None = None
    """The changes of the spec that a resource is different for; None if its fields tell."""
    drift: Mapping[Key, Cause] = field(default_factory=dict)
    """Whether the spec or the account was changed since the last apply."""
    source: Tree = field(default_factory=dict)
    """The operator's documents, as ``Inference.source`` has them."""
    desired: Desired = field(default_factory=dict)
    """The desired resources of the plan."""
    programs: tuple[str, str] | None = None
    """The version of this program that applied last, and this one; None if equal, or not known."""
    never_applied: bool = False


def by_cause(plan: Plan, known: Evidence) -> tuple[CauseGroup, ...]:
    """The changes of a plan in groups, each in that of its first cause.

    The operator's own changes come first, those with the greatest risk before others. One that nothing
    follows from is a group without changes.
    """
    if known.never_applied:
        keys = tuple(change.key for change in plan.pending)
        return (CauseGroup(CauseKind.FIRST_APPLY, changes=keys),) if keys else ()
    new_groups = _new_groups(plan, known)
    pending: dict[CauseGroup, list[Change]] = {each.group: [] for each in (*known.spec, *new_groups)}
    deferred: dict[CauseGroup, list[Change]] = {each: [] for each in pending}
    for changes, members in ((plan.pending, pending), (plan.deferred, deferred)):
        for change in changes:
            members.setdefault(_cause(change, new_groups, known), []).append(change)

    def place(group: CauseGroup) -> tuple[int, int]:
        risk = max((severity(each.risk) for each in pending.get(group, ())), default=-1)
        return (0 if group.kind.of_operator else 1 + _ORDER.index(group.kind), -risk)

    return tuple(
        replace(group, changes=_keys(pending.get(group, ())), deferred=_keys(deferred.get(group, ())))
        for group in sorted({**pending, **deferred}, key=place)
    )


_ORDER = list(CauseKind)


def _cause(change: Change, new_groups: Sequence[SpecChange], known: Evidence) -> CauseGroup:
    """The first cause of a change, as a group without changes."""
    drift = known.drift.get(change.key, Cause.UNKNOWN)
    if drift is Cause.DRIFT:
        return CauseGroup(CauseKind.DRIFT)
    behind = [each for each in known.spec if _depends(change, each)]
    if known.consequences is not None:
        behind = list(known.consequences.get(change.key, ()))
    behind += [each for each in new_groups if _depends(change, each)]
    if behind:
        return behind[0].group
    if change.action in (Action.UPDATE, Action.REPLACE):
        written = _written(change, known)
        if written is not None:
            kind = CauseKind.SAVED if drift is Cause.PENDING else CauseKind.OTHER
            return replace(written, kind=kind)
    if drift is Cause.PENDING and known.programs is not None:
        return CauseGroup(CauseKind.VERSION, before=known.programs[0], after=known.programs[1])
    return CauseGroup(CauseKind.OTHER)


def _written(change: Change, known: Evidence) -> CauseGroup | None:
    """The operator's field of an instance group that has the value of a changed field; None if none has.

    The applied specs of instance groups are stored nowhere: what they said is known from the account.
    """
    resource = known.desired.get(change.key)
    for each in change.fields if resource is not None else ():
        found = [
            path
            for path in (resource.source_paths if resource is not None else ())
            if path[0] == "instanceGroups" and _text(get(known.source, path)) == each.after
        ]
        alike = [path for path in found if str(path[-1]).lower() == each.name.replace("_", "")]
        for path in alike or (found if len(found) == 1 else ()):
            return CauseGroup(CauseKind.SAVED, path, each.before, str(each.after))
    return None


def _new_groups(plan: Plan, known: Evidence) -> list[SpecChange]:
    """The instance groups of which nothing exists and the last apply knew nothing."""
    resources: dict[str, list[Change]] = {}
    for change in plan.changes:
        resource = known.desired.get(change.key)
        if resource is not None and resource.instance_group:
            resources.setdefault(resource.instance_group, []).append(change)
    return [
        SpecChange(CauseKind.SAVED, ("instanceGroups", name), UNSET, "new")
        for name, changes in resources.items()
        if all(
            each.action is Action.CREATE and known.drift.get(each.key) is Cause.PENDING for each in changes
        )
        and not any(each.path[:2] == ("instanceGroups", name) for each in known.spec)
    ]


def _keys(changes: Sequence[Change]) -> tuple[Key, ...]:
    return tuple(change.key for change in changes)


def consequences(
    plan: Plan,
    spec: Sequence[SpecChange],
    desired: Desired,
    desired_without: Callable[[SpecChange], Desired | None],
) -> Mapping[Key, Sequence[SpecChange]] | None:
    """The changes of the spec without which a resource would be desired in another way, or not at all.

    desired_without: what would be desired without a change; None if it is not known, and then the fields
    that the resource depends on tell. None if these tell enough: each change has one cause, and no resource
    is new or surplus.
    """
    changes = (*plan.pending, *plan.deferred)
    exists = any(each.action in (Action.CREATE, Action.DELETE) for each in changes)
    if not spec or not (exists or any(sum(_depends(one, each) for each in spec) != 1 for one in changes)):
        return None
    found: dict[Key, list[SpecChange]] = {each.key: [] for each in changes}
    for each in spec:
        before = desired_without(each)
        for change in changes:
            key = change.key
            if _depends(change, each) if before is None else before.get(key) != desired.get(key):
                found[key].append(each)
    return found


def _depends(change: Change, on: SpecChange) -> bool:
    return any(overlaps(on.path, path) for path in change.spec_paths)


def changed_since(applied: Tree, inference: Inference) -> list[SpecChange]:
    """The operator's fields that differ from the completed spec that was applied last.

    A list of plain values counts as one field. A field that is no longer set is one of them if no rule sets
    it, so that its former value was the operator's.
    """
    written = inference.source.get("spec")
    paths = _fields(written if written is not None else {}, ("spec",))
    gone = [
        path
        for path in _fields(applied.get("spec", {}), ("spec",))
        if inference.value(path) is UNSET
        and not any(inference.rule_at(path[:size]) for size in range(1, len(path) + 1))
    ]
    found = [(path, get(applied, path), inference.value(path)) for path in [*paths, *gone]]
    return [SpecChange(CauseKind.SAVED, *each) for each in found if each[1] != each[2]]


def _fields(tree: Value, prefix: FieldPath) -> Iterator[FieldPath]:
    """The paths of all values; a list of plain values is one."""
    if isinstance(tree, dict) and tree:
        for key, item in tree.items():
            yield from _fields(item, (*prefix, key))
    elif isinstance(tree, list) and any(isinstance(item, dict | list) for item in tree):
        for position, item in enumerate(tree):
            yield from _fields(item, (*prefix, position))
    else:
        yield prefix


def _text(value: Maybe) -> str | None:
    """A value on one line; None if there is none."""
    if value is UNSET:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = [_text(item) or "" for item in value]
        return items[0] if len(items) == 1 else f"[{', '.join(items)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_text(item)}" for key, item in value.items()) + "}"
    return "null" if value is None else str(value)
