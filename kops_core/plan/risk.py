"""The risk of changes for a running cluster, from the records of kinds."""

from __future__ import annotations

from kops_core.model.kind_spec import FieldRisk, Risk
from kops_core.model.resource import Resource
from kops_core.plan.changes import Action, FieldChange


def risk_of(
    action: Action,
    resource: Resource,
    changed: tuple[FieldChange, ...],
    *,
    rolls: tuple[str, ...] = (),
) -> Risk:
    """The highest risk of an action on a resource.

    resource is the desired one, or the observed one for a deletion.
    """
    if action is Action.NO_OP:
        return Risk.NONE
    if rolls:
        return Risk.ROLLS_NODES
    spec = resource.spec
    if spec.applied_by_control_plane:
        return Risk.LIVE
    loss = spec.risk.of_loss(resource)
    if action in (Action.REPLACE, Action.DELETE) and loss is not Risk.NONE:
        return loss
    of_fields = max(
        (_risk_of_field(spec.risk.on_field, each) for each in changed), key=severity, default=Risk.NONE
    )
    if of_fields is not Risk.NONE:
        return of_fields
    unseen = action is Action.CREATE or {each.name for each in changed} <= {"tags"}
    return Risk.NONE if unseen else spec.risk.on_change


_LOWEST_FIRST = list(Risk)


def severity(risk: Risk) -> int:
    """The place of a risk among all, the lowest first."""
    return _LOWEST_FIRST.index(risk)


def _risk_of_field(risk: FieldRisk, change: FieldChange) -> Risk:
    return risk(change.name, change.before, change.after if isinstance(change.after, str) else None)


def rolled_groups(action: Action, resource: Resource) -> tuple[str, ...]:
    """The instance groups that need a rolling update after a change.

    Only existing sources of machines need one, for any new version.
    """
    rolls = resource.spec.rolls_nodes and action in (Action.UPDATE, Action.REPLACE)
    return (resource.instance_group,) if rolls and resource.instance_group else ()
