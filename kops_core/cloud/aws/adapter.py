"""The type of an adapter of a kind: four functions, readiness, and the way of replacement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.observation import ObservationContext, Tags
from kops_core.errors import CloudError, CloudNotFound
from kops_core.model.resource import Resource
from kops_core.model.template import Ref, Template
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
"""The default timeout in seconds until a resource is ready."""


def _as_observed(work: CallContext, desired: Resource, observed: Observed) -> Observed:
    """For kinds that are ready as soon as the creating call has returned."""
    return observed


@dataclass(frozen=True)
class Created:
    """The id and outputs of a created resource."""

    id: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Adapter(Generic[R]):
    """The functions that read and change a kind. Adapters do not import each other."""

    kind: type[R]
    observe: Callable[[ObservationContext, Sequence[R]], list[Observed]]
    create: Callable[[CallContext, R], Created]
    update: Callable[[CallContext, R, Observed, frozenset[str]], None]
    delete: Callable[[CallContext, Observed], None]
    ready: Callable[[CallContext, R, Observed], Observed] = _as_observed
    """Reads the state of a resource that was created, found or changed, and completes its outputs.
    ``unready`` of the result says what it still waits for, as in observe. Raises CreationFailed if AWS gave
    up on it.
    """
    ready_within: float = READY_WITHIN
    """Timeout in seconds, without any progress, until it is ready."""
    create_before_destroy: bool = False
    """Whether a replacement is created before the old one is deleted (Terraform's term)."""
    no_idempotency_token: bool = False
    """Whether AWS recognises a repeated creation neither by a token nor by a name.

    After a lost response, the resource can only be found by searching for it."""
    companion_of: type[Resource] | None = None
    """A kind that this one comes with: leftovers are searched for wherever that one is desired."""
    discover: Callable[[DiscoveryContext], list[DiscoveredResource]] | None = None
    """Finds all resources of the kind that belong to a cluster, by tags.

    None for kinds that ``discovery`` finds, or that are deleted with their owner.
    """


def require_resolved(link: Ref | Template | str | None) -> str:
    """A field of a resolved resource that has to be set."""
    if not isinstance(link, str):
        raise CloudError(f"a reference was not resolved: {link}")
    return link


def require_listed(items: Sequence[_Item], id_: str) -> _Item:
    """A resource looked up by id. Raises CloudNotFound: AWS may not list yet what was just created."""
    if not items:
        raise CloudNotFound(f"AWS does not list {id_}")
    return items[0]


def canonical_cidr(cidr: str | None) -> str | None:
    """A range in AWS' form: IPv6 as in RFC 5952, without host bits."""
    if cidr is None:
        return None
    try:
        return str(ip_network(cidr, strict=False))
    except ValueError:
        return cidr


def drop_none(**parameters: Any) -> dict[str, Any]:
    """Parameters of a call, without those that are not set."""
    return {name: value for name, value in parameters.items() if value is not None}


def tag_specification(
    kind: ResourceTypeType, tags: Mapping[str, str] | None
) -> list[TagSpecificationTypeDef]:
    """TagSpecifications of a creation in EC2; EC2 refuses one without tags."""
    if not tags:
        return []
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def tag_list(tags: Mapping[str, str] | None) -> list[Any]:
    """Tags in the form of most services."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def tag_changes(
    desired: Mapping[str, str] | None, observed: Mapping[str, str] | None, *, whole: bool
) -> tuple[Tags, list[str]]:
    """Tags to set, and keys to remove (only if all tags are managed; None keeps them all)."""
    wanted, there = dict(desired or {}), dict(observed or {})
    put = {key: value for key, value in wanted.items() if there.get(key) != value}
    return put, sorted(there.keys() - wanted.keys()) if whole and desired is not None else []


def retag_ec2(
    work: CallContext, id_: str, desired: Mapping[str, str] | None, observed: Observed, *, whole: bool = False
) -> None:
    """Updates the tags of an EC2 resource to the desired ones."""
    put, remove = tag_changes(desired, getattr(observed.resource, "tags", None), whole=whole)
    if put:
        work.aws.ec2.create_tags(Resources=[id_], Tags=tag_list(put))
    if remove:
        work.aws.ec2.delete_tags(Resources=[id_], Tags=[{"Key": key} for key in remove])


def unsupported(what: str) -> Callable[..., Any]:
    """For a change that a kind does not support; the planner never plans it."""

    def refuse(*_: object) -> Any:
        raise CloudError(what)

    return refuse
