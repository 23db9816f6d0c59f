"""Makes plans: compares all desired resources with observed ones, in the order of dependencies.

All decisions are made here: applying a plan makes exactly its changes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from kops_core.api.path import FieldPath
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState
from kops_core.model.resource import Disposition, Lifecycle, PruneContext, Resource
from kops_core.model.template import Key, Ref
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason
from kops_core.plan.diff import contains, creation, deletion, differences, too_long
from kops_core.plan.order import in_order
from kops_core.plan.pruning import disposition
from kops_core.plan.reasons import SpecPaths
from kops_core.plan.risk import risk_of, rolled_groups
from kops_core.plan.snapshot import Observed, Snapshot


def make_plan(
    desired: DesiredState,
    snapshot: Snapshot,
    *,
    cluster: str,
    inputs_digest: str,
    now: datetime,
    inference: Inference | None = None,
    edited: Collection[FieldPath] = (),
    prune: bool = False,
) -> Plan:
    """The plan that makes account and store equal to the desired state.

    inputs_digest stands for specs and store versions. With the inference that the desired state was built
    from, changes have the operator's fields behind them: those of ``edited``, if any. prune: also make the
    deletions that are otherwise in ``Plan.deferred``. Raises PlanFault for a cycle of dependencies.
    """
    paths = SpecPaths(inference, edited) if inference is not None else None
    work = _Work(desired.by_key(), snapshot, paths)
    for key in in_order(_needs(desired.resources)):
        work.compare(work.desired[key])
    gone, deferred = work.undesired(cluster, prune=prune)
    changes = (*work.ordered(), *gone)
    errors = (*snapshot.errors, *work.errors)
    return Plan(
        cluster=cluster,
        id=_digest(inputs_digest, (*changes, *deferred), errors),
        made_at=now,
        changes=changes,
        errors=errors,
        warnings=tuple(work.warnings),
        deferred=deferred,
        prune=prune,
    )


def _needs(resources: Iterable[Resource]) -> dict[Key, tuple[Key, ...]]:
    return {
        resource.key: tuple(dict.fromkeys([ref.key for ref in resource.refs()] + list(resource.depends_on)))
        for resource in resources
    }


@dataclass
class _Work:
    """A plan while it is made."""

    desired: Mapping[Key, Resource]
    snapshot: Snapshot
    paths: SpecPaths | None
    changes: dict[Key, Change] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def lookup(self, ref: Ref) -> str | None:
        """The value of a reference; unknown if its resource will be created or replaced."""
        change = self.changes.get(ref.key)
        if change is not None and change.action in (Action.CREATE, Action.REPLACE):
            return None
        return self.snapshot.lookup(ref)

    def compare(self, resource: Resource) -> None:
        """Compares one resource, after those that it refers to."""
        self.errors += too_long(resource, self.lookup)
        observed = self.snapshot.resources.get(resource.key)
        if resource.lifecycle is Lifecycle.IGNORE:
            self._add(resource, Action.NO_OP, Reason.IGNORED)
        elif observed is None:
            self._missing(resource)
        else:
            self._existing(resource, observed)

    def _missing(self, resource: Resource) -> None:
        if resource.absent:
            self._add(resource, Action.NO_OP, Reason.SAME)
        elif resource.shared:
            name = resource.existing_id or resource.name
            self.errors.append(f"{resource.key} is shared, and {name} does not exist")
            self._add(resource, Action.NO_OP, Reason.SHARED_MISSING)
        elif resource.lifecycle is Lifecycle.EXISTS_AND_VALIDATES:
            self.errors.append(f"{resource.key} does not exist, and its lifecycle says that it has to")
            self._add(resource, Action.NO_OP, Reason.MISSING)
        elif resource.lifecycle is Lifecycle.EXISTS_AND_WARN_IF_CHANGES:
            self.warnings.append(f"{resource.key} does not exist, and its lifecycle says not to make it")
            self._add(resource, Action.NO_OP, Reason.MISSING)
        else:
            self._add(resource, Action.CREATE, Reason.MISSING, creation(resource, self.lookup))

    def _existing(self, resource: Resource, observed: Observed) -> None:
        found = differences(resource, observed.resource, self.lookup)
        if resource.shared:
            ours = {name for name, info, _ in resource.attributes() if info.on_shared} | {"tags"}
            found = tuple(each for each in found if each.name in ours)
        if not found:
            waits = bool(observed.unready)
            self._add(
                resource,
                Action.UPDATE if waits else Action.NO_OP,
                Reason.NOT_READY if waits else Reason.SAME,
            )
            return
        if resource.lifecycle in (Lifecycle.EXISTS_AND_VALIDATES, Lifecycle.EXISTS_AND_WARN_IF_CHANGES):
            names = ", ".join(each.name for each in found)
            strict = resource.lifecycle is Lifecycle.EXISTS_AND_VALIDATES
            (self.errors if strict else self.warnings).append(
                f"{resource.key} differs in {names}, and its lifecycle says to leave it alone"
            )
            self._add(resource, Action.NO_OP, Reason.IGNORED)
            return
        fixed = {name for name, info, _ in resource.attributes() if info.immutable}
        for each in found:
            if each.name in fixed:
                values = f"from {each.before!r} to {str(each.after)!r}"
                self.errors.append(f"{resource.key}: {each.name} can't be changed {values}")
        if any(each.forces_replace for each in found):
            self._add(resource, Action.REPLACE, Reason.CANNOT_UPDATE, found)
        else:
            self._add(resource, Action.UPDATE, Reason.DIFFERS, found)

    def _add(
        self, resource: Resource, action: Action, reason: Reason, found: tuple[FieldChange, ...] = ()
    ) -> None:
        rolls = rolled_groups(action, resource)
        pending = action is not Action.NO_OP
        needs = [*(ref.key for ref in resource.refs()), *resource.depends_on] if pending else []
        self.changes[resource.key] = Change(
            resource.key,
            action,
            reason,
            found,
            tuple(
                dict.fromkeys(
                    key
                    for key in needs
                    if key in self.changes and self.changes[key].action is not Action.NO_OP
                )
            ),
            risk_of(action, resource, found, rolls=rolls),
            rolls,
            self.paths.of(resource, found) if self.paths is not None and pending else (),
            resource.spec.area,
        )

    def ordered(self) -> tuple[Change, ...]:
        """The changes of desired resources, each after its dependencies."""
        return tuple(self.changes.values())

    def undesired(self, cluster: str, *, prune: bool) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
        """The changes of resources that are not desired: deletions, and those deferred to pruning."""
        context = PruneContext(cluster, self.desired, self._live_id)
        found: dict[Disposition, list[Observed]] = {each: [] for each in Disposition}
        for each in self.snapshot.foreign:
            found[disposition(each.resource, context)].append(each)
        for each in found[Disposition.RETAIN]:
            self.warnings.append(f"{each.resource.key} is not in the spec; it is left alone")
        if prune:
            return self._deletions([*found[Disposition.DELETE], *found[Disposition.DEFER]]), ()
        return self._deletions(found[Disposition.DELETE]), self._deletions(found[Disposition.DEFER])

    def _live_id(self, key: Key) -> str | None:
        observed = self.snapshot.resources.get(key)
        return observed.id if observed is not None else None

    def _deletions(self, found: list[Observed]) -> tuple[Change, ...]:
        """Deletions, each after all users of the resource were deleted or changed."""
        needs: dict[Key, list[Key]] = {each.resource.key: [] for each in found}
        for each in found:
            for other in found:
                if other is not each and contains(other.resource, each.id):
                    needs[each.resource.key].append(other.resource.key)
            for key, change in self.changes.items():
                holder = self.snapshot.resources.get(key)
                if (
                    change.action in (Action.UPDATE, Action.REPLACE)
                    and holder is not None
                    and contains(holder.resource, each.id)
                ):
                    needs[each.resource.key].append(key)
        by_key = {each.resource.key: each for each in found}
        return tuple(_deletion(by_key[key], tuple(needs[key])) for key in in_order(needs))


def _deletion(observed: Observed, needs: tuple[Key, ...]) -> Change:
    resource = observed.resource
    fields = deletion(resource)
    risk = risk_of(Action.DELETE, resource, fields)
    area = resource.spec.area
    return Change(resource.key, Action.DELETE, Reason.NOT_DESIRED, fields, needs, risk, area=area)


def _digest(inputs: str, changes: Iterable[Change], errors: Iterable[str]) -> str:
    """The id of a plan, which does not depend on its time."""
    from kops_core.plan.saved import change_to_json

    whole = [inputs, [change_to_json(change) for change in changes], list(errors)]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]
