"""A strict account: the embedded AWS with the delays, limits and refusals that AWS documents.

The emulator answers at once, forgets nothing and checks little. Each behaviour here is a switch with a
name and a source; ``docs/strict-account.md`` lists them. Time comes from outside, so that minutes of AWS
can pass in milliseconds.
"""

from __future__ import annotations

from kops_core.cloud.sandbox.strict.account import Behaviour, StrictAccount
from kops_core.cloud.sandbox.strict.behaviours import BEHAVIOURS

__all__ = ["BEHAVIOURS", "Behaviour", "StrictAccount"]
