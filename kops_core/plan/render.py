"""Renders plans: as text of 80 columns, and as a tree of groups for screens."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from kops_core.api.path import render as render_path
from kops_core.escaping import printable
from kops_core.model.kind_spec import Area, Risk
from kops_core.plan.changes import (
    STATE,
    Action,
    CauseGroup,
    CauseKind,
    Change,
    FieldChange,
    Plan,
    Unknown,
)
from kops_core.plan.manifest_diff import LIVE, ObjectChange, changes_of, goes_live

WIDTH = 80
LONG = 60
"""Longer values get lines of their own."""
CONTEXT = 2
"""Unchanged lines shown around a difference."""


@dataclass(frozen=True)
class Branch:
    """Changes of one kind."""

    kind: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Group:
    """The changes of an area, e.g. ``Network``."""

    title: str
    branches: tuple[Branch, ...]

    @property
    def changes(self) -> tuple[Change, ...]:
        """All changes in it."""
        return tuple(change for branch in self.branches for change in branch.changes)

    def counts(self) -> dict[Action, int]:
        """The number of changes by action, without zeros."""
        found: dict[Action, int] = {}
        for change in self.changes:
            found[change.action] = found.get(change.action, 0) + 1
        return found


def tree(plan: Plan, *, kept: bool = False) -> tuple[Group, ...]:
    """The plan as groups of kinds, without empty ones; ``kept``: also no-ops."""
    shown = [change for change in plan.changes if kept or change.action is not Action.NO_OP]
    by_area: dict[Area, dict[str, list[Change]]] = {area: {} for area in Area}
    for change in shown:
        by_area[change.area].setdefault(change.key.kind, []).append(change)
    return tuple(
        Group(area.value, tuple(Branch(kind, tuple(changes)) for kind, changes in kinds.items()))
        for area, kinds in by_area.items()
        if kinds
    )


def text(plan: Plan, *, kept: bool = False) -> str:
    """The whole plan as plain text."""
    return "\n".join(_lines(plan, kept=kept)) + "\n"


def summary(plan: Plan) -> str:
    """A line with the number of resources by action."""
    counts = [f"{plan.count(action)} {words}" for action, words in _COUNTED.items() if plan.count(action)]
    if not counts:
        return f"{plan.cluster} is up to date: nothing to do."
    return f"{plan.cluster}: {', '.join(counts)}."


_COUNTED = {
    Action.CREATE: "to create",
    Action.UPDATE: "to update",
    Action.REPLACE: "to replace",
    Action.DELETE: "to delete",
    Action.RETAIN: "to retain",
    Action.BLOCKED: "in the way",
}


def rolled(plan: Plan) -> tuple[str, ...]:
    """The instance groups that need a rolling update after the plan was applied."""
    return tuple(dict.fromkeys(name for change in plan.changes for name in change.rolls))


def _lines(plan: Plan, *, kept: bool) -> Iterator[str]:
    for group in tree(plan, kept=kept):
        yield f"{group.title} ({_counted(group)})"
        for change in group.changes:
            yield from change_lines(change, plan)
        yield ""
    for title, notes in (("Errors", plan.errors), ("Warnings", plan.warnings)):
        if notes:
            yield title
            for note in notes:
                yield from wrap(note, WIDTH, initial_indent="  ", subsequent_indent="    ")
            yield ""
    if plan.deferred:
        yield "Deleted only when pruning"
        yield from (f"  - {printable(str(change.key))}" for change in plan.deferred)
        yield ""
    yield from _causes(plan)
    if plan.left_out:
        yield "Left out, because the plan is limited to other resources"
        yield from (f"    {printable(str(key))}" for key in plan.left_out)
        yield ""
    yield summary(plan)
    if groups := rolled(plan):
        yield from wrap(f"Needs a rolling update: {', '.join(groups)}.", WIDTH)
    if plan.errors:
        yield "It can't be applied: see the errors above."
    if plan.count(Action.BLOCKED):
        yield "It can't be applied: what is in the way is not the cluster's and has to go first."


def _causes(plan: Plan) -> Iterator[str]:
    causes = [each for each in plan.causes if each.kind is not CauseKind.FIRST_APPLY]
    if causes:
        yield "By cause"
        for each in causes:
            yield from wrap(_cause(each), WIDTH, initial_indent="  ", subsequent_indent="    ")
        yield ""


def _cause(group: CauseGroup) -> str:
    """A cause with its values, and how much follows from it."""
    words = [render_path(group.path) if group.path else group.kind.value]
    if group.before is not None or group.after is not None:
        words.append(f"{_quoted(group.before)} -> {_quoted(group.after)}")
    waiting = f", {len(group.deferred)} deleted only when pruning" if group.deferred else ""
    return f"{printable(' '.join(words))}: {len(group.changes)} to change{waiting}"


def _counted(group: Group) -> str:
    return ", ".join(f"{number} {action.value}" for action, number in group.counts().items())


def change_lines(change: Change, plan: Plan) -> Iterator[str]:
    """The lines of a change: name, risk, reason and fields."""
    label = f"  {printable(change.label)}" if change.label and change.label != change.key.name else ""
    yield f"  {change.action.glyph:>3} {printable(str(change.key))}{label}"
    if change.note:
        yield from wrap(printable(change.note), WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 10)
    if goes_live(change):
        yield from wrap(f"! {LIVE}", WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 10)
    elif change.risk is not Risk.NONE:
        yield f"        ! {change.risk.value}" + (
            f": {printable(', '.join(change.rolls))}" if change.rolls else ""
        )
    if change.action in (Action.UPDATE, Action.REPLACE) and change.spec_paths:
        paths = printable(", ".join(render_path(path) for path in change.spec_paths[:3]))
        more = len(change.spec_paths) - 3
        because = f"because of {paths}" + (f" and {more} more" if more > 0 else "")
        yield from wrap(because, WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 10)
    if change.key.kind == STATE:
        keys = [key for each in change.fields for key in (each.before or "").splitlines()]
        yield from (f"        {printable(key)}" for key in keys)
    elif change.action is not Action.DELETE:
        for each in change.fields:
            objects = changes_of(change, each, plan)
            yield from object_lines(objects) if objects else field_lines(each)


def object_lines(objects: Iterable[ObjectChange]) -> Iterator[str]:
    """The lines of added, changed and removed objects in a file, with changed fields."""
    for one in objects:
        margin = 10
        if one.name:
            yield _cut(f"        {one.action.glyph} {printable(one.name)}{_fate(one)}")
        else:
            margin = 8
        for each in one.fields:
            line = f"{' ' * margin}{printable(each.path)}: {_quoted(each.before)} -> {_quoted(each.after)}"
            if len(line) <= WIDTH:
                yield line
                continue
            yield _cut(f"{' ' * margin}{printable(each.path)}:")
            for sign, value in (("-", each.before), ("+", each.after)):
                if value is not None:
                    yield _cut(f"{' ' * margin}  {sign} {printable(value)}")


def _fate(one: ObjectChange) -> str:
    if one.pruned is None:
        return ""
    return "  (pruned: the cluster loses it)" if one.pruned else "  (stays in the cluster: not pruned)"


def field_lines(each: FieldChange) -> Iterator[str]:
    """The lines of a field before and after: one line if it fits, else a diff."""
    mark = "  (forces replacement)" if each.forces_replace else ""
    after = str(each.after) if isinstance(each.after, Unknown) else each.after
    if each.before is None:
        yield from _new_value(each.name, after or "")
        return
    short = max(len(each.before), len(after or "")) <= LONG and "\n" not in each.before + (after or "")
    if short or isinstance(each.after, Unknown):
        line = f"        {each.name}: {_quoted(each.before)} -> {_quoted(after)}{mark}"
        if len(line) <= WIDTH:
            yield line
            return
        yield f"        {each.name}:{mark}"
        yield from (_cut(f"          - {part}") for part in each.before.splitlines())
        yield _cut(f"          + {after}")
        return
    yield f"        {each.name}:{mark}"
    yield from _difference(each.before, after or "")


def _new_value(name: str, value: str) -> Iterator[str]:
    lines = value.splitlines()
    if len(lines) <= 1:
        yield _cut(f"        {name}: {_quoted(value)}")
    elif len(lines) > 12:
        yield f"        {name}: ({len(lines)} lines)"
    else:
        yield f"        {name}:"
        yield from (_cut(f"          {line}") for line in lines)


def _difference(before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=CONTEXT)
    for number, line in enumerate(lines):
        if number < 2:
            continue
        yield "          ..." if line.startswith("@@") else _cut(f"          {line[:1]} {line[1:]}".rstrip())


def _quoted(value: str | None) -> str:
    if value is None:
        return "(unset)"
    return printable(value) if value and not value.isspace() else '""'


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."
