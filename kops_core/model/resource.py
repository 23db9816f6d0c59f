"""The base types of resources: plain data with references to other resources.

Each kind is a frozen dataclass with a record of itself, ``spec``, in the folder of its cloud. Its fields are
declared once with ``attr``; the planner, the executor, Terraform and the screens know a kind only through
those declarations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from enum import Enum
from typing import Any, ClassVar, TypeAlias

from kops_core.api.path import FieldPath
from kops_core.api.values import Value
from kops_core.model.kind_spec import (
    Area,
    FactField,
    FactTable,
    NotInTerraform,
    Phase,
    RiskProfile,
    TerraformName,
)
from kops_core.model.template import Key, Ref, refs_in


class Lifecycle(Enum):
    """What a run may do with a resource; kOps' values and names."""

    SYNC = "Sync"
    IGNORE = "Ignore"
    WARN_IF_INSUFFICIENT_ACCESS = "WarnIfInsufficientAccess"
    EXISTS_AND_VALIDATES = "ExistsAndValidates"
    EXISTS_AND_WARN_IF_CHANGES = "ExistsAndWarnIfChanges"


_OTHER_OF_NAME = re.compile(r"(?P<name>.*) \([^()]*\)\Z", re.DOTALL)
"""The name of a second resource with the name of a desired one, followed by its id."""


class Disposition(Enum):
    """The decision about a resource that is not desired."""

    DELETE = "deleted with any update"
    DEFER = "deleted only when pruning, for something may still use it"
    RETAIN = "left alone and reported"
    IGNORE = "somebody else's business"


@dataclass(frozen=True)
class PruneContext:
    """The input of a policy beside the resource."""

    cluster: str
    desired: Mapping[Key, Resource]
    live_id: Callable[[Key], str | None]
    """The id of a desired resource that exists."""

    def owned(self, resource: Resource) -> bool:
        """Whether a resource is tagged as the cluster's own."""
        tags: Mapping[str, str] = getattr(resource, "tags", None) or {}
        return tags.get(f"kubernetes.io/cluster/{self.cluster}") == "owned"

    def desires(self, kind: str, name: str) -> bool:
        """Whether a resource of a kind and name is desired."""
        return Key(kind, name) in self.desired


PrunePolicy: TypeAlias = Callable[[Any, PruneContext], Disposition]
"""Decides about one resource, which is of the kind that declares the policy."""


def retain_unless_replaced(resource: Resource, context: PruneContext) -> Disposition:
    """Deleted if it is the old one of an interrupted replacement: of the same name, and owned."""
    match = _OTHER_OF_NAME.match(resource.name)
    replaceable = any(info.replace for _, info, _ in resource.attributes())
    was_replaced = (
        match is not None
        and context.desires(resource.key.kind, match["name"])
        and replaceable
        and context.owned(resource)
    )
    return Disposition.DELETE if was_replaced else Disposition.RETAIN


@dataclass(frozen=True, kw_only=True)
class KindSpec:
    """The properties of a kind for the planner, the executor, Terraform and the screens.

    Functions in it take
    resources of the kind that declares them."""

    area: Area
    phase: Phase | Callable[[Any], Phase] = Phase.CLUSTER
    """The phase that makes it (kOps: the lifecycles of builders in ``apply_cluster.go``)."""
    depends_on: tuple[type[Resource], ...] = ()
    """Kinds that have to exist first although no field refers to them."""
    needed_at_boot: bool = False
    """Machines read, mount or send traffic through it when they boot, so it is created before they start."""
    starts_machines: bool = False
    """It depends on every kind that is ``needed_at_boot``."""
    rolls_nodes: bool = False
    """Machines are made from it: a new version reaches those that run only when they are replaced."""
    applied_by_control_plane: bool = False
    """The control plane applies a new version to the cluster by itself, within minutes."""
    shareable: bool = False
    """It may be the user's own."""
    part_of: str = ""
    """The attribute that names the resource it is a part of, where a part that somebody added to one of
    the cluster's resources is reported as drift."""
    risk: RiskProfile = RiskProfile()
    prune: PrunePolicy = retain_unless_replaced
    """Whether one that exists and is not desired is deleted."""
    terraform: TerraformName | NotInTerraform
    facts: FactTable | FactField | None = None
    """The recorded facts that list the user's resources; without any, the spec is not checked."""

    def phase_of(self, resource: Resource) -> Phase:
        """The phase that makes a resource of the kind."""
        return self.phase if isinstance(self.phase, Phase) else self.phase(resource)


@dataclass(frozen=True, slots=True)
class AttributeInfo:
    """The declaration of a field of a kind, for the planner and the screens."""

    replace: bool = False
    """It can't be changed in place: a difference replaces the resource."""
    secret: bool = False
    """Its value is never shown, logged or saved."""
    unordered: bool = False
    """A tuple whose order means nothing."""
    create_only: bool = False
    """Used to create and not compared after."""
    immutable: bool = False
    """It can't change, and is no reason to replace the resource: a difference is an error of the plan."""
    partial_map: bool = False
    """A mapping in which only the desired keys are managed; others are neither compared nor removed."""
    on_shared: bool = False
    """Managed even on a shared resource, as tags are."""
    max_bytes: int = 0
    """The cloud's limit in bytes; 0 for none."""
    form: str = ""
    """How to show and compare it: "", "json", "yaml", "script"."""
    equivalent: Callable[[Value, Value], bool] | None = None
    """For "json": whether two parsed documents that differ mean the same to the cloud."""


def attr(  # a dataclass field: the default's type is checked where it is used
    *,
    default: Any = None,
    replace: bool = False,
    secret: bool = False,
    unordered: bool = False,
    create_only: bool = False,
    immutable: bool = False,
    partial_map: bool = False,
    on_shared: bool = False,
    max_bytes: int = 0,
    form: str = "",
    equivalent: Callable[[Value, Value], bool] | None = None,
) -> Any:
    """A field of a kind. None means "not managed": neither compared nor changed."""
    info = AttributeInfo(
        replace,
        secret,
        unordered,
        create_only,
        immutable,
        partial_map,
        on_shared,
        max_bytes,
        form,
        equivalent,
    )
    return field(default=default, metadata={"attribute": info}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Resource:
    """Base class of all kinds. Fields without ``attr`` are metadata and no part of the cloud's resource."""

    spec: ClassVar[KindSpec]
    """The kind's record; every kind declares its own."""

    name: str
    lifecycle: Lifecycle = Lifecycle.SYNC
    shared: bool = False
    """The user owns it: it has to exist, and is never created, deleted or changed (except tags)."""
    existing_id: str = ""
    """Its id, if the user named one; for shared resources only."""
    absent: bool = False
    """It is desired to be empty or missing, so it is not created if it does not exist."""
    depends_on: tuple[Key, ...] = field(default=(), compare=False, repr=False)
    """Resources that have to exist first although no field refers to them."""
    source_paths: tuple[FieldPath, ...] = field(default=(), compare=False, repr=False)
    """The paths of the spec that were read to build it."""
    instance_group: str = field(default="", compare=False, repr=False)
    """The instance group that it belongs to alone; "" if others use it, too."""

    @property
    def key(self) -> Key:
        """Identity within the cluster."""
        return Key(type(self).__name__, self.name)

    def attributes(self) -> Iterator[tuple[str, AttributeInfo, Any]]:
        """The declared fields, each with its declaration and value."""
        for each in fields(self):
            info = _info(each)
            if info is not None:
                yield each.name, info, getattr(self, each.name)

    def refs(self) -> Iterator[Ref]:
        """Every reference to another resource in any field."""
        for _, _, value in self.attributes():
            yield from refs_in(value)


def _info(each: Field[Any]) -> AttributeInfo | None:
    found = each.metadata.get("attribute")
    return found if isinstance(found, AttributeInfo) else None
