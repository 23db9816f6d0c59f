"""An account as a file of facts has it: what is the user's is there, and nothing of the cluster's is.

It takes the place of a cloud where none is to be called: what would be made for a cluster can be
planned and written as Terraform without credentials. Only keysets and tokens can be made, in the
state store that it is given, which is one in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime

from kops_core.api.values import Tree, Value
from kops_core.cloud import keys
from kops_core.cloud.ports import Replaced
from kops_core.errors import Refused
from kops_core.model.kinds.dns import DNSZone
from kops_core.model.kinds.network import VPC, EgressOnlyInternetGateway, ElasticIP, InternetGateway
from kops_core.model.kinds.store import Keypair, Secret
from kops_core.model.resource import Key, Ref, Resource, refs_in
from kops_core.plan.snapshot import Observed, Snapshot
from kops_core.store.key_store import KeyStore

_LISTED = {
    "VPC": "vpcs",
    "Subnet": "subnets",
    "NatGateway": "natGateways",
    "ElasticIP": "addresses",
    "DNSZone": "hostedZones",
}
"""Kinds of the user's resources that the facts list whole; other kinds are taken at their word."""


class RecordedCloud:
    """Observer and Mutator of one cluster over facts, as `kops_core.infer.facts.keyed` has them."""

    def __init__(self, facts: Tree, vault: KeyStore, *, now: Callable[[], datetime]) -> None:
        self._facts = facts
        self._vault = vault
        self._now = now

    def observe(self, desired: Sequence[Resource]) -> Snapshot:
        """As Observer says."""
        by_key = {each.key: each for each in desired}
        found = {
            each.key: observed
            for each in desired
            if each.shared and (observed := self._of_the_user(each, by_key)) is not None
        }
        keypairs = (keys.observed_keypair(self._vault, each) for each in desired if isinstance(each, Keypair))
        secrets = keys.observed_secrets(self._vault, [each for each in desired if isinstance(each, Secret)])
        for observed in (*keypairs, *secrets):
            if observed is not None:
                found[observed.resource.key] = observed
        return Snapshot(self._now(), found)

    def create(self, desired: Resource, token: str, *, since: float | None = None) -> Observed:
        """As Mutator says, for keysets and tokens. Raises Refused for all else."""
        if isinstance(desired, Keypair):
            return keys.made_keypair(self._vault, desired, self._now())
        if isinstance(desired, Secret):
            return keys.made_secret(self._vault, desired)
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
        id_ = self._id(wanted, desired)
        listed = self._facts.get(_LISTED.get(wanted.key.kind, ""))
        if id_ is None or (isinstance(listed, dict) and id_ not in listed):
            return None
        about = listed.get(id_) if isinstance(listed, dict) else None
        return Observed(_as_found(wanted, about if isinstance(about, dict) else {}, desired), id_)

    def _id(self, wanted: Resource, desired: Mapping[Key, Resource]) -> str | None:
        if wanted.existing_id:
            return wanted.existing_id
        if isinstance(wanted, DNSZone):
            return self._named("hostedZones", name=wanted.dns_name, private=bool(wanted.private))
        if isinstance(wanted, ElasticIP):
            return self._named("addresses", publicIp=wanted.public_ip)
        if isinstance(wanted, InternetGateway | EgressOnlyInternetGateway):
            kind = wanted.key.kind
            gateway = self._vpc(wanted.vpc, desired).get(f"{kind[0].lower()}{kind[1:]}")
            return gateway if isinstance(gateway, str) else None
        return wanted.name

    def _vpc(self, link: Ref | str | None, desired: Mapping[Key, Resource]) -> Tree:
        vpc = desired.get(link.key) if isinstance(link, Ref) else None
        vpcs = self._facts.get("vpcs")
        found = vpcs.get(vpc.existing_id) if isinstance(vpc, VPC) and isinstance(vpcs, dict) else None
        return found if isinstance(found, dict) else {}

    def _named(self, kind: str, **wanted: Value) -> str | None:
        """The id of the object of a kind that has these fields."""
        table = self._facts.get(kind)
        for id_, about in table.items() if isinstance(table, dict) else ():
            if isinstance(about, dict) and all(about.get(name) == value for name, value in wanted.items()):
                return id_
        return None


def _as_found(wanted: Resource, about: Tree, desired: Mapping[Key, Resource]) -> Resource:
    """A resource of the user's as it is: tags as recorded, and nothing of ours attached to it yet."""
    changed: dict[str, object] = {
        each.name: None for each in fields(wanted) if any(refs_in(getattr(wanted, each.name)))
    }
    if getattr(wanted, "tags", None) is not None:
        tags = about.get("tags")
        changed["tags"] = tags if isinstance(tags, dict) else {}
    if isinstance(wanted, DNSZone) and isinstance(wanted.private_vpc, Ref):
        attached = about.get("vpcs")
        vpc = desired.get(wanted.private_vpc.key)
        if vpc is not None and isinstance(attached, list) and vpc.existing_id in attached:
            changed["private_vpc"] = vpc.existing_id
    return replace(wanted, **changed)  # type: ignore[arg-type]  # names and types are the resource's own


def _no_cloud(resource: Resource) -> Refused:
    return Refused(
        "no cloud is called here, so nothing can be changed in one",
        where=str(resource.key),
        remedy="leave --cloud-facts and -f out to apply a cluster",
    )
