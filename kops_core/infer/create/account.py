"""What a new cluster asks about the account: VPCs, subnets, machine types.

The facts are those that ``facts record`` writes.
"""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree, Value
from kops_core.errors import CloudNotFound, KopsError, MissingFact

_RECORD = "record the account's facts with: kops-tui facts record"

_CANDIDATES = {
    "Bastion": ("t3.micro", "t2.micro", "t4g.micro"),
    "": ("t3.medium", "c5.large", "c4.large", "t4g.medium"),
}
"""Machine types that kOps tries in order, for bastions and for all other roles."""

_IN_EVERY_ZONE = {"Bastion": "t2.micro"}
"""The candidate that no zone lacks: the answer where the facts do not say which zones offer what."""


@dataclass(frozen=True)
class Account:
    """Look-ups in the cloud facts. All raise MissingFact where the kind of fact was not read at all."""

    facts: Tree

    def vpc(self, vpc_id: str) -> Tree:
        """A VPC by its id. Raises CloudNotFound."""
        for vpc in self._rows("vpcs"):
            if vpc.get("id") == vpc_id:
                return vpc
        raise CloudNotFound(
            f"the VPC {vpc_id} does not exist", where="--network-id", remedy="check its id and the region"
        )

    def subnet(self, subnet_id: str, vpc_id: str = "") -> Tree:
        """A subnet by its id, in that VPC if one is named. Raises CloudNotFound."""
        for subnet in self._rows("subnets"):
            if subnet.get("id") == subnet_id and (not vpc_id or subnet.get("vpc") == vpc_id):
                return subnet
        place = f" in the VPC {vpc_id}" if vpc_id else ""
        raise CloudNotFound(
            f"the subnet {subnet_id} does not exist{place}", where=subnet_id, remedy="check its id and VPC"
        )

    def architectures(self, machine_type: str) -> list[str]:
        """EC2's names of the architectures of a machine type. Raises CloudNotFound."""
        for each in self._rows("instanceTypes"):
            if each.get("name") == machine_type:
                return _strings(each.get("architectures"))
        raise CloudNotFound(
            f"the machine type {machine_type} does not exist in this region",
            where="spec.machineType",
            remedy="choose one that the region offers",
        )

    def default_machine_type(self, role: str, image: str, zones: list[str]) -> str:
        """The machine type for a role in these zones.

        role: ``ControlPlane``, ``APIServer``, ``Node`` or ``Bastion``. Raises KopsError if none of
        kOps' candidates is offered in all of the zones.
        """
        settled = self.facts.get("defaultInstanceTypes")
        if isinstance(settled, dict) and isinstance(settled.get(role), str):
            return str(settled[role])
        arm = self._image_architecture(image) == "arm64"
        offers = {str(each.get("name")): each for each in self._rows("instanceTypes")}
        for name in _CANDIDATES.get(role, _CANDIDATES[""]):
            if (
                name in offers
                and name.startswith("t4g") == arm
                and _is_offered(name, offers[name], role, zones)
            ):
                return name
        raise KopsError(
            f"no default machine type is offered in all of {', '.join(zones)}",
            remedy="name one with --control-plane-size and --node-size",
        )

    def _image_architecture(self, image: str) -> str:
        images = self.facts.get("images")
        for each in images if isinstance(images, list) else []:
            if isinstance(each, dict) and image in (
                each.get("id"),
                f"{each.get('ownerId')}/{each.get('name')}",
                f"{each.get('ownerAlias')}/{each.get('name')}",
            ):
                return str(each.get("architecture"))
        return "x86_64"

    def _rows(self, kind: str) -> list[Tree]:
        found = self.facts.get(kind)
        if not isinstance(found, list):
            raise MissingFact(f"facts.{kind}", remedy=_RECORD)
        return [each for each in found if isinstance(each, dict)]


def _is_offered(name: str, offer: Tree, role: str, zones: list[str]) -> bool:
    offered = offer.get("zones")
    if offered is not None:
        return set(zones) <= set(_strings(offered))
    return not zones or _IN_EVERY_ZONE.get(role, name) == name


def _strings(value: Value) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
