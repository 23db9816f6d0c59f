"""The parts of the engine that faults are put into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A part of the engine, with the folders of the tests that are about it."""

    under: Sequence[str]
    tests: Sequence[str]
    but: Sequence[str] = ()

    def files(self, tree: Path) -> list[str]:
        """Its files, from the top of the repository."""
        found = [str(path.relative_to(tree)) for each in self.under for path in (tree / each).rglob("*.py")]
        return [each for each in found if not each.startswith(tuple(self.but))]


_AWS = "kops_core/cloud/aws/"
_AWS_MODEL = tuple(f"{_AWS}{each}/" for each in ("addons", "builders", "resources", "terraform"))

PACKAGES: Mapping[str, Package] = {
    "plan": Package(["kops_core/plan/"], ["tests/plan"]),
    "operations": Package(["kops_core/operations/"], ["tests/operations"]),
    "store": Package(["kops_core/store/"], ["tests/store"]),
    "infer": Package(["kops_core/infer/"], ["tests/infer", "tests/create", "tests/judge"]),
    "validate": Package(["kops_core/validate/"], ["tests/validate"]),
    "model": Package(["kops_core/model/", *_AWS_MODEL], ["tests/model", "tests/terraform", "tests/judge"]),
    "aws": Package([_AWS], ["tests/aws", "tests/provider"], but=_AWS_MODEL),
}
"""``model`` is what a cluster consists of, with AWS's kinds and Terraform; ``aws`` talks to AWS."""
