"""What kOps refuses in the corpus is refused for the same field, and what it accepts is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kops_core.infer.complete import infer
from kops_core.validate.whole import validate_planned
from tests.infer import corpus_cases
from tests.validate.reject_cases import generated, missing, mutated, of_documents, of_flags


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
    refused = {}
    for case in corpus_cases.completed_cases(suite):
        inputs = corpus_cases.inputs(case, suite)
        # kOps' own tests plan newer versions of Kubernetes than the kOps version they set.
        accepting = replace(inputs, settings={**inputs.settings, "runTooNewVersion": True})
        errors = validate_planned(infer(accepting))
        if errors:
            refused[case.name] = [str(error) for error in errors]
    assert not refused
