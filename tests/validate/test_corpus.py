"""What kOps refuses in the corpus is refused for the same field, and what it accepts is accepted."""

from __future__ import annotations

import pytest

from tests.infer import corpus_cases
from tests.validate.reject_cases import (
    generated,
    missing,
    mutated,
    of_documents,
    of_flags,
    refusals_of_accepted,
)

pytestmark = pytest.mark.full


@pytest.mark.parametrize("name", mutated())
def test_refused_documents(name: str) -> None:
    refusal, text, base = mutated()[name]
    assert not missing(refusal, of_documents(text, base))


def test_refused_flags() -> None:
    wrong = {
        name: missing(refusal, of_flags(refusal, flags)) for name, (refusal, flags) in generated().items()
    }
    assert len(wrong) == 157
    assert not {name: text for name, text in wrong.items() if text}


@pytest.mark.parametrize("suite", corpus_cases.SUITES)
def test_nothing_that_kops_accepts_is_refused(suite: str) -> None:
    cases = corpus_cases.completed_cases(suite)
    refused = {case.name: refusals_of_accepted(case, suite) for case in cases}
    assert cases
    assert not {name: list(map(str, errors)) for name, errors in refused.items() if errors}
