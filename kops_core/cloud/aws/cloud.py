"""The resources of one cluster on AWS: observed together, changed one at a time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from kops_core.cloud.aws.adapter import Adapter, CallContext
from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.observation import Answers, ObservationContext
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.ports import Replaced
from kops_core.errors import (
    AccessDenied,
    CloudConflict,
    CloudError,
    CloudNotFound,
    CreationFailed,
    KopsError,
    NotReady,
    Throttled,
    Undecided,
)
from kops_core.model.resolve import Unresolved, resolve
from kops_core.model.resource import Resource
from kops_core.model.template import Key, Ref
from kops_core.plan.snapshot import Observed, Snapshot, look_up

LISTED_AFTER = 15.0
"""Seconds after which EC2 lists a created resource.

(AWS, "Eventual consistency in the Amazon EC2 API", gives no bound, but says that most are listed after a
couple of seconds.)
"""


class AwsCloud:
    """Observer and Mutator of one cluster. Safe to use from several threads."""

    def __init__(
        self,
        aws: AwsSession,
        store: ClusterStore,
        cluster: str,
        *,
        now: Callable[[], datetime],
        adapters: Mapping[str, Adapter[Any]] = ADAPTERS,
    ) -> None:
        self._aws = aws
        self._store = store
        self._cluster = cluster
        self._now = now
        self._adapters = adapters
        self._lock = threading.Lock()
        self._unready: dict[str, Observed] = {}
        """Resources that are not ready yet, by the idempotency token of their creation."""

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """Observes all kinds at once; one waits for another only when it needs the value of a reference."""
        taken_at = self._now()
        by_key = {resource.key: resource for resource in desired}
        by_kind: dict[str, list[Resource]] = defaultdict(list)
        for resource in desired:
            by_kind[resource.key.kind].append(resource)
        behind = {
            kind: _kinds_behind(kind, by_kind.get(kind, []) + beside)
            for kind, beside in _looked_for(by_kind, self._adapters)
        }
        if not behind:
            return Snapshot(taken_at, {})
        gathered, answers = _Gathered(by_key, behind), Answers()

        def observe_kind(kind: str) -> None:
            with ThreadPoolExecutor(self._aws.settings.threads, "call") as calls:
                lookup = gathered.lookup_for(kind)
                reading = ObservationContext(self._work(""), by_key, lookup, calls, answers)
                gathered.record(kind, lambda: self._observe_kind(reading, kind, by_kind.get(kind, [])))

        with ThreadPoolExecutor(len(behind), "kind") as kinds:
            list(kinds.map(observe_kind, behind))
        return gathered.snapshot(taken_at)

    def _observe_kind(
        self, reading: ObservationContext, kind: str, desired: Sequence[Resource]
    ) -> list[Observed]:
        with translated(f"reading {kind}"):
            return self._adapters[kind].observe(reading, desired)

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """As Mutator says."""
        if desired.shared:
            raise CloudError(
                f"{desired.existing_id or desired.name} does not exist",
                where=str(desired.key),
                remedy="it is shared, so it is the spec's owner who makes it; check the id in the spec",
            )
        made = self._unready.get(token)
        if made is None and since is not None:
            found = self._find(desired)
            made = self._finish(desired, found, token) if found is not None else None
        if made is None:
            made = self._make(desired, token, since)
        return self._ready(desired, made, token)

    def _make(self, desired: Resource, token: str, since: float | None) -> Observed:
        if since is not None and since < LISTED_AFTER and self._adapter(desired).no_idempotency_token:
            raise Undecided(
                "AWS does not tell yet whether an earlier try has made it", where=str(desired.key)
            )
        try:
            with translated(str(desired.key)):
                made = self._adapter(desired).create(self._work(token), desired)
        except (NotReady, Throttled, AccessDenied):
            raise
        except CloudError as error:
            # The SDK retries when a response is lost; the resource of the lost call then blocks the retry.
            found = self._find(desired)
            if found is None:
                if isinstance(error, CloudConflict) and (since is None or since < LISTED_AFTER):
                    raise NotReady(f"{error.what}; it is not listed yet", where=error.where) from error
                raise
            return self._finish(desired, found, token)
        return Observed(desired, made.id, made.outputs)

    def _ready(self, desired: Resource, made: Observed, token: str) -> Observed:
        """The resource that was created, found or changed, once it is ready; all waiting is here.

        Raises NotReady until then, CreationFailed if it never will be.
        """
        adapter, where = self._adapter(desired), str(desired.key)
        try:
            with translated(where):
                made = adapter.ready(self._work(token), desired, replace(made, unready=""))
        except CloudNotFound:
            # AWS has returned its id, and will find it by that.
            made = replace(made, unready="AWS does not find it by its id yet")
        except CreationFailed:
            self._remember(token, None)
            raise
        self._remember(token, made if made.unready else None)
        if made.unready:
            raise NotReady(made.unready, where=where, within=adapter.ready_within, progress=made.unready)
        return made

    def _remember(self, token: str, made: Observed | None) -> None:
        with self._lock:
            if made is not None and token:
                self._unready[token] = made
            else:
                self._unready.pop(token, None)

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        """As Mutator says."""
        return self._ready(desired, self._change(desired, observed, changed, token), token)

    def _change(self, desired: Resource, observed: Observed, changed: frozenset[str], token: str) -> Observed:
        with translated(str(desired.key)):
            self._adapter(desired).update(self._work(token), desired, observed, changed)
        return Observed(desired, observed.id, observed.outputs)

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        """As Mutator says."""
        if not self._adapter(desired).create_before_destroy:
            if token not in self._unready:
                self.delete(observed)
            return Replaced(self.create(desired, token, since=since))
        return Replaced(self.create(desired, token), left=observed)

    def delete(self, observed: Observed) -> None:
        """As Mutator says."""
        with suppress(CloudNotFound), translated(str(observed.resource.key)):
            self._adapter(observed.resource).delete(self._work(""), observed)

    def _adapter(self, resource: Resource) -> Adapter[Any]:
        return self._adapters[resource.key.kind]

    def _work(self, token: str) -> CallContext:
        return CallContext(self._aws, self._store, self._cluster, token)

    def _find(self, desired: Resource) -> Observed | None:
        """The resource that an earlier attempt has created, if any."""
        with ThreadPoolExecutor(2, "call") as calls:
            reading = ObservationContext(
                self._work(""), {desired.key: desired}, lambda _: None, calls, Answers()
            )
            found = self._observe_kind(reading, desired.key.kind, [desired])
        return next((each for each in found if each.resource.key == desired.key), None)

    def _finish(self, desired: Resource, found: Observed, token: str) -> Observed:
        there = {name: value for name, _, value in found.resource.attributes()}
        changed = frozenset(
            name
            for name, info, value in desired.attributes()
            if value is not None and not info.create_only and value != there[name]
        )
        return self._change(desired, found, changed, token) if changed else found


def _kinds_behind(kind: str, members: Sequence[Resource]) -> set[str]:
    return {ref.key.kind for member in members for ref in member.refs()} - {kind}


def _looked_for(
    desired: Mapping[str, list[Resource]], adapters: Mapping[str, Adapter[Any]]
) -> Iterator[tuple[str, list[Resource]]]:
    """The kinds to observe, each with its desired resources."""
    for kind in [*desired, *(each for each in adapters if each not in desired)]:
        comes_with = adapters[kind].companion_of
        beside = desired.get(comes_with.__name__, []) if comes_with is not None else []
        if kind in desired or beside:
            yield kind, beside


@dataclass
class _ObservedKind:
    """What was observed of one kind."""

    over: threading.Event = field(default_factory=threading.Event)
    resources: dict[Key, Observed] = field(default_factory=dict)
    foreign: list[Observed] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


class _Gathered:
    """The resources observed so far, by kind. Safe to use from several threads."""

    def __init__(self, desired: Mapping[Key, Resource], behind: Mapping[str, Collection[str]]) -> None:
        """behind: the kinds to observe, each with those that its desired resources refer to."""
        self._desired = desired
        self._kinds = {kind: _ObservedKind() for kind in behind}
        self._behind = {kind: _reachable(kind, behind) for kind in behind}

    def lookup_for(self, kind: str) -> Callable[[Ref], str | None]:
        """The values of references for a kind. Waits for kinds that it refers to, directly or not."""

        def lookup(ref: Ref) -> str | None:
            other = self._kinds.get(ref.key.kind)
            if other is None:
                return None
            if ref.key.kind in self._behind[kind]:
                other.over.wait()
            return look_up(other.resources, ref)

        return lookup

    def record(self, kind: str, observe: Callable[[], Sequence[Observed]]) -> None:
        """Observes a kind, and records what was found, or the error; then no other kind waits for it."""
        mine = self._kinds[kind]
        try:
            self._add(mine, observe(), self.lookup_for(kind))
        except KopsError as error:
            mine.errors.append(str(error))
        finally:
            mine.over.set()

    def snapshot(self, taken_at: datetime) -> Snapshot:
        """All that was observed, in the order of the kinds."""
        kinds = self._kinds.values()
        return Snapshot(
            taken_at,
            {key: found for each in kinds for key, found in each.resources.items()},
            tuple(found for each in kinds for found in each.foreign),
            tuple(error for each in kinds for error in each.errors),
        )

    def _add(
        self, mine: _ObservedKind, found: Sequence[Observed], lookup: Callable[[Ref], str | None]
    ) -> None:
        """Adds the observed resources of a kind, as desired ones or leftovers."""
        several: dict[Key, list[Observed]] = defaultdict(list)
        for each in found:
            if each.resource.key in self._desired:
                several[each.resource.key].append(each)
            else:
                mine.foreign.append(each)
        for key, candidates in several.items():
            current = (
                candidates if len(candidates) == 1 else _as_desired(self._desired[key], candidates, lookup)
            )
            if len(current) != 1:
                ids = ", ".join(each.id for each in candidates)
                mine.errors.append(f"{key}: {len(candidates)} exist ({ids}); delete those that are not used")
                current = candidates[:1]
            mine.resources[key] = current[0]
            mine.foreign += [
                replace(each, resource=replace(each.resource, name=f"{key.name} ({each.id})"))
                for each in candidates
                if each is not current[0] and len(current) == 1
            ]


def _reachable(kind: str, behind: Mapping[str, Collection[str]]) -> set[str]:
    """The kinds that one refers to, directly or not, itself left out."""
    found: set[str] = set()
    left = [*behind[kind]]
    while left:
        other = left.pop()
        if other not in found and other in behind:
            found.add(other)
            left += behind[other]
    return found - {kind}


def _as_desired(
    desired: Resource, candidates: Sequence[Observed], lookup: Callable[[Ref], str | None]
) -> list[Observed]:
    """Of several resources with one name, those that need no replacement: the others are old ones."""
    try:
        wanted = resolve(desired, lookup)
    except Unresolved:
        return []
    forcing = [
        (name, value) for name, info, value in wanted.attributes() if info.replace and value is not None
    ]
    return [
        each for each in candidates if all(getattr(each.resource, name) == value for name, value in forcing)
    ]
