"""Offering unsaved edits that an earlier run of the program left on disk, and taking them up again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from kops_core import KeptEdits
from kops_tui.dialogs.confirm import Question
from kops_tui.host import ScreenHost
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.screens.spec import SpecPage
from kops_tui.styled_text import Span, Tone, age, count, line

_SHOWN = 4
"""Clusters that the question names; the others are counted."""


def offer_edits(host: ScreenHost, left: Sequence[KeptEdits]) -> None:
    """Ask whether edits that an earlier run left should be taken up."""
    host.confirm(restore_question(left, host.now()), partial(_open_clusters, host, left))


def restore_question(left: Sequence[KeptEdits], now: datetime) -> Question:
    """The question whether to take up what an earlier run left."""
    lines = []
    for each in left[:_SHOWN]:
        when = age(each.at, now)
        edits = f"{count(len(each.what), 'edit')}, {'now' if when == 'now' else f'{when} ago'}: "
        shown = ", ".join(each.what[:3]) + (" ..." if len(each.what) > 3 else "")
        lines.append(line(Span(each.cluster, Tone.STRONG), f"  {edits}", shown))
    if len(left) > _SHOWN:
        lines.append(line(f"and {count(len(left) - _SHOWN, 'more cluster')}"))
    lines.append(line("They were not saved when kops-tui ended. Nothing is written by taking them up."))
    return Question(
        "Take up the edits that were not saved?", tuple(lines), yes="take them up", no="not now, ask again"
    )


def _open_clusters(host: ScreenHost, left: Sequence[KeptEdits]) -> None:
    page = host.screen
    if isinstance(page, Page):
        for kept in left:
            page.run_query(
                f"reading {kept.cluster}",
                partial(host.engine.open, kept.cluster),
                partial(_take_up, host, kept, only=len(left) == 1),
                group=f"kept {kept.file}",
            )


def _take_up(host: ScreenHost, kept: KeptEdits, workspace: Workspace, *, only: bool) -> None:
    # Two runs may have left edits of the same cluster: the later ones come on top.
    workspace = host.session.workspace(kept.cluster) or workspace
    same = workspace.take_up(kept)
    host.session.add_workspace(workspace)
    host.edits_changed(workspace)
    if kept.file is not None:
        kept.file.unlink(missing_ok=True)
    if only and workspace.edits:
        host.push_screen(SpecPage(kept.cluster, only="changed"))
    if not same:
        host.show_notice(
            f"{kept.cluster} was changed meanwhile: your edits were made on what it is now, look at them"
        )
