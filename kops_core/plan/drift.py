"""Drift: the differences between spec and account, with their cause.

A plan has the changes, but not whether the spec or the account has changed. This compares the last applied,
the desired and the observed state. Of the applied state only fingerprints are stored, which tell whether the
desired value of a field is still the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias

from kops_core.model.resource import Resource
from kops_core.model.template import Derived, Digest, Gzipped, Key, Template
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason, Unknown
from kops_core.plan.diff import deletion, settled, text_of
from kops_core.plan.render import change_lines
from kops_core.plan.snapshot import Observed, Snapshot

Fingerprints: TypeAlias = Mapping[str, Mapping[str, str]]
"""Resource, in the form of ``Key``, to its fields and the SHA-256 of their desired values."""


class Cause(Enum):
    """The cause of a difference: spec, account or both."""

    PENDING = "the spec was changed and is not applied yet"
    DRIFT = "it was changed outside of the spec, after the last apply"
    BOTH = "the spec was changed, and so was the account"
    HELD = "the spec no longer asks for it, and it is deleted only when pruning"
    UNKNOWN = "it is not known what the last apply wanted"


@dataclass(frozen=True)
class Applied:
    """The last completed apply."""

    at: datetime
    by: str
    fingerprints: Fingerprints
    program: str = ""
    """The version of this program that made it; "" if it is not known."""


@dataclass(frozen=True)
class Drift:
    """A resource that differs from the desired one."""

    change: Change
    """The change that removes the difference."""
    causes: Mapping[str, Cause]
    """By field; under "" for a missing or surplus resource."""

    @property
    def cause(self) -> Cause:
        """The cause of all differences of the resource."""
        found = set(self.causes.values())
        if len(found) == 1:
            return found.pop()
        return Cause.UNKNOWN if Cause.UNKNOWN in found else Cause.BOTH


def fingerprints(resources: tuple[Resource, ...]) -> dict[str, dict[str, str]]:
    """The fingerprints of all managed fields, with unresolved references and without secrets."""
    return {
        str(resource.key): {
            name: _digest(_text_to_compare(value))
            for name, info, value in resource.attributes()
            if value is not None and not info.create_only and not info.secret
        }
        for resource in resources
        if not resource.absent
    }


def _text_to_compare(value: object) -> str:
    """A value as text, with the texts behind hashes: user data has a hash of what its nodes are told."""
    known = settled(value, lambda _: None)
    return text_of(known) + ("".join(_behind_hashes(known)) if isinstance(known, Template) else "")


def _behind_hashes(template: Template) -> Iterator[str]:
    for part in template.parts:
        if isinstance(part, Digest | Gzipped):
            yield text_of(part.of.resolve_known(lambda _: None))
        if isinstance(part, Derived):
            yield from _behind_hashes(part.of)


def drift_of(
    plan: Plan, wanted: Fingerprints, applied: Applied | None, foreign: Sequence[Observed] = ()
) -> tuple[Drift, ...]:
    """The changes of a plan, now and when pruning, by cause.

    wanted: fingerprints of its desired state; foreign: observed resources that are not desired.
    """
    there = {each.resource.key: each.resource for each in foreign}
    ours = {key for key, resource in there.items() if _is_ours(resource, plan.cluster)}
    return (
        *(_drift(change, wanted, applied, ours) for change in plan.pending),
        *(Drift(change, {"": Cause.HELD if change.key in ours else Cause.DRIFT}) for change in plan.deferred),
    )


def added_parts(plan: Plan, desired: Mapping[Key, Resource], snapshot: Snapshot) -> tuple[Drift, ...]:
    """Parts that somebody added to the cluster's own resources and no plan changes, e.g. firewall rules."""
    planned = {change.key for change in (*plan.changes, *plan.deferred)}
    own = {
        found.id for key, found in snapshot.resources.items() if key in desired and not desired[key].shared
    }
    return tuple(
        Drift(_added(part), {"": Cause.DRIFT})
        for part in (each.resource for each in snapshot.foreign)
        if part.spec.part_of and part.key not in planned and getattr(part, part.spec.part_of) in own
    )


def _added(part: Resource) -> Change:
    return Change(part.key, Action.NO_OP, Reason.ADDED, deletion(part), area=part.spec.area)


def _is_ours(resource: Resource, cluster: str) -> bool:
    """Whether we or kOps created a resource. One without tags counts as ours, because it is unknown."""
    tags = getattr(resource, "tags", None)
    return tags is None or f"kubernetes.io/cluster/{cluster}" in tags


def _drift(change: Change, wanted: Fingerprints, applied: Applied | None, ours: Collection[Key]) -> Drift:
    if applied is None:
        names = [each.name for each in change.fields] if change.action in _IN_PART else [""]
        return Drift(change, dict.fromkeys(names, Cause.UNKNOWN))
    before = applied.fingerprints.get(str(change.key))
    if change.action in _IN_PART:
        now = wanted.get(str(change.key), {})
        return Drift(change, {each.name: _cause(each, now, before or {}) for each in change.fields})
    known = before is not None
    made_outside = known if change.action is Action.CREATE else not known and change.key not in ours
    return Drift(change, {"": Cause.DRIFT if made_outside else Cause.PENDING})


_IN_PART = (Action.UPDATE, Action.REPLACE)
"""Actions because of some fields."""


def _cause(field: FieldChange, now: Mapping[str, str], before: Mapping[str, str]) -> Cause:
    if field.name not in now:
        return Cause.UNKNOWN
    if field.name not in before:
        return Cause.PENDING
    if now[field.name] == before[field.name]:
        # A resource that it refers to is replaced: that is the reason.
        return Cause.PENDING if isinstance(field.after, Unknown) else Cause.DRIFT
    as_applied = field.before is not None and _digest(field.before) == before[field.name]
    whole = isinstance(field.after, str) and _digest(field.after) == now[field.name]
    return Cause.PENDING if as_applied or not whole else Cause.BOTH


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def text(found: Sequence[Drift], plan: Plan) -> str:
    """Drift as text: by cause, each resource with its change."""
    shown: list[str] = []
    for cause, head in _HEADS.items():
        of_it = [each for each in found if each.cause is cause]
        if not of_it:
            continue
        shown.append(f"{head} ({len(of_it)})")
        for each in of_it:
            shown += change_lines(each.change, plan)
            if each.cause is Cause.BOTH:
                shown += [f"        {name}: {why.value}" for name, why in each.causes.items() if name]
        shown.append("")
    return "".join(f"{line}\n" for line in shown)


def to_json(found: Sequence[Drift]) -> list[dict[str, Any]]:
    """Drift as data: ``live`` is the observed value, ``wanted`` the desired one."""
    return [
        {
            "kind": each.change.key.kind,
            "name": each.change.key.name,
            "action": each.change.action.value,
            "cause": each.cause.name.lower(),
            "fields": [
                {
                    "name": field.name,
                    "cause": each.causes.get(field.name, each.cause).name.lower(),
                    "live": field.before,
                    "wanted": None if field.after is None else str(field.after),
                }
                for field in each.change.fields
            ],
        }
        for each in found
    ]


_HEADS = {
    Cause.DRIFT: "Changed outside of the spec",
    Cause.BOTH: "Changed on both sides",
    Cause.PENDING: "Changed in the spec, not applied yet",
    Cause.HELD: "No longer in the spec, deleted only when pruning",
    Cause.UNKNOWN: "Different, and nobody knows since when",
}
