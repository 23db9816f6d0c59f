"""Neutral packages name no cloud: neither AWS' services nor its kinds of resources."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kops_core
from kops_core.cloud.aws.model import AWS
from kops_core.model import store_resources

ROOT = Path(kops_core.__file__).parent
NEUTRAL = (
    *(ROOT / "plan").glob("*.py"),
    *(ROOT / "operations").glob("*.py"),
    *(ROOT / "engine").rglob("*.py"),
    *(ROOT / "model").glob("*.py"),
)
KOPS_STATES = {"WarmPool"}
"""kOps' words for the states of instances, one of which is also a kind."""
KINDS = sorted(AWS.kinds.keys() - {kind.__name__ for kind in store_resources.KINDS} - KOPS_STATES)
SERVICES = ("AWS", "Amazon", "EC2", "Auto ?Scaling", "CloudFormation", "EventBridge", "Route ?53")
WORDS = re.compile(rf"\b(?:{'|'.join((*SERVICES, *KINDS))})\b")


@pytest.mark.parametrize("file", NEUTRAL, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_neutral_module_names_no_cloud(file: Path) -> None:
    found = {
        f"{number}: {line.strip()}"
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if WORDS.search(line)
    }
    assert not found
