"""Reads untrusted JSON; any invalid text is the same error."""

from __future__ import annotations

import json

from kops_core.api.values import Value


def read_json(text: bytes | str) -> Value:
    """The value of a JSON text.

    Raises ValueError for a text that is not JSON, not UTF-8, or nested too deeply to be read.
    """
    try:
        found: Value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1})") from None
    return found
