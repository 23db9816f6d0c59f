"""All there is to say about one field: its value, why, what it may be, and what it would be otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.path import Parts
from kops_core.api.schema import describe
from kops_core.api.values import UNSET, Maybe
from kops_core.engine.draft import CLUSTER, locate
from kops_core.errors import UsageError
from kops_core.infer.inference import Inference, Origin


@dataclass(frozen=True)
class Explanation:
    """One field explained."""

    path: Parts
    value: Maybe
    origin: Origin
    would_be: Maybe
    """What would be inferred if the user's value were removed; UNSET if nothing, or if it is inferred."""
    description: str
    type: str
    """e.g. ``string`` or ``list of string``; "" if the types do not know the path."""
    allowed: tuple[str, ...]


def explain(inference: Inference, path: Parts) -> Explanation:
    """The explanation of a path of the inference, set or not."""
    name, within = locate(path)
    try:
        known = describe("Cluster" if name == CLUSTER else "InstanceGroup", within)
        about, kind, allowed = known.about, known.type_text, known.allowed
    except UsageError:
        about, kind, allowed = "", "", ()
    origin = inference.origin(path)
    would_be = inference.would_be(path) if not origin.rule and inference.rule_at(path) else UNSET
    return Explanation(path, inference.value(path), origin, would_be, about, kind, allowed)
