"""Errors of converting a v1alpha2 cluster: fields of another cloud, an unknown cloud."""

from __future__ import annotations

from typing import Final

from kops_core.api.conversion.table import CLOUD_PROVIDERS, MOVED
from kops_core.api.path import FieldPath, get, parse
from kops_core.api.schema import nearest
from kops_core.api.values import UNSET, Tree
from kops_core.errors import FieldError

_PROVIDER: Final = "spec.cloudProvider"

# kOps silently ignores these for other clouds, or drops them.
_IGNORED: Final = frozenset(("spec.project", "spec.cloudConfig.azure", "spec.cloudConfig.openstack"))


def refused(tree: Tree) -> list[tuple[FieldPath, FieldError]]:
    """Fields of a v1alpha2 cluster that kOps can't convert, each with its path."""
    at = parse(_PROVIDER)
    provider = get(tree, at)
    if provider is UNSET or provider is None or provider == "":
        provider = ""
    elif not isinstance(provider, str) or provider not in CLOUD_PROVIDERS:
        message = f"kOps knows no cloud {provider!r}, only {', '.join(CLOUD_PROVIDERS)}"
        hint = nearest(str(provider), CLOUD_PROVIDERS)
        return [(at, FieldError("Unsupported value", _PROVIDER, message, suggestion=hint))]
    found: list[tuple[FieldPath, FieldError]] = []
    for old, new in MOVED["Cluster"].items():
        cloud = new.removeprefix(f"{_PROVIDER}.").partition(".")[0]
        if not new.startswith(_PROVIDER) or old in _IGNORED or CLOUD_PROVIDERS.get(provider) == cloud:
            continue
        value = get(tree, parse(old))
        if value is not UNSET and value is not None and value != "":
            message = f"only a cluster on {cloud} can have this; its cloudProvider is {provider or 'not set'}"
            found.append((parse(old), FieldError("Forbidden", old, message)))
    return found
