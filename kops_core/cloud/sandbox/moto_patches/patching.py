"""Helpers that patch the emulator by name, and fail if the name does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""JSON in the emulator's requests and templates, which has no type of its own."""


def patch(owner: type, name: str, make: Callable[[Callable[..., Json]], Callable[..., Json]]) -> None:
    """Replaces a method by the result of ``make``, which gets the original.

    Raises AttributeError if there is none.
    """
    original = getattr(owner, name)
    setattr(owner, name, wraps(original)(make(original)))


def replace(owner: type, name: str, attribute: object) -> None:
    """Replaces an attribute of a class. Raises AttributeError if there is none."""
    getattr(owner, name)
    setattr(owner, name, attribute)


def add(owner: type, name: str, attribute: object) -> None:
    """Adds an attribute to a class. Raises AttributeError if it exists."""
    if getattr(owner, name, attribute) is not attribute and not getattr(owner, _ADDED + name, False):
        raise AttributeError(f"{owner.__name__} has {name} itself")
    setattr(owner, _ADDED + name, True)
    setattr(owner, name, attribute)


_ADDED = "_added_"
