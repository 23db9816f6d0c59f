"""Node Problem Detector. Facts: kOps' ``components/nodeproblemdetector.go``."""

from __future__ import annotations

from kops_core.infer.rules import fixed

IMAGE = "registry.k8s.io/node-problem-detector/node-problem-detector:v0.8.18"
"""As of kOps 1.37 (2026-07)."""

FIXED = fixed(
    __name__,
    "spec.nodeProblemDetector",
    {
        "enabled": (False, "it runs only where it is switched on"),
        "cpuRequest": ("20m", "it is the usual need of the detector"),
        "memoryRequest": ("100Mi", "it is the usual need of the detector"),
        "memoryLimit": ("100Mi", "more would be a leak"),
        "image": (IMAGE, "it is the release that kOps 1.37 was tested with"),
    },
    when=lambda c: c.has("spec.nodeProblemDetector"),
)
