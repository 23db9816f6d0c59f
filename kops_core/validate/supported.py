"""The clouds that specs may name, in a module that costs nothing to import."""

from __future__ import annotations

CLOUDS = ("aws",)
"""Values of ``spec.cloudProvider`` that are supported, unless a run has other providers."""
