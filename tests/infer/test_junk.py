"""Any document is completed and validated, or refused with a typed error.

FUZZ_EXAMPLES is the number of documents to try; `make fuzz` tries 50,000.
"""

from __future__ import annotations

import os
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.errors import KopsError
from kops_core.infer.complete import infer
from kops_core.validate.cluster_set import validate_planned
from tests.infer.fuzz_inputs import broken


@given(st.randoms(use_true_random=False))
@settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "200")), deadline=None)
def test_junk_is_completed_or_refused_but_never_a_traceback(random: Random) -> None:
    done = infer(broken(random))
    for part in ("cluster", "instance_groups"):
        try:
            getattr(done, part)
        except KopsError as error:
            assert str(error)
    try:
        assert all(error.path and error.message for error in validate_planned(done))
    except KopsError as error:
        assert str(error)
