"""The types of kops.k8s.io/v1alpha2, as pydantic models by area.

They are the one declaration of all fields. ``schema.json`` beside this file is
compiled from them (``python -m kops_core.api.v1alpha2.compile``), so that reading a
document does not have to import pydantic; a test keeps the two equal.

    Cluster.model_validate(tree)                                a tree, checked and typed
    cluster.model_dump(exclude_unset=True, by_alias=True)       the same tree again
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.api.v1alpha2.cluster import Cluster
    from kops_core.api.v1alpha2.host import Host
    from kops_core.api.v1alpha2.instancegroup import InstanceGroup
    from kops_core.api.v1alpha2.keys import Keyset, SSHCredential

__all__ = ["Cluster", "Host", "InstanceGroup", "Keyset", "SSHCredential"]

_MODULES = {"Keyset": "keys", "SSHCredential": "keys"}


def __getattr__(name: str) -> object:
    """Imports a kind when it is first used, because pydantic is slow to import."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, name.lower())}"), name)
