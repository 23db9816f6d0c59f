"""Which changes of a plan are marked to be applied: single ones, or all under a heading."""

from __future__ import annotations

from collections.abc import Collection

from kops_core import Plan
from kops_tui.screens.plan_tree import CauseKey, ChangeKey, KindKey, PlanKey, change_of


class Marks:
    """The changes of a plan that can be marked, by the headings that they are under."""

    def __init__(self, plan: Plan | None) -> None:
        pending = [] if plan is None else [ChangeKey.of(change) for change in plan.pending]
        self._all = frozenset(pending)
        self._below: dict[PlanKey, frozenset[ChangeKey]] = {}
        for key in pending:
            heading = KindKey(key.kind)
            self._below[heading] = self._below.get(heading, frozenset()) | {key}
        for group in plan.causes if plan is not None else ():
            members = frozenset(ChangeKey(key.kind, key.name) for key in group.changes)
            self._below[CauseKey.of(group)] = members & self._all

    @property
    def keys(self) -> frozenset[PlanKey]:
        """Everything that can be marked."""
        return self._all | self._below.keys()

    def below(self, key: PlanKey) -> frozenset[ChangeKey]:
        """The changes that a row stands for: of a heading, all under it."""
        change = change_of(key)
        return frozenset({change}) & self._all if change is not None else self._below.get(key, frozenset())

    def marked(self, marked: Collection[PlanKey]) -> list[ChangeKey]:
        """The changes among what is marked."""
        return [key for key in marked if isinstance(key, ChangeKey) and key in self._all]

    def toggled(self, marked: Collection[PlanKey], changes: Collection[ChangeKey]) -> set[PlanKey]:
        """What is marked after the marks of some changes were set, or taken away if all were set.

        A heading is marked if everything under it is.
        """
        before = set(self.marked(marked))
        after = before - set(changes) if before >= set(changes) else before | set(changes)
        return {*after, *(key for key, below in self._below.items() if below and below <= after)}
