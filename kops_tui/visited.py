"""The screens that were visited, for going back and forward among them as in a browser."""

from __future__ import annotations

from dataclasses import dataclass

_KEPT = 20
"""Places that are remembered."""


@dataclass(frozen=True)
class Place:
    """A screen that can be shown again."""

    screen: str
    """Its name in the registry; "" for the fleet."""
    cluster: str = ""


class Visited:
    """Places in the order of visiting, and where the operator is among them."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1
        self._last: Place | None = None
        """Where the operator was before."""

    def visit(self, place: Place) -> None:
        """Record that a place is shown. What was ahead of the one before is forgotten."""
        here = self._places[self._at] if self._places else None
        if place == here:
            return
        self._last = here
        self._places = [*self._places[: self._at + 1], place][-_KEPT:]
        self._at = len(self._places) - 1

    def step(self, by: int) -> Place | None:
        """Go back (-1) or forward (1); None if there is nothing that way."""
        wanted = self._at + by
        if not 0 <= wanted < len(self._places):
            return None
        self._last = self._places[self._at]
        self._at = wanted
        return self._places[wanted]

    @property
    def last(self) -> Place | None:
        """The place before this one, in time; None if there was none."""
        return self._last
