"""Discovery of all resources of one cluster, and of foreign ones that block its deletion."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from kops_core.cloud.aws.adapter import Adapter
from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.discovery import deletion, machines, network, services
from kops_core.cloud.aws.discovery.blockers import blockers
from kops_core.cloud.aws.discovery.context import DiscoveryContext
from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import CloudNotFound
from kops_core.model.kind_spec import Area, Risk
from kops_core.plan.snapshot import DiscoveredResource, Ownership, Snapshot

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
"""Ids of resources in specs."""


class AwsDiscovery:
    """The resources of a cluster in one region and in global services. Safe to use from several threads."""

    def __init__(
        self,
        aws: AwsSession,
        store: ClusterStore,
        cluster: str,
        *,
        now: Callable[[], datetime],
        named: Collection[str] = (),
        untagged_subnets: Collection[str] = (),
        adapters: Mapping[str, Adapter[Any]] = ADAPTERS,
    ) -> None:
        """named: every text of the cluster's specs; resources that they name by id belong to the operator.
        untagged_subnets: CIDRs of subnets that the cluster creates without tags.
        """
        self._work = CallContext(aws, store, cluster)
        self._context = DiscoveryContext(aws, cluster, frozenset(named), frozenset(untagged_subnets))
        self._now = now
        self._adapters = adapters

    def discover(self) -> Snapshot:
        """As Discovery says."""
        context, named = self._context, self._context.named
        finders = [*FINDERS, *(each.discover for each in self._adapters.values() if each.discover)]
        taken_at = self._now()
        with translated(f"looking for {context.cluster}"):
            answers = context.each(lambda finder: finder(context), finders)
            found = [each for answer in answers for each in answer]
            found += _only_named(named, found)
            found += blockers(context, found)
        described = (_described(each, self._adapters) for each in _after_public_addresses(found))
        return Snapshot(taken_at, discovered=tuple(described))

    def delete(self, found: DiscoveredResource) -> None:
        """As Discovery says."""
        with suppress(CloudNotFound), translated(str(found.key)):
            deletion.delete(self._work, found, self._adapters)


_AREAS = {
    "ClassicLoadBalancer": Area.NETWORK,
    "ClusterTag": Area.OTHER,
    "DNSRecord": Area.API_ACCESS,
    "Instance": Area.INSTANCE_GROUPS,
    "LoadBalancer": Area.NETWORK,
    "NetworkInterface": Area.NETWORK,
    "SecurityGroupRules": Area.FIREWALL,
    "VpcEndpoint": Area.NETWORK,
}
"""Headings of resources that have no kind."""


def _described(found: DiscoveredResource, adapters: Mapping[str, Adapter[Any]]) -> DiscoveredResource:
    """A resource with its heading, and a note about data that is lost with it."""
    adapter = adapters.get(found.kind)
    if adapter is None:
        return replace(found, area=_AREAS.get(found.kind, Area.OTHER))
    spec = adapter.kind.spec
    loses_data = spec.risk.on_loss is Risk.DELETES_DATA
    return replace(found, area=spec.area, risk=Risk.DELETES_DATA if loses_data else Risk.NONE)


def _only_named(named: Iterable[str], found: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    """Resources that the specs name by id and that have no tag."""
    known = {each.id for each in found}
    return [
        DiscoveredResource(
            _NAMED[match[1]], id_, ownership=Ownership.SHARED, note="the spec names it by its id"
        )
        for id_ in sorted(named)
        if (match := _ID.match(id_)) and id_ not in known
    ]


def _after_public_addresses(found: Iterable[DiscoveredResource]) -> list[DiscoveredResource]:
    """The internet gateway after all public addresses, without which it can't be detached."""
    resources = list(found)
    gateways = {
        each.details["vpc"]: each.id
        for each in resources
        if each.kind == "InternetGateway" and each.details.get("vpc")
    }
    return [
        replace(each, uses=each.uses | {gateways[vpc]})
        if each.kind != "InternetGateway" and (vpc := each.details.get("vpc", "")) in gateways
        else each
        for each in resources
    ]
