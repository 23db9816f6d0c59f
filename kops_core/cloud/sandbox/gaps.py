"""Where the emulator (moto 5.2) is not like AWS, and what makes it so."""

from __future__ import annotations


def close_gaps() -> None:
    """Patches the emulator in this process."""
