"""Names, images and settings shared by the modules of Calico."""

from __future__ import annotations

from kops_core.model.addons.context import AddonContext
from kops_core.model.addons.objects import Object, config_key

AT = "spec.networking.calico"
CONFIG = "calico-config"
NODE = "calico-node"
CNI = "calico-cni-plugin"
GROUP = "crd.projectcalico.org"
VERSION = "v3.31.6"
"""As of kOps 1.37, July 2026."""
API_ENDPOINT: Object = {"configMapRef": {"name": "kubernetes-services-endpoint", "optional": True}}
"""The endpoint of the API, for BPF mode."""


def image(c: AddonContext, name: str) -> str:
    """An image of Calico's by its name."""
    return f"{c.text(f'{AT}.registry', 'docker.io')}/calico/{name}:{c.text(f'{AT}.version', VERSION)}"


def setting(key: str) -> Object:
    """The value of a variable: a key of Calico's ConfigMap."""
    return config_key(CONFIG, key, optional=None)
