"""A question to the engine that a screen asks in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.worker import Worker

T = TypeVar("T")


@dataclass
class Query(Generic[T]):
    """A query, as long as it is the newest of its group."""

    description: str
    ask: Callable[[], T]
    then: Callable[[T], None]
    group: str
    retry: bool = True
    """Whether ``r`` asks again after an error."""
    worker: Worker[T] | None = None
    running: bool = True
