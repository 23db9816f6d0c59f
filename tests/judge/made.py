"""How a cluster of the judge was made: words of ``create cluster`` and edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IMAGE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801"
_COMMON = ("--cloud=aws", f"--image={IMAGE}", "--control-plane-size=m5.large", "--node-size=t3.medium")
THREE_ZONES = "--zones=us-east-1a,us-east-1b,us-east-1c"


GROUP = "nodes-us-east-1a"
PLANE = "control-plane-us-east-1a"


@dataclass(frozen=True)
class Made:
    """How a cluster's specification was made."""

    words: Sequence[str]
    """Of ``create cluster``, without the name and what all have."""
    edits: Sequence[tuple[str, str, str]] = ()
    """Object, field and text: as ``edit --set`` takes it, or as YAML with brackets or quotes."""
    removed: Sequence[tuple[str, str]] = ()
    """Object and field."""

    def arguments(self, name: str) -> list[str]:
        """All words of ``create cluster``."""
        given = {word.partition("=")[0] for word in self.words}
        common = [each for each in _COMMON if each.partition("=")[0] not in given]
        return [f"{name}.judge.example", *common, *self.words]
