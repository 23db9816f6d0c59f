"""Natural order of texts: the numbers in them count as numbers."""

from __future__ import annotations

import re
from typing import TypeAlias

Order: TypeAlias = tuple[tuple[int, float, str], ...]
"""What texts are compared by: numbers before letters."""

_NUMBERS = re.compile(r"(\d+)")


def natural_order(text: str) -> Order:
    """What a text is sorted by: ``m5.2xlarge`` comes before ``m5.12xlarge``."""
    return tuple(
        (0, float(piece), "") if piece.isdigit() else (1, 0.0, piece.lower())
        for piece in _NUMBERS.split(text)
        if piece
    )
