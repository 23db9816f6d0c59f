"""The types of a kind's record: area, phase, risk, Terraform address, facts.

Each kind declares one ``KindSpec`` (in `resource`) at its dataclass. The order of work, phases, risks,
pruning, Terraform addresses and the headings of a plan are derived from these records; there are no other
tables of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from kops_core.api.values import Value


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
    """The risk of a change for a running cluster, lowest first."""

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
    """The risks of changes of a kind."""

    on_change: Risk = Risk.LIVE
    """The risk of an update or a deletion; changes of tags alone and creations have none."""
    on_loss: Risk | Callable[[Any], Risk] = Risk.NONE
    """The risk of a deletion or a replacement.

    A function takes the resource, which is of the declaring kind.
    """
    on_field: FieldRisk = _no_field_risk
    """The risk of single fields, if it is higher than ``on_change``."""

    def of_loss(self, resource: object) -> Risk:
        """The risk of losing a resource, even if another takes its place."""
        return self.on_loss if isinstance(self.on_loss, Risk) else self.on_loss(resource)


def _own_name(resource: Any) -> str:
    return str(resource.name)


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
