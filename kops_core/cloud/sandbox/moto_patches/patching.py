"""How the emulator is patched: by name, and only what is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""What the emulator keeps in requests and templates: JSON, without a type of its own."""


def patch(owner: type, name: str, make: Callable[[Callable[..., Json]], Callable[..., Json]]) -> None:
    """Replaces a method by what ``make`` builds around it. Raises AttributeError if there is none."""
    original = getattr(owner, name)
    setattr(owner, name, wraps(original)(make(original)))


def replace(owner: type, name: str, attribute: object) -> None:
    """Replaces an attribute of a class. Raises AttributeError if there is none."""
    getattr(owner, name)
    setattr(owner, name, attribute)


def add(owner: type, name: str, attribute: object) -> None:
    """Gives a class an attribute that it lacks. Raises AttributeError if it has one by now."""
    if getattr(owner, name, attribute) is not attribute and not getattr(owner, _ADDED + name, False):
        raise AttributeError(f"{owner.__name__} has {name} itself")
    setattr(owner, _ADDED + name, True)
    setattr(owner, name, attribute)


_ADDED = "_added_"
