"""The causes of changes: edits of the spec, changes in the account, another version of this program.

A resource depends on many fields. An edited one among them need not be the reason: the change may come from
another field that was saved before and not applied yet. So the plan with the edits is compared with the plan
of the saved spec against the same snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kops_core.api.path import FieldPath, get, overlaps
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.infer.inference import Inference
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
    existence: Mapping[Key, SpecChange] = field(default_factory=dict)
    """The resources that are desired, or no longer desired, because of a change of the spec."""
    drift: Mapping[Key, Cause] = field(default_factory=dict)
    """Whether the spec or the account was changed since the last apply."""
    source: Tree = field(default_factory=dict)
    """The operator's documents, as ``Inference.source`` has them."""
    groups: Mapping[Key, str] = field(default_factory=dict)
    """The instance groups of resources that belong to one alone."""
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
    spec = [*known.spec, *_new_groups(plan, known)]
    pending: dict[CauseGroup, list[Change]] = {each.group: [] for each in spec}
    deferred: dict[CauseGroup, list[Change]] = {each: [] for each in pending}
    for changes, members in ((plan.pending, pending), (plan.deferred, deferred)):
        for change in changes:
            members.setdefault(_cause(change, spec, known), []).append(change)

    def place(group: CauseGroup) -> tuple[int, int]:
        risk = max((severity(each.risk) for each in pending.get(group, ())), default=-1)
        return (0 if group.kind.of_operator else 1 + _ORDER.index(group.kind), -risk)

    return tuple(
        replace(group, changes=_keys(pending.get(group, ())), deferred=_keys(deferred.get(group, ())))
        for group in sorted({**pending, **deferred}, key=place)
    )


_ORDER = list(CauseKind)


def _cause(change: Change, spec: Sequence[SpecChange], known: Evidence) -> CauseGroup:
    """The first cause of a change, as a group without changes."""
    drift = known.drift.get(change.key, Cause.UNKNOWN)
    if drift is Cause.DRIFT:
        return CauseGroup(CauseKind.DRIFT)
    if change.key in known.existence:
        return known.existence[change.key].group
    for each in spec:
        if any(overlaps(each.path, path) for path in change.spec_paths):
            return each.group
    if change.action in (Action.UPDATE, Action.REPLACE):
        written = _written(change, known.source)
        if written is not None:
            kind = CauseKind.SAVED if drift is Cause.PENDING else CauseKind.OTHER
            return replace(written, kind=kind)
    if drift is Cause.PENDING and known.programs is not None:
        return CauseGroup(CauseKind.VERSION, before=known.programs[0], after=known.programs[1])
    return CauseGroup(CauseKind.OTHER)


def _written(change: Change, source: Tree) -> CauseGroup | None:
    """The operator's field whose value is that of a changed field; None if there is none.

    The applied specs of instance groups are stored nowhere: what they said is known from the account.
    """
    for path in change.spec_paths:
        value = _text(get(source, path))
        for each in change.fields:
            if value is not None and each.after == value:
                return CauseGroup(CauseKind.SAVED, path, each.before, value)
    return None


def _new_groups(plan: Plan, known: Evidence) -> list[SpecChange]:
    """The instance groups of which nothing exists and the last apply knew nothing."""
    resources: dict[str, list[Change]] = {}
    for change in plan.changes:
        group = known.groups.get(change.key, "")
        if group:
            resources.setdefault(group, []).append(change)
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


def existence(
    plan: Plan, spec: Sequence[SpecChange], desired_without: Callable[[SpecChange], Collection[Key] | None]
) -> dict[Key, SpecChange]:
    """The new and the surplus resources of a plan, each with the change of the spec that made it so.

    desired_without: the resources that would be desired without a change; None if it is not known.
    """
    created = {each.key for each in plan.pending if each.action is Action.CREATE}
    surplus = {each.key for each in (*plan.pending, *plan.deferred) if each.action is Action.DELETE}
    found: dict[Key, SpecChange] = {}
    for each in spec if created or surplus else ():
        before = desired_without(each)
        if before is not None:
            there = set(before)
            found = {**dict.fromkeys((created - there) | (surplus & there), each), **found}
    return found


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
