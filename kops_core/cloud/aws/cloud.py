"""The resources of one cluster on AWS: observed together, changed one at a time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from kops_core.cloud.aws.adapter import Adapter, CallContext
from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.observation import ObservationContext
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
        """Observes all kinds in parallel, each once the kinds of its references are known."""
        taken_at = self._now()
        by_key = {resource.key: resource for resource in desired}
        by_kind: dict[str, list[Resource]] = defaultdict(list)
        for resource in desired:
            by_kind[resource.key.kind].append(resource)
        gathered = _Gathered()
        threads = self._aws.settings.threads
        with ThreadPoolExecutor(threads, "kind") as kinds, ThreadPoolExecutor(threads, "call") as calls:
            reading = ObservationContext(self._work(""), by_key, gathered.lookup, calls)
            waiting = {
                kind: _kinds_behind(kind, by_kind.get(kind, []) + beside) & by_kind.keys()
                for kind, beside in _looked_for(by_kind, self._adapters)
            }
            running: dict[Future[list[Observed]], str] = {}
            done: set[str] = set()
            while waiting or running:
                for kind in [kind for kind, needs in waiting.items() if needs <= done]:
                    del waiting[kind]
                    running[kinds.submit(self._observe_kind, reading, kind, by_kind.get(kind, []))] = kind
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    kind = running.pop(future)
                    done.add(kind)
                    try:
                        gathered.add(by_key, future.result())
                    except KopsError as error:
                        gathered.errors.append(str(error))
        return Snapshot(taken_at, gathered.resources, tuple(gathered.foreign), tuple(gathered.errors))

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
            reading = ObservationContext(self._work(""), {desired.key: desired}, lambda _: None, calls)
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


class _Gathered:
    """The resources observed so far. Filled by one thread, read by all."""

    def __init__(self) -> None:
        self.resources: dict[Key, Observed] = {}
        self.foreign: list[Observed] = []
        self.errors: list[str] = []

    def lookup(self, ref: Ref) -> str | None:
        """The value of a reference, if its resource was found."""
        return look_up(self.resources, ref)

    def add(self, desired: Mapping[Key, Resource], found: Sequence[Observed]) -> None:
        """Adds the observed resources of a kind, as desired ones or leftovers."""
        several: dict[Key, list[Observed]] = defaultdict(list)
        for each in found:
            if each.resource.key in desired:
                several[each.resource.key].append(each)
            else:
                self.foreign.append(each)
        for key, candidates in several.items():
            current = candidates if len(candidates) == 1 else self._as_desired(desired[key], candidates)
            if len(current) != 1:
                ids = ", ".join(each.id for each in candidates)
                self.errors.append(f"{key}: {len(candidates)} exist ({ids}); delete those that are not used")
                current = candidates[:1]
            self.resources[key] = current[0]
            self.foreign += [
                replace(each, resource=replace(each.resource, name=f"{key.name} ({each.id})"))
                for each in candidates
                if each is not current[0] and len(current) == 1
            ]

    def _as_desired(self, desired: Resource, candidates: Sequence[Observed]) -> list[Observed]:
        """Of several resources with one name, those that need no replacement: the others are old ones."""
        try:
            wanted = resolve(desired, self.lookup)
        except Unresolved:
            return []
        forcing = [
            (name, value) for name, info, value in wanted.attributes() if info.replace and value is not None
        ]
        return [
            each
            for each in candidates
            if all(getattr(each.resource, name) == value for name, value in forcing)
        ]
