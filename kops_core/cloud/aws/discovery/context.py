"""The context of a search for one cluster, and the ownership of resources by their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession
from kops_core.plan.snapshot import DiscoveredResource, Ownership

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef

_T = TypeVar("_T")
_U = TypeVar("_U")
_Item = TypeVar("_Item", bound=Mapping[str, Any])

MARK = "kubernetes.io/cluster/"
"""Prefix of the tag key with the cluster's name; ``owned`` or ``shared``."""
LEGACY = "KubernetesCluster"
"""Older tag with the cluster's name, still on all resources of kOps."""
CONTROLLERS = ("elbv2.k8s.aws/cluster", "cluster.k8s.amazonaws.com/name")
"""Tags with the cluster's name, of the load balancer controller and of the VPC CNI."""


@dataclass(frozen=True)
class DiscoveryContext:
    """The input of all finders."""

    aws: AwsSession
    cluster: str
    named: frozenset[str]
    """Every text in the cluster's specs: resources that are named there by id belong to the operator."""
    untagged_subnets: frozenset[str] = frozenset()
    """CIDRs of subnets that the cluster creates without tags; they are unique in a VPC."""

    @property
    def mark(self) -> str:
        """The tag key that marks the cluster's resources."""
        return MARK + self.cluster

    def each(self, ask: Callable[[_T], _U], items: Iterable[_T]) -> list[_U]:
        """The results of a call for several items, in parallel."""
        items = list(items)
        if len(items) < 2:
            return [ask(item) for item in items]
        # A pool of its own: calls may be nested, and would wait for themselves in a shared one.
        with ThreadPoolExecutor(min(len(items), self.aws.settings.threads), "look") as pool:
            return list(pool.map(ask, items))

    def ec2(
        self, ask: Callable[[Sequence[FilterTypeDef]], list[_Item]], id_field: str, *tags: str
    ) -> list[_Item]:
        """The EC2 resources with the cluster's tag, or with its name in the old tag or one of these tags."""
        filters: list[FilterTypeDef] = [{"Name": "tag-key", "Values": [self.mark]}]
        filters += [{"Name": f"tag:{tag}", "Values": [self.cluster]} for tag in (LEGACY, *tags)]
        answers = self.each(lambda each: ask([each]), filters)
        return list({item[id_field]: item for answer in answers for item in answer}.values())

    def marked(self, resource: DiscoveredResource, tags: Mapping[str, str]) -> DiscoveredResource | None:
        """The resource with its ownership; None if it is unrelated to the cluster."""
        ownership, note = self.ownership(tags)
        if ownership is Ownership.OWNED and resource.id in self.named:
            ownership, note = Ownership.SHARED, "the spec names it by its id"
        if ownership is None:
            return None
        return replace(
            resource,
            name=resource.name or tags.get("Name", ""),
            ownership=ownership,
            note=note or resource.note,
        )

    def ownership(self, tags: Mapping[str, str]) -> tuple[Ownership | None, str]:
        """The owner of a resource with these tags, and why it is retained. In doubt it is retained."""
        mark, legacy = tags.get(self.mark), tags.get(LEGACY)
        if mark is None:
            ours = self.cluster in {legacy, *(tags.get(each) for each in CONTROLLERS)}
            return (Ownership.OWNED if ours else None), ""
        others = sorted(owners(tags) - {self.cluster})
        if mark == "owned" and others:
            return Ownership.SHARED, f"{', '.join(others)} owns it too, by its tags"
        if mark == "owned" and legacy in {None, self.cluster}:
            return Ownership.OWNED, ""
        why = f"its tag {LEGACY} names {legacy}" if mark == "owned" else f"it is tagged {self.mark}={mark}"
        return Ownership.SHARED, why


def owners(tags: Mapping[str, str]) -> set[str]:
    """The clusters that own a resource by its tags."""
    return {
        key.removeprefix(MARK) for key, value in tags.items() if key.startswith(MARK) and value == "owned"
    }


def claimed(tags: Mapping[str, str]) -> bool:
    """Whether a resource has the tag of any cluster."""
    return LEGACY in tags or any(key.startswith(MARK) for key in tags)


def tagged(
    context: DiscoveryContext, items: Iterable[_Item], resource: Callable[[_Item], DiscoveredResource]
) -> list[DiscoveredResource]:
    """The EC2 items that are related to the cluster, as resources."""
    found = (context.marked(resource(item), tags_of(item)) for item in items)
    return [each for each in found if each is not None]


def ids(*values: str | None) -> frozenset[str]:
    """The references that are set."""
    return frozenset(value for value in values if value)
