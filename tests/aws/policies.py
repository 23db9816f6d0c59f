"""The policies that docs/iam.md recommends, by the section that has them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

_PAGE = Path(__file__).parents[2] / "docs" / "iam.md"


@cache
def actions_of_the_guide() -> dict[str, frozenset[str]]:
    """The actions of each section."""
    found: dict[str, frozenset[str]] = {}
    for section in _PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        for block in re.findall(r"```json\n(.*?)```", section, re.DOTALL):
            policy = json.loads(block)
            assert policy["Version"] == "2012-10-17"
            actions = [action for each in policy["Statement"] for action in each["Action"]]
            assert len(actions) == len(set(actions))
            found[section.partition("\n")[0]] = frozenset(actions)
    return found


def policy(section: str) -> str:
    """The policy of a section for the emulator, which does not know what a call is about: on all."""
    statement = {"Effect": "Allow", "Action": sorted(actions_of_the_guide()[section]), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
