"""What a plan means for what is running: how much it changes, and the worst of it first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kops_core import Action, Change, Plan, Risk, severity
from kops_tui.screens.plan_details import TONES
from kops_tui.styled_text import Line, Span, Tone, count, joined, line

if TYPE_CHECKING:
    from kops_core import GroupStatus

_FIREWALL_RULES = "SecurityGroupRule"


def totals(plan: Plan) -> Line:
    """``+ 1  ~ 7  -/+ 0  - 0   no-op 171``."""
    return line(counts(plan), Span(f"   no-op {plan.count(Action.NO_OP)}", Tone.MUTED))


def counts(plan: Plan) -> Line:
    """``+ 1  ~ 7  -/+ 0  - 0``."""
    parts = [
        Span(f"{action.glyph} {plan.count(action)}", TONES[action] if plan.count(action) else Tone.MUTED)
        for action in (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)
    ]
    return joined(parts, "  ")


def worst(changes: Sequence[Change]) -> Risk:
    """The greatest risk of any change."""
    return max((change.risk for change in changes), key=severity, default=Risk.NONE)


def rolled(changes: Sequence[Change]) -> list[str]:
    """Instance groups whose nodes the changes make out of date."""
    return sorted({group for change in changes for group in change.rolls})


def stays_open(change: Change) -> bool:
    """Whether something stays reachable until the deletion is made."""
    return change.action is Action.DELETE and change.key.kind == _FIREWALL_RULES


def worst_first(plan: Plan, groups: Mapping[str, GroupStatus], dot: str) -> Line:
    """What the plan means for what is running, the worst first.

    groups: the instance groups by name, as far as they are known.
    """
    by_risk = Counter(change.risk for change in plan.pending)
    lost = [change.label or change.key.name for change in plan.pending if change.risk is Risk.DELETES_DATA]
    return line(
        joined(
            [
                Span(f"deletes data: {_some(lost)}", Tone.BAD) if lost else "",
                _api(plan, groups),
                _nodes(plan, groups),
                f"{by_risk[Risk.LIVE]} live at once" if by_risk[Risk.LIVE] else "",
            ],
            f" {dot} ",
        )
    )


def what_waits(plan: Plan) -> Line:
    """What waits for pruning, and what that leaves open; () if nothing waits."""
    if not plan.deferred:
        return ()
    exposed = sum(map(stays_open, plan.deferred))
    return line(
        Span(count(len(plan.deferred), "deletion waits", "deletions wait"), Tone.WARN),
        Span(" for pruning", Tone.WARN),
        Span(f", {count(exposed, 'firewall rule stays', 'firewall rules stay')} open", Tone.BAD)
        if exposed
        else "",
        Span(": ", Tone.WARN),
        Span("X", Tone.KEY),
        " plans with them",
    )


def _api(plan: Plan, groups: Mapping[str, GroupStatus]) -> Line:
    """Whether the API goes away, now or while nodes are replaced."""
    if any(change.risk is Risk.INTERRUPTS_API for change in plan.pending):
        return line(Span("interrupts the API", Tone.BAD))
    names = rolled(plan.pending)
    if names and not groups:  # not known yet
        return ()
    serving = [each for each in groups.values() if each.role in ("ControlPlane", "APIServer")]
    alone = sum(len(each.instances) for each in serving) == 1
    if alone and any(each.name in names for each in serving):
        return line(Span("API away while its only node is replaced", Tone.BAD))
    return line("the API stays up")


def _nodes(plan: Plan, groups: Mapping[str, GroupStatus]) -> Line:
    """Which nodes have to be replaced after the plan was applied."""
    names = rolled(plan.pending)
    if not names:
        return line("no node has to be replaced")
    if any(name not in groups for name in names):
        return line(Span(f"nodes of {', '.join(names)} need a rolling update after", Tone.WARN))
    nodes = {name: groups[name].instances for name in names if groups[name].instances}
    if not nodes:
        return line(f"{', '.join(names)}: no node is running")
    shown = [
        f"{each[0].id} ({name})" if len(each) == 1 else f"{len(each)} of {name}"
        for name, each in nodes.items()
    ]
    total = count(sum(map(len, nodes.values())), "node")
    return line(Span(f"rolls {total}: {', '.join(shown)}", Tone.WARN))


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")
