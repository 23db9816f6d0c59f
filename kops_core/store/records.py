"""Records of this program in the store, as JSON; whoever reads one expects that it may be damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kops_core.errors import StoreError


@contextmanager
def reading_record(damaged: str, *, where: str, remedy: str = "") -> Iterator[None]:
    """A block that reads a record: whatever is missing in it, or of another type, is a StoreError.

    damaged: the error's sentence.
    """
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(damaged, where=where, remedy=remedy) from error
