"""Channel and manifests equal kOps' for cases that together have every add-on of the corpus."""

from __future__ import annotations

import pytest

from tests.conformance.addons import channel, files, manifests, text
from tests.corpus import cases
from tests.infer.corpus_cases import SUITES

pytestmark = pytest.mark.full

EACH = 2
"""Cases that are looked at for each add-on."""


def _chosen() -> list[tuple[str, str]]:
    seen: dict[str, int] = {}
    found: list[tuple[str, str]] = []
    for suite in SUITES:
        for case in cases(suite):
            keys = [key for key in files(case) if key != "bootstrap"]
            if any(seen.get(key, 0) < EACH for key in keys):
                found.append((suite, case.name))
                for key in keys:
                    seen[key] = seen.get(key, 0) + 1
    return found


@pytest.mark.parametrize(("suite", "name"), _chosen())
def test_a_cluster_gets_the_add_ons_that_kops_gives_it(suite: str, name: str) -> None:
    (case,) = (each for each in cases(suite) if each.name == name)
    assert channel(suite, name) == ""
    for key in files(case):
        if key != "bootstrap":
            assert manifests(suite, f"{name}:{key}") == "", key
            assert text(suite, f"{name}:{key}") == "", key
