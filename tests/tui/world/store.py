"""A state store in memory that notes what is written, and can be copied, fail and keep others waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from kops_core.store.backend import Stored
from kops_core.store.memory import MemoryBackend
from tests.aws.account import FakeClock


class WorldStore(MemoryBackend):
    """A MemoryBackend with its contents given."""

    def __init__(self, url: str, objects: Mapping[str, Stored], clock: FakeClock) -> None:
        super().__init__(url, now=clock.now)
        self._clock = clock
        self._objects.update(objects)
        self.written: list[str] = []
        """The keys that were written, in order."""
        self.error: Exception | None = None
        """The error of each read and write."""
        self.open = threading.Event()
        """While it is not set, listing the store waits."""
        self.open.set()

    @property
    def contents(self) -> dict[str, Stored]:
        """All objects."""
        return dict(self._objects)

    def keys(self, folder: str = "") -> Iterator[str]:
        self.open.wait(20)
        self._check()
        return super().keys(folder)

    def read(self, key: str) -> Stored:
        self._check()
        return super().read(key)

    def _put_object(self, key: str, data: bytes) -> str:
        self._check()
        self.written.append(key)
        self._clock.sleep(0.0001)  # of two writes, the times tell which was first
        return super()._put_object(key, data)

    def _check(self) -> None:
        if self.error is not None:
            raise self.error
