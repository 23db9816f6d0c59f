"""The completed cluster of every case of the corpus: as parsed, then byte for byte."""

from __future__ import annotations

import pytest

from tests.conformance.completed import byte_for_byte, parsed
from tests.infer.corpus_cases import SUITES, completed_cases


@pytest.mark.parametrize("suite", SUITES)
def test_every_completed_cluster_equals_that_of_kops(suite: str) -> None:
    failures = {case.name: text for case in completed_cases(suite) if (text := parsed(suite, case.name))}
    assert not failures


@pytest.mark.parametrize("suite", SUITES)
def test_every_completed_cluster_is_written_as_kops_writes_it(suite: str) -> None:
    failures = {
        case.name: text for case in completed_cases(suite) if (text := byte_for_byte(suite, case.name))
    }
    assert not failures
