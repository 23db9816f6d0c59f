"""The table of all behaviours."""

from __future__ import annotations

from kops_core.cloud.sandbox.strict import balancers, network
from kops_core.cloud.sandbox.strict.account import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (*network.BEHAVIOURS, *balancers.BEHAVIOURS)
"""In the order of ``docs/strict-account.md``."""
