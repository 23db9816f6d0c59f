"""What an instance group's instances come to: how many are ready, and how many have to be replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kops_tui.styled_text import Line, Span, Tone, count, line

if TYPE_CHECKING:
    from kops_core import GroupStatus


def ready_count(group: GroupStatus) -> int:
    """Instances that are in service."""
    return sum(each.state == "InService" for each in group.instances)


def outdated_count(group: GroupStatus) -> int:
    """Instances that have to be replaced."""
    return sum(bool(each.reason) for each in group.instances)


def update_cell(group: GroupStatus) -> Line:
    """The cell that says how many instances have to be replaced."""
    outdated = outdated_count(group)
    if outdated:
        return line(Span(f"~ {count(outdated, 'needs', 'need')} update", Tone.WARN))
    return line(Span("up to date", Tone.GOOD)) if group.instances else line(Span("none yet", Tone.MUTED))
