"""A plan as rows: by cause or by kind, the changes, and what is known about those that are opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kops_core import (
    Action,
    CauseGroup,
    CauseKind,
    Change,
    FieldPath,
    Plan,
    ResourceKey,
    Risk,
    render_path,
)
from kops_tui.resource_words import kind_word, kind_words, short_name
from kops_tui.screens.plan_details import TONES, before_and_after, detail_lines, headline
from kops_tui.screens.plan_summary import rolled, stays_open, worst
from kops_tui.styled_text import Line, Span, Tone, count, fit, joined, line, width
from kops_tui.terminal import Glyphs
from kops_tui.widgets.rows import Row

_RISKS = {Risk.INTERRUPTS_API: Tone.BAD, Risk.DELETES_DATA: Tone.BAD}


@dataclass(frozen=True)
class KindKey:
    """The heading over the changes of one kind."""

    kind: str
    """"" for the deletions that wait for pruning."""


@dataclass(frozen=True)
class CauseKey:
    """The heading over the changes of one cause."""

    kind: CauseKind
    path: FieldPath

    @classmethod
    def of(cls, group: CauseGroup) -> CauseKey:
        """The key of a cause."""
        return cls(group.kind, group.path)


@dataclass(frozen=True)
class ChangeKey:
    """A change of one resource."""

    kind: str
    name: str

    @classmethod
    def of(cls, change: Change) -> ChangeKey:
        """The key of a change."""
        return cls(change.key.kind, change.key.name)

    @property
    def resource(self) -> ResourceKey:
        """The key of the resource."""
        return ResourceKey(self.kind, self.name)


@dataclass(frozen=True)
class DetailKey:
    """A line about a change that is opened."""

    change: ChangeKey
    line: int


HeadingKey: TypeAlias = KindKey | CauseKey
PlanKey: TypeAlias = HeadingKey | ChangeKey | DetailKey


def change_of(key: PlanKey | None) -> ChangeKey | None:
    """The change that a row is about; None for headings."""
    return key.change if isinstance(key, DetailKey) else key if isinstance(key, ChangeKey) else None


@dataclass
class TreeState:
    """Which headings and changes are open, and which changes are shown."""

    folded: set[HeadingKey] = field(default_factory=set)
    """Headings that are closed."""
    opened: set[ChangeKey] = field(default_factory=set)
    """Changes that show their fields."""
    diffs: set[ChangeKey] = field(default_factory=set)
    """Changes that show the lines that differ."""
    action: Action | None = None
    show_no_ops: bool = False
    """Whether resources that stay as they are are shown, too."""
    by_cause: bool = True
    """Whether changes are under their causes, where these are known; else under their kinds."""


def has_causes(plan: Plan) -> bool:
    """Whether the plan can be shown by cause: all of a first apply has one."""
    return any(group.kind is not CauseKind.FIRST_APPLY for group in plan.causes)


def tree(
    plan: Plan, state: TreeState, glyphs: Glyphs, passes: Callable[[str], bool], width: int
) -> list[Row[PlanKey]]:
    """The rows of a plan, wrapped to ``width``; ``passes`` says which texts the filter lets through."""
    made = _Tree(plan, state, glyphs, passes, width)
    if state.by_cause and has_causes(plan):
        unchanged = [each for each in plan.changes if not each.action.acts]
        return [*made.by_cause(), *made.by_kind(unchanged)]
    return [*made.by_kind(plan.changes), *made.waiting()]


@dataclass(frozen=True)
class _Tree:
    """A plan with all that its rows depend on."""

    plan: Plan
    state: TreeState
    glyphs: Glyphs
    passes: Callable[[str], bool]
    width: int

    def by_kind(self, changes: Sequence[Change]) -> Iterator[Row[PlanKey]]:
        """The changes under headings of their kinds."""
        by_kind: dict[str, list[Change]] = {}
        for change in changes:
            if self._is_shown(change):
                by_kind.setdefault(change.key.kind, []).append(change)
        for kind, members in by_kind.items():
            counts = Counter(change.action for change in members)
            told = joined(
                [Span(f"{each.glyph} {counts[each]}", TONES[each]) for each in Action if counts[each]], "  "
            )
            key = KindKey(kind)
            yield Row(key, (line(self._sign(key), Span(kind_words(kind), Tone.STRONG), "  ", told),))
            if key not in self.state.folded:
                for change in members:
                    yield from self._change_rows(change)

    def by_cause(self) -> Iterator[Row[PlanKey]]:
        """The changes, and the deletions that wait, under their causes."""
        pending = {change.key: change for change in self.plan.pending}
        deferred = {change.key: change for change in self.plan.deferred}
        for group in self.plan.causes:
            changes = [pending[key] for key in group.changes if key in pending]
            waiting = [deferred[key] for key in group.deferred if key in deferred]
            shown = [each for each in changes if self._is_shown(each, _title(group))]
            held = [each for each in waiting if self._is_held(each, _title(group))]
            if not shown and not held and (changes or waiting or not self._is_idle_shown(group)):
                continue
            key = CauseKey.of(group)
            yield Row(key, (self._cause_line(group, changes, waiting),))
            if key not in self.state.folded:
                for change in shown:
                    yield from self._change_rows(change, under_cause=True)
                for change in held:
                    yield from self._waiting_rows(change, under_cause=True)

    def waiting(self) -> Iterator[Row[PlanKey]]:
        """The deletions that wait for pruning, under a heading of their own."""
        held = [each for each in self.plan.deferred if self._is_held(each)]
        if held:
            title = Span("not deleted by this plan: they wait for pruning", Tone.WARN)
            yield Row(_DEFERRED, (line(self._sign(_DEFERRED), title, Span(f"  {len(held)}", Tone.WARN)),))
            for change in () if _DEFERRED in self.state.folded else held:
                yield from self._waiting_rows(change)

    def _sign(self, key: HeadingKey) -> str:
        return f"{self.glyphs.closed if key in self.state.folded else self.glyphs.open} "

    def _is_shown(self, change: Change, cause: str = "") -> bool:
        if change.action is Action.NO_OP and not self.state.show_no_ops:
            return False
        if self.state.action is not None and change.action is not self.state.action:
            return False
        kind = kind_words(change.key.kind)
        return self.passes(f"{change.key} {change.label} {change.action.value} {kind} {cause}")

    def _is_held(self, change: Change, cause: str = "") -> bool:
        if self.state.action not in (None, Action.DELETE):
            return False
        return self.passes(f"{change.key} delete pruning {kind_words(change.key.kind)} {cause}")

    def _is_idle_shown(self, group: CauseGroup) -> bool:
        """Whether a cause is shown that nothing follows from."""
        return self.state.action is None and self.passes(_title(group))

    def _cause_line(self, group: CauseGroup, changes: Sequence[Change], waiting: Sequence[Change]) -> Line:
        """The cause, its values, and at the right end what it means."""
        sign, title = self._sign(CauseKey.of(group)), _title(group)
        means = _meaning(changes, waiting)
        values: Line = ()
        if group.before is not None or group.after is not None:
            before = "(unset)" if group.before is None else group.before
            after = "(removed)" if group.after is None else group.after
            left = self.width - len(sign) - len(title) - 3 - width(means) - width(_mark(group))
            values = line(" ", before_and_after(before, after, self.glyphs, left))
        told = line(sign, Span(title, Tone.STRONG), values, _mark(group))
        gap = " " * max(2, self.width - width(told) - width(means))
        return line(told, gap, means)

    def _change_rows(self, change: Change, *, under_cause: bool = False) -> Iterator[Row[PlanKey]]:
        key, tone = ChangeKey.of(change), TONES[change.action]
        head = line(Span(f"    {change.action.glyph:>3} ", tone))
        if under_cause:
            name = short_name(change.label or change.key.name, self.plan.cluster)
            effect = () if change.rolls else _effect(change)  # the cause tells which groups roll
            head = line(head, f"{kind_word(change.key.kind)} ", Span(name, Tone.STRONG), effect)
            left = self.width - width(head) - 2
            about = headline(change, self.plan, self.glyphs, left) if left > _LEAST_ABOUT else ()
        else:
            name = change.label or change.key.name
            head = line(
                head, Span(name, Tone.STRONG), Span(f"  {change.action.value}", tone), _effect(change)
            )
            about = line(_about(change))
        yield Row(key, (line(head, "  " if about else "", about),))
        yield from self._detail_rows(change)

    def _waiting_rows(self, change: Change, *, under_cause: bool = False) -> Iterator[Row[PlanKey]]:
        if under_cause:
            told = self._waiting_line(change)
        else:
            values = ", ".join(f"{each.name} {each.before}" for each in change.fields if each.before)
            told = line("        ", Span(str(change.key), Tone.STRONG), Span("  stays", Tone.WARN))
            told = line(told, f"  {values}" if values else "")
        yield Row(ChangeKey.of(change), (told,))
        yield from self._detail_rows(change)

    def _waiting_line(self, change: Change) -> Line:
        """What waits for pruning, and at the right end what that means until then."""
        exposed = stays_open(change)
        means = Span("STAYS OPEN until pruned" if exposed else "stays until pruned", _WAITING_TONES[exposed])
        name = Span(short_name(change.label or change.key.name, self.plan.cluster), Tone.STRONG)
        head = line(Span("      ! ", Tone.WARN), f"{kind_word(change.key.kind)} ", name)
        return line(fit(head, self.width - len(means.text) - 2, self.glyphs.more), "  ", means)

    def _detail_rows(self, change: Change) -> Iterator[Row[PlanKey]]:
        key = ChangeKey.of(change)
        if key in self.state.opened:
            details = detail_lines(change, self.plan, self.glyphs, self.width, diffs=key in self.state.diffs)
            for at, text in enumerate(details):
                yield Row(DetailKey(key, at), (text,))


_DEFERRED = KindKey("")
"""The heading over the deletions that wait for pruning."""
_WAITING_TONES = {True: Tone.BAD, False: Tone.WARN}
"""Tones of what waits for pruning: whether it leaves something open."""
_LEAST_ABOUT = 24
"""Cells under which it is not told beside a change what differs."""


def _title(group: CauseGroup) -> str:
    """The name of a cause."""
    path = group.path
    if not path:
        return group.kind.value
    if path[0] == "instanceGroups":
        rest = render_path(path[3:] if path[2:3] == ("spec",) else path[2:])
        return f"{path[1]}: {rest}" if rest else f"{path[1]}: instance group"
    return render_path(path[1:] if path[0] == "spec" else path)


def _mark(group: CauseGroup) -> Line:
    """Whether the edit is saved, and whether it is certain that it is the cause."""
    if group.kind is CauseKind.UNSAVED:
        return line(Span("  unsaved", Tone.WARN))
    if group.kind is CauseKind.OTHER and group.path:
        return line(Span("  changed in the spec or in the account", Tone.MUTED))
    return ()


def _meaning(changes: Sequence[Change], waiting: Sequence[Change]) -> Line:
    """What follows from a cause for what is running, the worst of it."""
    risk, groups = worst(changes), rolled(changes)
    if risk in _RISKS:
        return line(Span(risk.value, _RISKS[risk]))
    if groups:
        told = f"{len(groups)} groups roll" if len(groups) > 1 else f"{groups[0]} rolls"
        return line(Span(told, Tone.WARN))
    if changes:
        return line("at once")
    return line(Span("waits for pruning", Tone.WARN) if waiting else Span("nothing of its own", Tone.MUTED))


def _about(change: Change) -> str:
    """What differs, in a few words."""
    names = [each.name for each in change.fields]
    if change.note or change.label:
        return change.note or change.key.name
    if change.action is Action.CREATE:
        return count(len(names), "field") if names else ""
    if change.action is Action.NO_OP:
        return change.reason.value
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _effect(change: Change) -> Line:
    """What a change does to what is running."""
    if change.rolls:
        return line(Span(f"  rolls {', '.join(change.rolls)}", Tone.WARN))
    if change.risk in (Risk.NONE, Risk.ROLLS_NODES) or change.action is Action.NO_OP:
        return ()
    return line(Span(f"  {change.risk.value}", _RISKS.get(change.risk, Tone.MUTED)))
