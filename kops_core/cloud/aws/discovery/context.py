"""One search of an account for one cluster, and what tags say about who owns a resource."""

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
"""Tag key with the cluster's name behind it; ``owned`` or ``shared``."""
LEGACY = "KubernetesCluster"
"""Tag with the cluster's name, from before the mark; still on all that kOps makes."""
CONTROLLERS = ("elbv2.k8s.aws/cluster", "cluster.k8s.amazonaws.com/name")
"""Tags with the cluster's name, of the load balancer controller and of the VPC CNI."""


@dataclass(frozen=True)
class DiscoveryContext:
    """What every finder is given."""

    aws: AwsSession
    cluster: str
    named: frozenset[str]
    """Every text in the cluster's specs: what is named there by its id is the operator's."""
    untagged_subnets: frozenset[str] = frozenset()
    """CIDRs of subnets that the cluster makes without tags; no two subnets of a VPC share one."""

    @property
    def mark(self) -> str:
        """The tag key that marks the cluster's resources."""
        return MARK + self.cluster

    def each(self, ask: Callable[[_T], _U], items: Iterable[_T]) -> list[_U]:
        """Answers for several items, asked side by side."""
        items = list(items)
        if len(items) < 2:
            return [ask(item) for item in items]
        # A pool of its own: a question may ask others, and would wait for itself in a shared one.
        with ThreadPoolExecutor(min(len(items), self.aws.settings.threads), "look") as pool:
            return list(pool.map(ask, items))

    def ec2(
        self, ask: Callable[[Sequence[FilterTypeDef]], list[_Item]], id_field: str, *tags: str
    ) -> list[_Item]:
        """What EC2 has with the cluster's mark, its name in the old tag, or in one of these tags."""
        filters: list[FilterTypeDef] = [{"Name": "tag-key", "Values": [self.mark]}]
        filters += [{"Name": f"tag:{tag}", "Values": [self.cluster]} for tag in (LEGACY, *tags)]
        answers = self.each(lambda each: ask([each]), filters)
        return list({item[id_field]: item for answer in answers for item in answer}.values())

    def marked(self, resource: DiscoveredResource, tags: Mapping[str, str]) -> DiscoveredResource | None:
        """The resource with its ownership; None if it has nothing to do with the cluster."""
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
        """Who owns something with these tags, and why it stays. Any doubt makes it stay."""
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
    """The clusters that own something by its marks."""
    return {
        key.removeprefix(MARK) for key, value in tags.items() if key.startswith(MARK) and value == "owned"
    }


def claimed(tags: Mapping[str, str]) -> bool:
    """Whether any cluster lays claim to something."""
    return LEGACY in tags or any(key.startswith(MARK) for key in tags)


def tagged(
    context: DiscoveryContext, items: Iterable[_Item], resource: Callable[[_Item], DiscoveredResource]
) -> list[DiscoveredResource]:
    """The resources among EC2 items that the cluster has to do with."""
    found = (context.marked(resource(item), tags_of(item)) for item in items)
    return [each for each in found if each is not None]


def ids(*values: str | None) -> frozenset[str]:
    """A set of references without those that are not set."""
    return frozenset(value for value in values if value)
