"""The operator's preferences of the terminal UI: theme, keys, how often lists are read again.

They lie in ``ui.yaml`` of the configuration folder, apart from kOps' own configuration file, which other
programs read. Changing the theme writes it there; comments in the file stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from kops_core import UsageError


@dataclass(frozen=True)
class Preferences:
    """What the operator prefers; what is not set is the program's choice."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid", "strict": True}

    theme: str = ""
    keymap: Mapping[str, str] = field(default_factory=dict)
    """Keys, with commas between several, by the id of what they do, e.g. ``page.refresh: f5``."""
    refresh: int | None = None
    """Seconds after which the fleet is read again; 0: only when asked."""
    production: list[str] | None = None
    """Patterns of the names of production clusters."""
    mouse: bool | None = None
    """Whether the mouse is the program's when it starts."""


class PreferencesFile:
    """The file of the preferences."""

    def __init__(self, path: Path | None) -> None:
        """path: None keeps nothing."""
        self.path = path

    def read(self) -> Preferences:
        """I/O. The preferences; those of the program if there is no file. Raises UsageError."""
        content = self._load("safe")
        if content is None:
            return Preferences()
        from pydantic import TypeAdapter, ValidationError

        try:
            # As JSON, in which a mapping may stand for a dataclass although types are strict.
            return TypeAdapter(Preferences).validate_json(json.dumps(content, default=str))
        except ValidationError as problem:
            first = problem.errors()[0]
            at = ".".join(map(str, first["loc"]))
            known = "theme, keymap, refresh, production and mouse can be set"
            raise UsageError(
                f"{at}: {first['msg']}".lstrip(": "), where=str(self.path), remedy=known
            ) from problem

    def keep_theme(self, name: str) -> None:
        """I/O. Write another theme into the file. Raises UsageError if that can't be done."""
        if self.path is None:
            return
        content = self._load("rt")
        content = {} if content is None else content
        content["theme"] = name
        from ruamel.yaml import YAML

        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self.path.open("w", encoding="utf-8") as out:
                YAML().dump(content, out)
        except OSError as problem:
            raise UsageError(
                f"the theme can't be kept: {problem.strerror}", where=str(self.path)
            ) from problem

    def _load(self, kind: str) -> Any:
        """The file's content; None if there is none. ``rt`` keeps its comments."""
        if self.path is None or not self.path.is_file():
            return None
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            return YAML(typ=kind).load(self.path.read_text(encoding="utf-8"))
        except (OSError, YAMLError, UnicodeDecodeError) as problem:
            raise UsageError(
                "the preferences can't be read", where=str(self.path), remedy="fix the file, or remove it"
            ) from problem
