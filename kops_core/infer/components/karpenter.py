"""Karpenter. Facts: kOps' ``components/karpenter.go``."""

from __future__ import annotations

from kops_core.infer.rules import fixed

IMAGE = "public.ecr.aws/karpenter/controller:1.13.0"
"""As of kOps 1.37 (2026-07)."""

FIXED = fixed(
    __name__,
    "spec.karpenter",
    {
        "image": (IMAGE, "it is the release that kOps 1.37 was tested with"),
        "logEncoding": ("console", "logs are read by people"),
        "logLevel": ("debug", "Karpenter's decisions are in its debug log"),
    },
    when=lambda c: c.has("spec.karpenter"),
)
