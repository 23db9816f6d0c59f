"""One cluster's belongings behind the port: found whole, removed one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.discovery import deletion, machines, network, services
from kops_core.cloud.aws.discovery.blockers import blockers
from kops_core.cloud.aws.discovery.context import DiscoveryContext
from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import CloudNotFound
from kops_core.plan.teardown import DiscoveredResource, Ownership, Teardown, teardown

FINDERS = (*network.FINDERS, *machines.FINDERS, *services.FINDERS)

_NAMED = {
    "vpc": "VPC",
    "subnet": "Subnet",
    "sg": "SecurityGroup",
    "eipalloc": "ElasticIP",
    "nat": "NatGateway",
    "rtb": "RouteTable",
}
_ID = re.compile(rf"({'|'.join(_NAMED)})-[0-9a-f]{{8,}}\Z")
"""Ids as specs name them."""


class AwsDiscovery:
    """What a cluster has in one region (and in the services that have none). Safe to use from threads."""

    def __init__(
        self,
        aws: AwsSession,
        store: ClusterStore,
        cluster: str,
        *,
        named: Collection[str] = (),
        untagged_subnets: Collection[str] = (),
    ) -> None:
        """named: every text of the cluster's specs; what they name by its id is the operator's.

        untagged_subnets: CIDRs of the subnets that the cluster makes without tags.
        """
        self._aws = aws
        self._work = CallContext(aws, store, cluster)
        self._cluster = cluster
        self._named = frozenset(named)
        self._untagged_subnets = frozenset(untagged_subnets)

    def find(self) -> Teardown:
        """As Belongings says."""
        look = DiscoveryContext(self._aws, self._cluster, self._named, self._untagged_subnets)
        with translated(f"looking for {self._cluster}"):
            answers = look.each(lambda finder: finder(look), FINDERS)
            found = [each for answer in answers for each in answer]
            found += _only_named(self._named, found)
            found += blockers(look, found)
        return teardown(self._cluster, _after_public_addresses(found))

    def remove(self, thing: DiscoveredResource) -> None:
        """As Belongings says."""
        try:
            with translated(thing.key):
                deletion.remove(self._work, thing)
        except CloudNotFound:
            return


def _only_named(named: Iterable[str], found: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    """What the specs name by id and no tag tells of."""
    known = {each.id for each in found}
    return [
        DiscoveredResource(
            _NAMED[match[1]], id_, ownership=Ownership.SHARED, note="the spec names it by its id"
        )
        for id_ in sorted(named)
        if (match := _ID.match(id_)) and id_ not in known
    ]


def _after_public_addresses(found: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    """An internet gateway can only be detached once nothing behind it has a public address."""
    things = list(found)
    gateways = {
        each.details["vpc"]: each.id
        for each in things
        if each.kind == "InternetGateway" and each.details.get("vpc")
    }
    return [
        replace(each, uses=each.uses | {gateways[vpc]})
        if each.kind != "InternetGateway" and (vpc := each.details.get("vpc", "")) in gateways
        else each
        for each in things
    ]
