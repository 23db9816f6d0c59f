"""Queries of builders about a spec on AWS: VPC, subnets, partition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.reader import Reader
from kops_core.model.context import Context
from kops_core.model.template import Key, Ref


def partition(c: Context) -> str:
    """The AWS partition, e.g. ``aws`` or ``aws-cn``."""
    return str(c.read.fact("partition"))


def vpc_of(c: Context) -> Ref:
    """The cluster's VPC."""
    return Ref(Key("VPC", c.name))


def has_shared_vpc(c: Context) -> bool:
    """Whether the VPC is the user's."""
    return bool(c.read.string("spec.networkID"))


def subnets_of(c: Context) -> tuple[SubnetView, ...]:
    """The cluster's subnets, in the spec's order."""
    return tuple(subnet_at(c, int(at)) for at in c.read.keys("spec.subnets"))


def subnet_at(c: Context, position: int) -> SubnetView:
    """A subnet by its position."""
    return SubnetView(position, c.read, c.name)


def subnet_named(c: Context, name: str) -> SubnetView:
    """A subnet by its name. Raises InvalidSpec if there is none."""
    position = _index(c).by_name.get(name)
    if position is None or subnet_at(c, position).name != name:
        raise InvalidSpec([FieldError("Not found", "spec.subnets", f"there is no subnet named {name!r}")])
    return subnet_at(c, position)


def all_public(c: Context) -> bool:
    """Whether every subnet is public."""
    private = _index(c).private
    return private is None or subnet_at(c, private).public


def has_dual_stack(c: Context, zone: str) -> bool:
    """Whether a zone has a subnet of type ``DualStack``."""
    position = _index(c).dual_stack.get(zone)
    return position is not None and subnet_at(c, position).type == "DualStack"


@dataclass(frozen=True)
class _Index:
    """Where subnets are in the spec, so that a resource reads those alone that it depends on."""

    by_name: Mapping[str, int]
    dual_stack: Mapping[str, int]
    """The first ``DualStack`` subnet of each zone that has one."""
    private: int | None
    """The first subnet that is not public."""


def _index(c: Context) -> _Index:
    def find(c: Context) -> _Index:
        subnets = subnets_of(c)
        last_first = tuple(reversed(subnets))  # of two with one name or zone, the first counts
        return _Index(
            {each.name: each.position for each in last_first},
            {each.zone: each.position for each in last_first if each.type == "DualStack"},
            next((each.position for each in subnets if not each.public), None),
        )

    return c.once("subnets", find)


@dataclass(frozen=True)
class SubnetView:
    """A subnet of the spec."""

    position: int
    read: Reader
    cluster: str

    def text(self, name: str) -> str:
        """A field, or ""."""
        return self.read.string(f"spec.subnets[{self.position}].{name}") or ""

    @property
    def name(self) -> str:
        """Its name in the spec."""
        return self.text("name")

    @property
    def zone(self) -> str:
        """The availability zone."""
        return self.text("zone")

    @property
    def type(self) -> str:
        """``Public``, ``Private``, ``Utility`` or ``DualStack``."""
        return self.text("type")

    @property
    def public(self) -> bool:
        """Whether its default route is the internet gateway."""
        return self.type in ("Public", "Utility")

    @property
    def shared(self) -> bool:
        """Whether it is the user's."""
        return bool(self.text("id"))

    @property
    def external_egress(self) -> bool:
        """Whether the user manages its routes."""
        return self.text("egress") == "External"

    @property
    def ref(self) -> Ref:
        """The subnet's resource."""
        return Ref(Key("Subnet", f"{self.name}.{self.cluster}"))
