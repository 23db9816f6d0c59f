"""A cloud over a file of facts: shared resources exist as recorded, and none of the cluster's own.

It replaces the cloud offline: a new cluster can be planned and written as Terraform without credentials. Only
keysets and tokens can be created, in a state store in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

from kops_core.api.values import Tree, Value
from kops_core.cloud import keys
from kops_core.cloud.ports import Replaced
from kops_core.errors import Refused
from kops_core.model.kind_spec import FactField, FactTable
from kops_core.model.resource import Resource
from kops_core.model.store_resources import Keypair, Secret
from kops_core.model.template import Key, Ref, refs_in
from kops_core.plan.snapshot import Observed, Snapshot
from kops_core.store.key_store import KeyStore


class OfflineCloud:
    """Observer and Mutator of one cluster over facts, in the form of `kops_core.infer.facts.keyed`."""

    def __init__(self, facts: Tree, key_store: KeyStore, *, now: Callable[[], datetime]) -> None:
        self._facts = facts
        self._key_store = key_store
        self._now = now

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """As Observer says."""
        by_key = {each.key: each for each in desired}
        found = {
            each.key: observed
            for each in desired
            if each.shared and (observed := self._of_the_user(each, by_key)) is not None
        }
        keypairs = (
            keys.observed_keypair(self._key_store, each) for each in desired if isinstance(each, Keypair)
        )
        secrets = keys.observed_secrets(
            self._key_store, [each for each in desired if isinstance(each, Secret)]
        )
        for observed in (*keypairs, *secrets):
            if observed is not None:
                found[observed.resource.key] = observed
        return Snapshot(self._now(), found)

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """As Mutator says, for keysets and tokens. Raises Refused for all else."""
        if isinstance(desired, Keypair):
            return keys.made_keypair(self._key_store, desired, self._now())
        if isinstance(desired, Secret):
            return keys.made_secret(self._key_store, desired)
        raise _no_cloud(desired)

    def update(
        self, desired: Resource, observed: Observed, changed: frozenset[str], token: str = ""
    ) -> Observed:
        """Raises Refused."""
        raise _no_cloud(desired)

    def replace(
        self, desired: Resource, observed: Observed, token: str, *, since: float | None = None
    ) -> Replaced:
        """Raises Refused."""
        raise _no_cloud(desired)

    def delete(self, observed: Observed) -> None:
        """Raises Refused."""
        raise _no_cloud(observed.resource)

    def _of_the_user(self, wanted: Resource, desired: Mapping[Key, Resource]) -> Observed | None:
        """A shared resource from the facts; None if they do not list it."""
        facts = wanted.spec.facts
        table = self._table(facts.name) if isinstance(facts, FactTable) else None
        id_ = wanted.existing_id or self._found_id(wanted, desired)
        if id_ is None or (table is not None and id_ not in table):
            return None
        about = table[id_] if table is not None else {}
        return Observed(_as_found(wanted, about if isinstance(about, dict) else {}, desired), id_)

    def _found_id(self, wanted: Resource, desired: Mapping[Key, Resource]) -> str | None:
        """The id of a shared resource that the spec does not name by id."""
        facts = wanted.spec.facts
        if isinstance(facts, FactTable) and facts.match is not None:
            return self._matching(facts.name, facts.match(wanted))
        if isinstance(facts, FactField):
            id_ = self._facts_of(getattr(wanted, facts.owner), desired).get(facts.name)
            return id_ if isinstance(id_, str) else None
        return wanted.name

    def _facts_of(self, link: Ref | str | None, desired: Mapping[Key, Resource]) -> Tree:
        owner = desired.get(link.key) if isinstance(link, Ref) else None
        facts = owner.spec.facts if owner is not None else None
        if owner is None or not isinstance(facts, FactTable):
            return {}
        found = (self._table(facts.name) or {}).get(owner.existing_id)
        return found if isinstance(found, dict) else {}

    def _matching(self, name: str, wanted: Mapping[str, Value]) -> str | None:
        """The id of the object with these fields in a table of facts."""
        for id_, about in (self._table(name) or {}).items():
            if isinstance(about, dict) and all(about.get(name) == value for name, value in wanted.items()):
                return id_
        return None

    def _table(self, name: str) -> Tree | None:
        table = self._facts.get(name)
        return table if isinstance(table, dict) else None


def _as_found(wanted: Resource, about: Tree, desired: Mapping[Key, Resource]) -> Resource:
    """A shared resource as recorded: its tags, and resources that are attached to it already."""
    changed: dict[str, object] = {
        each.name: None for each in fields(wanted) if any(refs_in(getattr(wanted, each.name)))
    }
    if getattr(wanted, "tags", None) is not None:
        tags = about.get("tags")
        changed["tags"] = tags if isinstance(tags, dict) else {}
    facts = wanted.spec.facts
    for attribute, listed in facts.links.items() if isinstance(facts, FactTable) else ():
        link, attached = getattr(wanted, attribute), about.get(listed)
        other = desired.get(link.key) if isinstance(link, Ref) else None
        if other is not None and isinstance(attached, list) and other.existing_id in attached:
            changed[attribute] = other.existing_id
    return replace(wanted, **changed)  # type: ignore[arg-type]  # names and types are the resource's own


def _no_cloud(resource: Resource) -> Refused:
    return Refused(
        "no cloud is called here, so nothing can be changed in one",
        where=str(resource.key),
        remedy="leave --cloud-facts and -f out to apply a cluster",
    )
