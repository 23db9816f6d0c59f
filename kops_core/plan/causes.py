"""Separates changes that unsaved edits cause from those that would happen without them.

A resource depends on many fields. An edited one among them need not be the reason: the change may come from
another field that was saved before and not applied yet. So the plan with the edits is compared with the plan
of the saved spec against the same snapshot.
"""

from __future__ import annotations

from dataclasses import replace

from kops_core.plan.changes import Action, Change, Plan


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
