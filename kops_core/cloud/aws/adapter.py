"""What an adapter of a kind is: four small functions, when its resource is ready, how it is replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.observation import ObservationContext, Tags
from kops_core.errors import CloudError, CloudNotFound
from kops_core.model.resource import Ref, Resource, Template
from kops_core.plan.snapshot import DiscoveredResource, Observed

if TYPE_CHECKING:
    from mypy_boto3_ec2.literals import ResourceTypeType
    from mypy_boto3_ec2.type_defs import TagSpecificationTypeDef

    from kops_core.cloud.aws.discovery.context import DiscoveryContext

__all__ = [
    "Adapter",
    "CallContext",
    "Created",
    "canonical_cidr",
    "drop_none",
    "require_listed",
    "require_resolved",
    "retag_ec2",
    "tag_changes",
    "tag_list",
    "tag_specification",
    "unsupported",
]

R = TypeVar("R", bound=Resource)

_Item = TypeVar("_Item")

READY_WITHIN = 600.0
"""Seconds that AWS may take to make something ready, where an adapter knows no better."""


def _as_observed(work: CallContext, desired: Resource, observed: Observed) -> Observed:
    """Stands for kinds that can be used as soon as the call that makes them has answered."""
    return observed


@dataclass(frozen=True)
class Created:
    """What the cloud gave something that was made."""

    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adapter(Generic[R]):
    """How a kind is read and changed. Adapters know nothing of each other."""

    kind: type[R]
    observe: Callable[[ObservationContext, Sequence[R]], list[Observed]]
    create: Callable[[CallContext, R], Created]
    update: Callable[[CallContext, R, Observed, frozenset[str]], None]
    delete: Callable[[CallContext, Observed], None]
    ready: Callable[[CallContext, R, Observed], Observed] = _as_observed
    """Asks AWS again how far something is that was made, found or changed, and completes its outputs.

    ``unready`` of what it returns says what is still to be waited for, in the words that observe uses.
    Raises CreationFailed if AWS gave up on it.
    """
    ready_within: float = READY_WITHIN
    """Seconds that it may take, without any progress, until it is ready."""
    create_before_destroy: bool = False
    """To replace: whether the new one is made while the old one is still there (Terraform's term)."""
    no_idempotency_token: bool = False
    """Whether AWS recognises a creation that is asked for twice neither by a token nor by a name: what
    an attempt whose answer was lost has made can only be found by looking."""
    companion_of: type[Resource] | None = None
    """A kind that this one comes with: what is left over is looked for wherever that is desired."""
    discover: Callable[[DiscoveryContext], list[DiscoveredResource]] | None = None
    """Finds all of the kind that has to do with a cluster to be deleted, by tags and not by what is desired.

    None for kinds that a finder of ``discovery`` finds, or that go with what they belong to.
    """


def require_resolved(link: Ref | Template | str | None) -> str:
    """A field of a resolved resource that has to be set."""
    if not isinstance(link, str):
        raise CloudError(f"a reference was not resolved: {link}")
    return link


def require_listed(items: Sequence[_Item], id_: str) -> _Item:
    """What was asked for by its id. Raises CloudNotFound: AWS may not list yet what it has just made."""
    if not items:
        raise CloudNotFound(f"AWS does not list {id_}")
    return items[0]


def canonical_cidr(cidr: str | None) -> str | None:
    """A range as AWS answers it, however it was written: IPv6 as RFC 5952 has it, no bits of a host."""
    if cidr is None:
        return None
    try:
        return str(ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def drop_none(**parameters: Any) -> dict[str, Any]:
    """Parameters of a call as the API names them, without those that are not set."""
    return {name: value for name, value in parameters.items() if value is not None}


def tag_specification(
    kind: ResourceTypeType, tags: Mapping[str, str] | None
) -> list[TagSpecificationTypeDef]:
    """TagSpecifications of a creation in EC2; EC2 refuses one without tags."""
    if not tags:
        return []
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def tag_list(tags: Mapping[str, str] | None) -> list[Any]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def tag_changes(
    desired: Mapping[str, str] | None, observed: Mapping[str, str] | None, *, whole: bool
) -> tuple[Tags, list[str]]:
    """Tags to set, and keys to remove (only where all tags are ours; None leaves them all)."""
    wanted, there = dict(desired or {}), dict(observed or {})
    put = {key: value for key, value in wanted.items() if there.get(key) != value}
    return put, sorted(there.keys() - wanted.keys()) if whole and desired is not None else []


def retag_ec2(
    work: CallContext, id_: str, desired: Mapping[str, str] | None, observed: Observed, *, whole: bool = False
) -> None:
    """Brings the tags of something in EC2 to what is desired."""
    put, remove = tag_changes(desired, getattr(observed.resource, "tags", None), whole=whole)
    if put:
        work.aws.ec2.create_tags(Resources=[id_], Tags=tag_list(put))
    if remove:
        work.aws.ec2.delete_tags(Resources=[id_], Tags=[{"Key": key} for key in remove])


def unsupported(what: str) -> Callable[..., Any]:
    """Stands for a change that a kind does not have; the planner never asks for it."""

    def refuse(*_: object) -> Any:
        raise CloudError(what)

    return refuse
