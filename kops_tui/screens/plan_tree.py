"""A plan as rows: kinds, the changes in them, why, and field by field what differs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kops_core import (
    LIVE,
    STATE,
    Action,
    Change,
    FieldChange,
    ObjectChange,
    Plan,
    Risk,
    goes_live,
    object_changes,
    render_path,
)
from kops_tui.field_diff import DiffLine, diff_lines, tally
from kops_tui.styled_text import Line, Span, Tone, count, joined, line, wrap
from kops_tui.terminal import Glyphs
from kops_tui.widgets.rows import Row

TONES = {
    Action.CREATE: Tone.GOOD,
    Action.UPDATE: Tone.WARN,
    Action.REPLACE: Tone.BAD,
    Action.DELETE: Tone.BAD,
    Action.RETAIN: Tone.MUTED,
    Action.BLOCKED: Tone.WARN,
    Action.NO_OP: Tone.MUTED,
}
_RISKS = {Risk.INTERRUPTS_API: Tone.BAD, Risk.DELETES_DATA: Tone.BAD}
_SEVERITY = list(Risk)
_PLURALS = {
    "DHCPOptions": "DHCP options",
    "EBSVolume": "etcd volumes",
    "ManagedFile": "store objects",
    "NatGateway": "NAT gateways",
    "SQS": "SQS queues",
}
_PROPER = {"Amazon": "Amazon"}
"""Names that keep their capital letter."""
_INDENT = 14
"""Cells by which the second line of something long is indented."""
_DIFF_TONES = {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.MUTED, " ": Tone.MUTED}


@dataclass(frozen=True)
class KindKey:
    """The heading over the changes of one kind."""

    kind: str
    """"" for the deletions that wait for pruning."""


@dataclass(frozen=True)
class ChangeKey:
    """A change of one resource."""

    kind: str
    name: str

    @classmethod
    def of(cls, change: Change) -> ChangeKey:
        """The key of a change."""
        return cls(change.key.kind, change.key.name)


@dataclass(frozen=True)
class DetailKey:
    """A line about a change that is opened."""

    change: ChangeKey
    line: int


PlanKey: TypeAlias = KindKey | ChangeKey | DetailKey


def change_of(key: PlanKey | None) -> ChangeKey | None:
    """The change that a row is about; None for headings."""
    return key.change if isinstance(key, DetailKey) else key if isinstance(key, ChangeKey) else None


@dataclass
class TreeState:
    """Which headings and changes are open, and which changes are shown."""

    folded: set[KindKey] = field(default_factory=set)
    """Headings that are closed."""
    opened: set[ChangeKey] = field(default_factory=set)
    """Changes that show their fields."""
    diffs: set[ChangeKey] = field(default_factory=set)
    """Changes that show the lines that differ."""
    action: Action | None = None
    show_no_ops: bool = False
    """Whether resources that stay as they are are shown, too."""


def kind_words(kind: str) -> str:
    """``launch templates`` for ``LaunchTemplate``."""
    if kind in _PLURALS:
        return _PLURALS[kind]
    words = re.findall(r"IPv6|CIDR|DHCP|VPC|IAM|OIDC|[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+", kind) or [kind]
    text = " ".join(_PROPER.get(word) or (word if not word[1:].islower() else word.lower()) for word in words)
    if text.endswith("y") and text[-2:-1] not in "aeiou":
        return text[:-1] + "ies"
    return text if text.endswith("s") else text + "s"


def totals(plan: Plan) -> Line:
    """``+ 1  ~ 7  -/+ 0  - 0   no-op 171``."""
    parts = [
        Span(f"{action.glyph} {plan.count(action)}", TONES[action] if plan.count(action) else Tone.MUTED)
        for action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)
    ]
    return line(joined(parts, "  "), Span(f"   no-op {plan.count(Action.NO_OP)}", Tone.MUTED))


def worst(plan: Plan) -> Risk:
    """The greatest risk of any change."""
    return max((change.risk for change in plan.pending), key=_SEVERITY.index, default=Risk.NONE)


def rolled(plan: Plan) -> list[str]:
    """Instance groups whose nodes the plan makes out of date."""
    return sorted({group for change in plan.pending for group in change.rolls})


def risk_line(plan: Plan, dot: str) -> Line:
    """What the plan means for what is running, in a sentence."""
    groups = rolled(plan)
    by_risk = Counter(change.risk for change in plan.pending)
    interrupts = by_risk[Risk.INTERRUPTS_API]
    deletes = by_risk[Risk.DELETES_DATA]
    return line(
        Span("risk ", Tone.MUTED),
        joined(
            [
                Span(f"deletes data ({deletes})", Tone.BAD) if deletes else "",
                Span("interrupts the API", Tone.BAD) if interrupts else "the API stays up",
                Span(f"nodes of {', '.join(groups)} need a rolling update after", Tone.WARN)
                if groups
                else "no node has to be replaced",
                f"{by_risk[Risk.LIVE]} live at once" if by_risk[Risk.LIVE] else "",
            ],
            f" {dot} ",
        ),
    )


def tree(
    plan: Plan, state: TreeState, glyphs: Glyphs, passes: Callable[[str], bool], width: int
) -> list[Row[PlanKey]]:
    """The rows of a plan, wrapped to ``width``; ``passes`` says which texts the filter lets through."""
    by_kind: dict[str, list[Change]] = {}
    for change in plan.changes:
        if change.action is Action.NO_OP and not state.show_no_ops:
            continue
        if state.action is not None and change.action is not state.action:
            continue
        if not passes(f"{change.key} {change.label} {change.action.value} {kind_words(change.key.kind)}"):
            continue
        by_kind.setdefault(change.key.kind, []).append(change)
    rows: list[Row[PlanKey]] = []
    for kind, changes in by_kind.items():
        closed = KindKey(kind) in state.folded
        sign = glyphs.closed if closed else glyphs.open
        counts = Counter(change.action for change in changes)
        told = joined(
            [Span(f"{action.glyph} {counts[action]}", TONES[action]) for action in Action if counts[action]],
            "  ",
        )
        rows.append(Row(KindKey(kind), (line(f"{sign} ", Span(kind_words(kind), Tone.STRONG), "  ", told),)))
        if not closed:
            for change in changes:
                rows.extend(_change_rows(change, plan, state, glyphs, width))
    return rows + _deferred_rows(plan, state, glyphs, passes, width)


_DEFERRED = KindKey("")
"""The heading over the deletions that wait for pruning."""


def _deferred_rows(
    plan: Plan, state: TreeState, glyphs: Glyphs, passes: Callable[[str], bool], width: int
) -> list[Row[PlanKey]]:
    """The deletions that wait for pruning, under a heading of their own."""
    if state.action not in (None, Action.DELETE):
        return []
    held = [
        each for each in plan.deferred if passes(f"{each.key} delete pruning {kind_words(each.key.kind)}")
    ]
    if not held:
        return []
    closed = _DEFERRED in state.folded
    sign = glyphs.closed if closed else glyphs.open
    title = Span("not deleted by this plan: they wait for pruning", Tone.WARN)
    rows: list[Row[PlanKey]] = [Row(_DEFERRED, (line(f"{sign} ", title, Span(f"  {len(held)}", Tone.WARN)),))]
    for change in () if closed else held:
        key = ChangeKey.of(change)
        told = line(
            Span("        ", Tone.MUTED), Span(str(change.key), Tone.STRONG), Span("  stays", Tone.WARN)
        )
        values = ", ".join(f"{each.name} {each.before}" for each in change.fields if each.before)
        rows.append(Row(key, (line(told, f"  {values}" if values else ""),)))
        if key in state.opened:
            details = _detail_lines(change, plan, state, glyphs)
            cuts = [cut for each in details for cut in wrap(each, width, _INDENT)]
            rows += [Row(DetailKey(key, at), (text,)) for at, text in enumerate(cuts)]
    return rows


def _change_rows(
    change: Change, plan: Plan, state: TreeState, glyphs: Glyphs, width: int
) -> list[Row[PlanKey]]:
    key = ChangeKey.of(change)
    opened = key in state.opened
    tone = TONES[change.action]
    names = [each.name for each in change.fields]
    about = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    if change.action is Action.CREATE:
        about = count(len(names), "field") if names else ""
    if change.action is Action.NO_OP:
        about = change.reason.value
    if change.note or change.label:
        about = change.note or change.key.name
    result: list[Row[PlanKey]] = [
        Row(
            key,
            (
                line(
                    Span(f"    {change.action.glyph:>3} ", tone),
                    Span(change.label or change.key.name, Tone.STRONG),
                    Span(f"  {change.action.value}", tone),
                    *_effect_spans(change),
                    f"  {about}" if about else "",
                ),
            ),
        )
    ]
    if opened:
        details = [
            cut for each in _detail_lines(change, plan, state, glyphs) for cut in wrap(each, width, _INDENT)
        ]
        result += [Row(DetailKey(key, at), (text,)) for at, text in enumerate(details)]
    return result


def _effect_spans(change: Change) -> Line:
    """What a change does to what is running."""
    if change.rolls:
        return line(Span(f"  rolls {', '.join(change.rolls)}", Tone.WARN))
    if change.risk in (Risk.NONE, Risk.ROLLS_NODES) or change.action is Action.NO_OP:
        return ()
    return line(Span(f"  {change.risk.value}", _RISKS.get(change.risk, Tone.MUTED)))


def _detail_lines(change: Change, plan: Plan, state: TreeState, glyphs: Glyphs) -> list[Line]:
    pad = " " * 10
    lines = [line(Span(f"{pad}{change.reason.value}", Tone.MUTED))]
    if goes_live(change):
        lines.append(line(Span(f"{pad}{LIVE}", Tone.WARN)))
    if change.spec_paths:
        paths = [render_path(path) for path in change.spec_paths[:4]]
        more = len(change.spec_paths) - 4
        why = ", ".join(paths) + (f" and {more} more" if more > 0 else "")
        lines.append(line(Span(f"{pad}why ", Tone.MUTED), why))
    if change.rolls:
        lines.append(line(Span(f"{pad}rolls ", Tone.MUTED), Span(", ".join(change.rolls), Tone.WARN)))
    if change.needs:
        needs = ", ".join(str(key) for key in change.needs[:3])
        more = len(change.needs) - 3
        lines.append(
            line(Span(f"{pad}after ", Tone.MUTED), needs + (f" and {more} more" if more > 0 else ""))
        )
    diffs = ChangeKey.of(change) in state.diffs
    if change.key.kind == STATE:
        objects_there = [key for each in change.fields for key in (each.before or "").splitlines()]
        return lines + [line(f"{pad}{key}") for key in objects_there]
    for each in change.fields:
        objects = [] if change.action is Action.DELETE else object_changes(change, each, plan)
        lines += (
            _object_lines(objects, pad, diffs, glyphs) if objects else _field_lines(each, pad, diffs, glyphs)
        )
    return lines


def _object_lines(objects: Sequence[ObjectChange], pad: str, diffs: bool, glyphs: Glyphs) -> list[Line]:
    """What comes, changes and goes in a file; with ``diffs``, of what changes each field."""
    lines: list[Line] = []
    for one in objects:
        told = count(len(one.fields), "field") if one.fields else one.action.value
        if one.pruned is not None:
            told = "pruned: the cluster loses it" if one.pruned else "stays in the cluster: not pruned"
        hint = Span("  v shows them", Tone.MUTED) if one.fields and not diffs else Span("")
        name = Span(f"{one.name or 'contents'}  ", Tone.STRONG)
        lines.append(line(Span(f"{pad}{one.action.glyph} ", TONES[one.action]), name, told, hint))
        for each in one.fields if diffs else ():
            before = "(unset)" if each.before is None else each.before
            after = "(unset)" if each.after is None else each.after
            values = (Span(before, Tone.BAD), Span(f" {glyphs.arrow} ", Tone.MUTED), Span(after, Tone.GOOD))
            lines.append(line(Span(f"{pad}    {each.path}  ", Tone.PLAIN), *values))
    return lines


def _field_lines(each: FieldChange, pad: str, diffs: bool, glyphs: Glyphs) -> list[Line]:
    found = diff_lines(each)
    forced = Span("  forces a new one", Tone.BAD) if each.forces_replace else Span("")
    head = Span(f"{pad}{each.name:<22} ", Tone.PLAIN)
    if not found:
        before = "" if each.before is None else each.before
        after = "" if each.after is None else str(each.after)
        arrow = f" {glyphs.arrow} "
        if each.before is None:
            return [line(head, Span(_one_line(after), Tone.GOOD), forced)]
        gone = Span("(removed)", Tone.BAD) if each.after is None else Span(_one_line(after), Tone.GOOD)
        return [line(head, Span(_one_line(before), Tone.BAD), Span(arrow, Tone.MUTED), gone, forced)]
    hint: Line = () if diffs else line(Span("  v shows the lines", Tone.MUTED))
    lines = [line(head, tally(found), hint, forced)]
    return lines + [_diff_line(part, pad, glyphs) for part in found] if diffs else lines


def _diff_line(part: DiffLine, pad: str, glyphs: Glyphs) -> Line:
    if part.sign == "@":
        return line(Span(f"{pad}  {glyphs.rule * 3}", Tone.MUTED))
    return line(Span(f"{pad}  {part.sign} {part.text}".replace("\t", "  "), _DIFF_TONES[part.sign]))


def _one_line(text: str) -> str:
    return text.replace("\n", " ") if text else '""'
