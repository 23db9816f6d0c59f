"""The table of all behaviours."""

from __future__ import annotations

from kops_core.cloud.sandbox.strict import balancers, network, scaling
from kops_core.cloud.sandbox.strict.account import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (*network.BEHAVIOURS, *balancers.BEHAVIOURS, *scaling.BEHAVIOURS)
"""In the order of ``docs/strict-account.md``."""
