"""What of a plan the unsaved edits are to blame for, and what would change without them too.

A resource depends on many fields. That an edited one is among them does not make it the reason: the change
may come from another field that was saved before and not applied yet. So the plan with the edits is compared
with the plan of the saved spec, made against the same observation.
"""

from __future__ import annotations

from dataclasses import replace

from kops_core.plan.changes import Action, Change, Plan


def with_causes(plan: Plan, saved: Plan) -> Plan:
    """The plan with, for each change, the reasons that are really its own.

    plan: made with the unsaved edits as its reasons. saved: of the spec without them, with its own reasons.
    """
    before = {change.key: change for change in saved.changes}
    return replace(plan, changes=tuple(_of(change, before.get(change.key)) for change in plan.changes))


def _of(change: Change, saved: Change | None) -> Change:
    if change.action is Action.NO_OP or saved is None or saved.action is Action.NO_OP:
        return change
    if (change.action, change.fields) == (saved.action, saved.fields):
        return replace(change, spec_paths=saved.spec_paths)
    # Fields that change without the edits too keep their reasons beside the edits'.
    if {each.name for each in saved.fields} & {each.name for each in change.fields}:
        return replace(change, spec_paths=tuple(dict.fromkeys([*change.spec_paths, *saved.spec_paths])))
    return change
