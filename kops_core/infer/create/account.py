"""The account's networks, as a new cluster asks for them."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.values import Tree
from kops_core.errors import CloudNotFound, MissingFact


@dataclass(frozen=True)
class Account:
    """Look-ups in the cloud facts. All raise MissingFact where the kind of fact was not read at all."""

    facts: Tree
    """By kind and key (`kops_core.infer.facts`)."""

    def vpc(self, vpc_id: str) -> Tree:
        """A VPC by its id. Raises CloudNotFound."""
        found = self._all("vpcs").get(vpc_id)
        if not isinstance(found, dict):
            raise CloudNotFound(
                f"the VPC {vpc_id} does not exist", where="--network-id", remedy="check its id and the region"
            )
        return found

    def subnet(self, subnet_id: str, vpc_id: str = "") -> Tree:
        """A subnet by its id, in that VPC if one is named. Raises CloudNotFound."""
        found = self._all("subnets").get(subnet_id)
        if not isinstance(found, dict) or (vpc_id and found.get("vpc") != vpc_id):
            place = f" in the VPC {vpc_id}" if vpc_id else ""
            raise CloudNotFound(
                f"the subnet {subnet_id} does not exist{place}",
                where=subnet_id,
                remedy="check its id and VPC",
            )
        return found

    def _all(self, kind: str) -> Tree:
        found = self.facts.get(kind)
        if not isinstance(found, dict):
            raise MissingFact(
                f"facts.{kind}", remedy="record the account's facts with: kops-tui facts record"
            )
        return found
