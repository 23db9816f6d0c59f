"""All that kOps would refuse about a cluster, for what the user wrote and for what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.inference import Inference
from kops_core.validate.cluster import validate_cluster
from kops_core.validate.instance_group import validate_instance_group, validate_with_cluster


def check(inference: Inference) -> list[FieldError]:
    """Every error, each once. What is wrong with the user's own documents comes first: while there
    is any, nothing is said about what would follow from them."""
    features = _texts(inference.inputs.settings.get("featureFlags"))
    found = validate_cluster(inference.inputs.cluster, features=features)
    for name, group in inference.inputs.instance_groups.items():
        found += _of_group(name, validate_instance_group(group))
    if found:
        return found
    try:
        completed, groups = inference.cluster, inference.instance_groups
    except InvalidSpec as impossible:
        return list(impossible.errors)
    found = validate_cluster(completed, strict=True, features=features)
    for name, group in groups.items():
        found += _of_group(name, validate_with_cluster(group, completed, strict=True))
    return found


def _of_group(name: str, errors: Sequence[FieldError]) -> list[FieldError]:
    return [
        FieldError(e.kind, e.path, e.message, e.source or f"instance group {name}", e.line, e.suggestion)
        for e in errors
    ]


def _texts(value: Value) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
