"""The runtime class of gVisor for pods."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, thing


def objects(c: AddonContext) -> list[Object]:
    """The manifest's objects."""
    nodes = {"nodeSelector": {"kops.k8s.io/gvisor": "1"}}
    return [thing("node.k8s.io/v1", "RuntimeClass", "gvisor", None, handler="runsc", scheduling=nodes)]
