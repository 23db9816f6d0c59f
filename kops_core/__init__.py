"""The kOps engine: specs, inference, plans and operations, without a user interface.

This is the one door: users of the engine import from here and from no room behind it.
A name is loaded when it is first asked for, so the door itself costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kops_core.api.canonical import to_yaml
    from kops_core.api.path import Parts, leaves
    from kops_core.api.path import parse as parse_path
    from kops_core.api.path import render as render_path
    from kops_core.api.values import UNSET, Maybe, Tree, Value
    from kops_core.engine.inputs import inference_of, read_files
    from kops_core.engine.settings import Settings
    from kops_core.infer.inference import Inference, Origin, Read, Source

_ROOMS = {
    "UNSET": "api.values",
    "Inference": "infer.inference",
    "Maybe": "api.values",
    "Origin": "infer.inference",
    "Parts": "api.path",
    "Read": "infer.inference",
    "Settings": "engine.settings",
    "Source": "infer.inference",
    "Tree": "api.values",
    "Value": "api.values",
    "inference_of": "engine.inputs",
    "leaves": "api.path",
    "parse_path": "api.path:parse",
    "read_files": "engine.inputs",
    "render_path": "api.path:render",
    "to_yaml": "api.canonical",
}
"""Where each name lives; ``room:name`` where it has another name there."""

__all__ = [
    "UNSET",
    "Inference",
    "Maybe",
    "Origin",
    "Parts",
    "Read",
    "Settings",
    "Source",
    "Tree",
    "Value",
    "inference_of",
    "leaves",
    "parse_path",
    "read_files",
    "render_path",
    "to_yaml",
]


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"kops_core has no {name}")
    room, _, renamed = _ROOMS[name].partition(":")
    return getattr(import_module(f"kops_core.{room}"), renamed or name)


def __dir__() -> list[str]:
    return sorted(__all__)
