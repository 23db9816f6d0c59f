"""The judge's clusters set every option that the engine reads: a rule that no cluster needs is not judged."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from kops_core.api.documents import read_documents
from kops_core.api.path import FieldPath, leaves
from kops_core.api.values import UNSET, Maybe
from kops_core.infer.sheet import Sheet
from tests.judge.outcome import CLUSTERS, SPECIFICATION, opened

_UNSET: Mapping[str, str] = {
    "spec.authentication.kopeio": "refused: it is gone",
    "spec.cloudConfig.azure": "another cloud's",
    "spec.cloudConfig.binariesLocation": "kOps reads it, and has no field for it in v1alpha2",
    "spec.cloudConfig.openstack": "another cloud's",
    "spec.containerRuntime": "refused: it is gone",
    "spec.docker": "refused: it is gone",
    "spec.encryptionConfig": "needs a secret of the store, which files do not have",
    "spec.kubelet.dockerDisableSharedPID": "refused: it is gone",
    "spec.masterKubelet.dockerDisableSharedPID": "refused: it is gone",
    "spec.networking.kopeio": "refused: it is gone",
    "spec.project": "another cloud's",
}
"""Options that no cluster of the judge can set, with the reason."""


def _options(path: FieldPath) -> list[str]:
    """A field of an object's specification and those around it, without names and positions."""
    parts = ["*" if isinstance(each, int) else str(each) for each in path]
    return [".".join(parts[:n]) for n in range(1, len(parts) + 1)]


@pytest.mark.full
def test_each_option_that_the_engine_reads_is_set_by_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    given: set[str] = set()
    value = Sheet.value

    def recorded(self: Sheet, address: FieldPath) -> Maybe:
        found = value(self, address)
        place = address[1:] if str(address[0]).startswith("@") else address
        place = place[2:] if place[:1] == ("instanceGroups",) else place
        if place[:1] == ("spec",):
            option = _options(place)[-1]
            read.add(option)
            if found is not UNSET and found is not None:
                given.add(option)
        return found

    monkeypatch.setattr(Sheet, "value", recorded)
    for folder in CLUSTERS.iterdir():
        data = (folder / SPECIFICATION).read_bytes()
        for document in read_documents(data, folder.name):
            given.update(each for path, _ in leaves(document.tree) for each in _options(path))
        opened(data).plan()
    assert len(read) > 500
    missing = {each for each in read - given if not re.search(r"\*$", each)}
    assert missing == set(_UNSET), f"set it in a cluster of tests/judge/options.py: {missing ^ set(_UNSET)}"
