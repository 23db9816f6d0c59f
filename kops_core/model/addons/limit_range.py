"""The default CPU request of containers in the default namespace."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, thing


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    limit: Object = {"type": "Container", "defaultRequest": {"cpu": "100m"}}
    return [thing("v1", "LimitRange", "limits", "default", spec={"limits": [limit]})]
