"""A strict account: the embedded AWS with the delays, limits and refusals that AWS documents.

The emulator alone is immediate and consistent, and checks little. Each behaviour here has a name and a
source; ``docs/strict-account.md`` lists them. Time is passed in, so that minutes of AWS can pass in
milliseconds.
"""

from __future__ import annotations

from kops_core.cloud.sandbox.strict.account import Behaviour, StrictAccount
from kops_core.cloud.sandbox.strict.behaviours import BEHAVIOURS

__all__ = ["BEHAVIOURS", "Behaviour", "StrictAccount"]
