"""containerd, runc, the pause image, GPU and gVisor runtimes. Facts: kOps' ``components/containerd.go``."""

from __future__ import annotations

from kops_core.api.values import Value
from kops_core.infer.common import remap_image
from kops_core.infer.reader import Reader
from kops_core.infer.rules import fixed, rule

CONTAINERD = "2.3.4"
RUNC = "1.4.3"
SANDBOX_IMAGE = "registry.k8s.io/pause:3.10.1"
NVIDIA_DRIVER = "nvidia-driver-535-server"
NVIDIA_DEVICE_PLUGIN = "nvcr.io/nvidia/k8s-device-plugin:v0.17.3"
# Releases as of kOps 1.37 (2026-07).


@rule(
    "spec.containerd.runc.version",
    because="it is the runc that goes with kOps' containerd; with your own containerd, runc is yours too",
)
def runc_version(c: Reader) -> Value:
    return RUNC if c.user_value("spec.containerd.version") is None else None


@rule("spec.containerd.sandboxImage", because="every pod's namespaces are held by this image")
def sandbox_image(c: Reader) -> Value:
    return remap_image(c, SANDBOX_IMAGE)


FIXED = fixed(
    __name__,
    "spec.containerd",
    {
        "version": (
            CONTAINERD,
            "it is the release that kOps 1.37 was tested with; 2.3.0 to 2.3.3 lose pause images",
        ),
        "logLevel": ("info", "it is kOps' log level for containerd"),
    },
)
NVIDIA = fixed(
    __name__,
    "spec.containerd.nvidiaGPU",
    {
        "package": (NVIDIA_DRIVER, "it is the driver that kOps 1.37 was tested with"),
        "image": (NVIDIA_DEVICE_PLUGIN, "it is the device plugin that kOps 1.37 was tested with"),
    },
    when=lambda c: c.boolean("spec.containerd.nvidiaGPU.enabled") is True,
)
GVISOR = fixed(
    __name__,
    "spec.containerd.gvisor",
    {"platform": ("systrap", "it needs no nested virtualisation")},
    when=lambda c: c.boolean("spec.containerd.gvisor.enabled") is True,
)
