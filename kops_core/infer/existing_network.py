"""Shared VPCs and subnets, read from facts."""

from __future__ import annotations

from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.reader import Reader


def vpc(c: Reader, vpc_id: str) -> Tree:
    """A VPC by its id. Raises MissingFact if it was not looked up."""
    return _object(c, "vpcs", vpc_id)


def vpc_range(c: Reader, vpc_id: str) -> str:
    """The IPv4 range of a VPC. Raises InvalidSpec if it has none, MissingFact."""
    found = vpc(c, vpc_id).get("cidr")
    if not found:
        message = f"the range of {vpc_id} is unknown: set networkCIDR"
        raise InvalidSpec([FieldError("Required value", "spec.networkCIDR", message)])
    return str(found)


def subnet(c: Reader, subnet_id: str, vpc_id: str, at: str) -> Tree:
    """A subnet by its id, in that VPC if one is named. at: what names it, for errors.

    Raises InvalidSpec if it is in another VPC, MissingFact if it was not looked up.
    """
    found = _object(c, "subnets", subnet_id)
    if vpc_id and found.get("vpc") != vpc_id:
        raise InvalidSpec([FieldError("Not found", at, f"{subnet_id} is not a subnet of {vpc_id}")])
    return found


def _object(c: Reader, kind: str, name: str) -> Tree:
    found = c.fact(kind, name)
    return found if isinstance(found, dict) else {}
