"""Explains a field: its value, origin, type, and the value that would be inferred."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.path import FieldPath, get
from kops_core.api.schema import describe
from kops_core.api.values import UNSET, Maybe
from kops_core.engine.workspace.draft import CLUSTER, locate
from kops_core.errors import InvalidSpec, KopsError, UsageError
from kops_core.infer.inference import Inference, Origin, Source


@dataclass(frozen=True)
class Explanation:
    """The explanation of a field."""

    path: FieldPath
    value: Maybe
    origin: Origin
    would_be: Maybe
    """The value that would be inferred without the user's; UNSET if there is none, or if it is inferred."""
    description: str
    type: str
    """e.g. ``string`` or ``list of string``; "" if the types do not know the path."""
    allowed: tuple[str, ...]
    error: str = ""
    """Why the value can't be inferred; then ``value`` is the user's own."""


def explain(inference: Inference, path: FieldPath) -> Explanation:
    """The explanation of a path of the inference, set or not."""
    name, within = locate(path)
    try:
        known = describe("Cluster" if name == CLUSTER else "InstanceGroup", within)
        about, kind, allowed = known.about, known.type_text, known.allowed
    except UsageError:
        about, kind, allowed = "", "", ()
    try:
        origin = inference.origin(path)
        value = inference.value(path)
        would_be = inference.would_be(path) if not origin.rule and inference.rule_at(path) else UNSET
    except KopsError as problem:
        yours = get(inference.source, path)
        error = problem.errors[0].message if isinstance(problem, InvalidSpec) else problem.what
        return Explanation(path, yours, Origin(Source.USER, yours), UNSET, about, kind, allowed, error)
    return Explanation(path, value, origin, would_be, about, kind, allowed)
