"""The history of specs of the fake engine: what was saved, and what was before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kops_core import SpecWrite, Tree
from kops_core.engine.operations.spec_history import document_differences


class FakeHistory:
    """The saves of one cluster."""

    def __init__(self) -> None:
        self._writes: list[SpecWrite] = []
        self._before: dict[str, Mapping[str, Tree]] = {}

    def add(self, at: datetime, what: str, before: Mapping[str, Tree]) -> None:
        """Note a save."""
        name = f"r{len(self._writes)}"
        self._writes.insert(0, SpecWrite(name, at, "ops@bastion", what))
        self._before[name] = before

    def writes(self) -> Sequence[SpecWrite]:
        return list(self._writes)

    def differences(self, write: str, until: str = "", /) -> Sequence[str]:
        return document_differences(
            self._before[write], self._before[until] if until else self._before[write]
        )

    def before(self, write: str, /) -> Mapping[str, Tree]:
        return self._before[write]
