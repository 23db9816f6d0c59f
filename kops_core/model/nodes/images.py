"""Images that instances of a warm pool pull before they are needed."""

from __future__ import annotations

import re

from kops_core.infer.common import remap_image
from kops_core.model.context import Context, Group, Role

PREFIXES = (
    "registry.k8s.io/kube-proxy:",
    "registry.k8s.io/provider-aws/",
    "registry.k8s.io/sig-storage/csi-node-driver-registrar:",
    "registry.k8s.io/sig-storage/livenessprobe:",
    "quay.io/calico/",
    "quay.io/cilium/",
    "quay.io/coreos/flannel:",
    "quay.io/weaveworks/",
)
"""Prefixes of images that every node runs and that containerd can pull without credentials (kOps 1.37)."""
_IMAGE = re.compile(r"^\s*(?:- )?image: [\"']?([^\s\"']+)", re.MULTILINE)


def warm_pool_images(c: Context, group: Group) -> list[str]:
    """Images of components and add-ons on nodes, and those that the group lists."""
    if group.role is Role.CONTROL_PLANE or not (
        c.present("spec.warmPool") or c.present(group.path("warmPool"))
    ):
        return []
    found = {c.read.string("spec.kubeProxy.image") or ""}
    # Its manifest depends on the files that contain this list, and nodes use none of its images.
    for addon in c.settings.cloud.addons(c, "karpenter.sh"):
        text = "".join(part for part in addon.contents.parts if isinstance(part, str))
        found.update(_IMAGE.findall(text))
    prefixes = tuple(remap_image(c.read, prefix) for prefix in PREFIXES)
    chosen = {image for image in found if image.startswith(prefixes)}
    return sorted(chosen | {remap_image(c.read, each) for each in group.strings("warmPool.additionalImages")})
