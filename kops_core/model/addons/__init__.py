"""Add-ons and static manifests as objects of the store.

``manifests(c)`` is the one thing that ``kops_core.model.build`` asks of this room. It yields
AddonManifest, BootstrapChannel and ManagedFile resources; there are none yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.model.context import Context
from kops_core.model.resource import Resource


def manifests(c: Context) -> Iterator[Resource]:
    """Manifests of add-ons, the bootstrap channel, and static manifests of the control plane."""
    del c
    yield from ()
