"""The supported clouds, in a module that is cheap to import."""

from __future__ import annotations

CLOUDS = ("aws",)
"""Values of ``spec.cloudProvider`` that are supported, unless a run has other providers."""
