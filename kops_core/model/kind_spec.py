"""The record of a resource kind: its properties beside its fields.

Each kind declares one ``KindSpec`` at its dataclass. The order of work, phases, risks, pruning, Terraform
addresses and the headings of a plan are derived from these records; there are no other tables of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from kops_core.api.values import Value
from kops_core.model.prune_policy import PrunePolicy, retain_unless_replaced

if TYPE_CHECKING:
    from kops_core.model.resource import Resource


class Area(Enum):
    """The part of a cluster that a kind belongs to: headings of a plan, in the order shown."""

    NETWORK = "Network"
    FIREWALL = "Firewall"
    API_ACCESS = "API access"
    IAM = "IAM"
    INSTANCE_GROUPS = "Instance groups"
    VOLUMES = "Volumes"
    EVENTS = "Events"
    KEYS = "Keys"
    STATE_STORE = "State store"
    ADDONS = "Add-ons"
    OTHER = "Other"


class Phase(Enum):
    """A part of an apply; networks, IAM roles and machines may need different permissions."""

    NETWORK = "network"
    SECURITY = "security"
    CLUSTER = "cluster"


class Risk(Enum):
    """What a change can do to a running cluster, mildest first."""

    NONE = "none"
    LIVE = "goes live at once"
    ROLLS_NODES = "needs a rolling update"
    INTERRUPTS_API = "interrupts the API"
    DELETES_DATA = "deletes data"


FieldRisk: TypeAlias = Callable[[str, "str | None", "str | None"], Risk]
"""The risk of a change of one field, by its name and its texts before and after (None where not known)."""


def _no_field_risk(name: str, before: str | None, after: str | None) -> Risk:
    return Risk.NONE


@dataclass(frozen=True, kw_only=True)
class RiskProfile:
    """What changes of a kind mean for a running cluster."""

    on_change: Risk = Risk.LIVE
    """Of an update or a deletion; changes of tags alone are harmless, as creations are."""
    on_loss: Risk | Callable[[Any], Risk] = Risk.NONE
    """Of a deletion or a replacement. A function takes the resource, which is of the declaring kind."""
    on_field: FieldRisk = _no_field_risk
    """Of single fields, where it is worse than ``on_change``."""

    def of_loss(self, resource: Resource) -> Risk:
        """The risk of losing a resource, even if another takes its place."""
        return self.on_loss if isinstance(self.on_loss, Risk) else self.on_loss(resource)


def _own_name(resource: Resource) -> str:
    return resource.name


@dataclass(frozen=True)
class TerraformName:
    """A kind's address in Terraform; types and names are kOps'."""

    type: str
    """The resource type, e.g. ``aws_vpc``."""
    name: Callable[[Any], str] = _own_name
    """The resource name, before unsupported characters are replaced."""
    reference: str = "id"
    """The attribute by which other resources refer to it."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """Terraform's names of further attributes, by ours."""


@dataclass(frozen=True)
class NotInTerraform:
    """A kind without a Terraform resource of its own."""

    why: str


@dataclass(frozen=True, kw_only=True)
class FactTable:
    """The table of cloud facts that lists the user's resources of a kind by their ids."""

    name: str
    """e.g. ``vpcs``"""
    match: Callable[[Any], Mapping[str, Value]] | None = None
    """The fields by which a resource is found in the table if the spec does not name its id."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Attributes that refer to another resource -> the field that lists what is attached already."""


@dataclass(frozen=True, kw_only=True)
class FactField:
    """A field of another resource's facts that holds the id of the user's resource of a kind."""

    owner: str
    """The attribute that refers to the other resource."""
    name: str


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
