"""Operations as the screens see them: each runs by itself, and the app follows what it reports."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kops_core import KopsError, Progress

if TYPE_CHECKING:
    from kops_core import OperationHandle, OperationRequest


@dataclass
class Run(Progress):
    """One operation and the events it has reported so far. Only used in the screens' thread."""

    request: OperationRequest = field(kw_only=True)
    handle: OperationHandle | None = None
    """What reaches it; None while it is being started."""
    problem: KopsError | None = None
    """What ended it, if that was an error, or why it could not be started."""

    control_order: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False, compare=False)
    """Held while something is asked of it, in the order of asking."""

    question_shown: str = ""
    """Id of the question that the operator was asked last."""

    @property
    def kind(self) -> str:
        """``apply``, ``rolling-update`` or ``delete``."""
        return self.request.kind

    @property
    def cluster(self) -> str:
        """Name of its cluster."""
        return self.request.cluster

    @property
    def subject(self) -> str:
        """What it is about, e.g. the plan's id, or the groups' names."""
        return self.request.subject

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self.ended and self.problem is None
