"""What ``/`` understands: a text or regular expression, case ignored; ``!`` in front: rows without it."""

from __future__ import annotations

import re
from collections.abc import Callable


def matcher(text: str) -> Callable[[str], bool]:
    """Whether a row's text passes. What is no regular expression is taken as it stands."""
    inverse = text.startswith("!")
    wanted = text[1:] if inverse else text
    if not wanted:
        return lambda _: True
    try:
        pattern = re.compile(wanted, re.IGNORECASE)
    except re.error:
        pattern = re.compile(re.escape(wanted), re.IGNORECASE)
    return lambda found: (pattern.search(found) is None) is inverse
