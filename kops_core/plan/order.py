"""The order of changes and steps by dependencies, with the standard library's topological sorter."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TypeVar

from kops_core.errors import KopsError

_K = TypeVar("_K", bound=Hashable)


class PlanFault(KopsError):
    """Resources depend on each other in a cycle, which is in the message: a bug of the program."""


def in_order(needs: Mapping[_K, Collection[_K]]) -> tuple[_K, ...]:
    """The keys, each after its dependencies, otherwise in the order given. Raises PlanFault.

    Dependencies that are not keys themselves are ignored.
    """
    sorter = TopologicalSorter({key: _within(needs, key) for key in needs})
    try:
        sorter.prepare()
    except CycleError as error:
        ring = " -> ".join(str(each) for each in reversed(error.args[1]))
        raise PlanFault(f"resources need each other in a circle: {ring}") from error
    position = {key: at for at, key in enumerate(needs)}
    keys = list(needs)
    ready: list[int] = []
    done: list[_K] = []
    while sorter.is_active():
        for key in sorter.get_ready():
            heappush(ready, position[key])
        done.append(keys[heappop(ready)])
        sorter.done(done[-1])
    return tuple(done)


def without_circles(needs: Mapping[_K, Collection[_K]]) -> dict[_K, tuple[_K, ...]]:
    """The dependencies without one of each cycle; references of existing resources may form some."""
    left = {key: list(_within(needs, key)) for key in needs}
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            needed, key = error.args[1][:2]
            left[key].remove(needed)
        else:
            return {key: tuple(needed) for key, needed in left.items()}


def _within(needs: Mapping[_K, Collection[_K]], key: _K) -> list[_K]:
    return [each for each in dict.fromkeys(needs[key]) if each in needs]
