"""How often Python's garbage collector looks for cycles.

By default it does after 700 new objects. Inference, plans and the AWS SDK make hundreds of thousands that
live on, so a fifth of a plan's CPU time went into looking at them; its peak memory is the same either way.
"""

from __future__ import annotations

import gc
from typing import Final

OBJECTS: Final = 100_000
"""New objects between two looks at the young ones: a look takes up to 10 ms."""


def collect_less_often() -> None:
    """For the whole process; called by programs and tests where they start."""
    gc.set_threshold(OBJECTS, 20, 20)
