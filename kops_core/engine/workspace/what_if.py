"""What a value would change if it were set: the inferred values that follow, and what would be refused."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.path import FieldPath, overlaps
from kops_core.engine.workspace.review import ValueChange
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.inference import Inference
from kops_core.validate.cluster_set import validate_planned


@dataclass(frozen=True)
class WhatIf:
    """The consequences of a value that is not set."""

    moved: tuple[ValueChange, ...]
    """Inferred values that would change."""
    errors: tuple[FieldError, ...]
    """Why the spec would be refused then."""


def what_if(now: Inference, then: Inference, path: FieldPath) -> WhatIf:
    """The consequences of a value at a path. now, then: the specs without and with it. Raises MissingFact."""
    try:
        errors = tuple(validate_planned(then))
    except InvalidSpec as problem:
        errors = tuple(problem.errors)
    moved = [
        ValueChange(each, before, after)
        for each, (before, after) in then.moved(now).items()
        if not overlaps(each, path)
    ]
    return WhatIf(tuple(moved), errors)
