"""A secret value that is never printed."""

from __future__ import annotations


class Secret:
    """Bytes that only ``reveal`` returns; ``repr`` hides them. Equal by content."""

    __slots__ = ("_data",)

    def __init__(self, data: bytes) -> None:
        self._data = bytes(data)

    def reveal(self) -> bytes:
        """The bytes. Never to be logged, printed or put into an error."""
        return self._data

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._data == other._data

    def __hash__(self) -> int:
        return hash(self._data)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a secret is not to be pickled or copied")
