"""The kOps engine: specs, inference, plans and operations, without a user interface.

This is the one door: users of the engine import from here and from no room behind it.
A name is loaded when it is first asked for, so the door itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.engine.settings import Settings

_ROOMS = {
    "Settings": "engine.settings",
}

__all__ = ["Settings"]


def __getattr__(name: str) -> object:
    room = _ROOMS.get(name)
    if room is None:
        raise AttributeError(f"kops_core has no {name}")
    return getattr(import_module(f"kops_core.{room}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
