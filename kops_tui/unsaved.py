"""Unsaved edits on disk: kept after every edit, forgotten once saved, offered at the next start."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from kops_core import KeptEdits, KopsError, forget_edits, keep_edits, left_edits
from kops_tui.ports import Workspace
from kops_tui.screens.page import Page
from kops_tui.styled_text import Span, Tone, age, count, line

if TYPE_CHECKING:
    from kops_tui.app import KopsApp
    from kops_tui.screens.confirm import Question


class UnsavedEdits:
    """What the app keeps of its workspaces' edits."""

    def __init__(self, app: KopsApp) -> None:
        self._app = app
        self._folder = app.engine.settings.state_dir

    def keep(self, workspace: Workspace) -> None:
        """I/O, a small file. Keep the edits of a workspace; without edits, forget what was kept."""
        page = self._app.screen
        try:
            if workspace.edits:
                keep_edits(self._folder, workspace.unsaved())
            else:
                forget_edits(self._folder, workspace.name)
        except (KopsError, OSError) as problem:
            if isinstance(page, Page):
                page.add_notice(f"{problem}: they would be lost if this program were killed")

    def keep_all(self, workspaces: Sequence[Workspace]) -> list[str]:
        """I/O. Keep all edits at the end of a run that goes wrong; the clusters whose edits are kept."""
        kept = []
        for each in workspaces:
            with suppress(KopsError, OSError):
                if each.edits:
                    keep_edits(self._folder, each.unsaved())
                    kept.append(each.name)
        return kept

    def forget(self, workspaces: Sequence[Workspace]) -> None:
        """I/O. Forget edits that were given up."""
        for each in workspaces:
            forget_edits(self._folder, each.name)

    def offer(self) -> None:
        """I/O. Ask whether edits that an earlier run left should be taken up."""
        stores = self._app.engine.settings.stores
        left = [each for each in left_edits(self._folder) if each.store in stores]
        if left:
            self._app.confirm(left_question(left, self._app), partial(self._take_up, left))

    def _take_up(self, left: Sequence[KeptEdits]) -> None:
        page = self._app.screen
        if isinstance(page, Page):
            for kept in left:
                page.run_query(
                    f"reading {kept.cluster}",
                    partial(self._app.engine.open, kept.cluster),
                    partial(self._taken_up, kept, only=len(left) == 1),
                    group=f"kept {kept.file}",
                )

    def _taken_up(self, kept: KeptEdits, workspace: Workspace, *, only: bool) -> None:
        app = self._app
        # Two runs may have left edits of the same cluster: the later ones come on top.
        workspace = app.workspace(kept.cluster) or workspace
        same = workspace.take_up(kept)
        app.keep(workspace)
        self.keep(workspace)
        if kept.file is not None:
            kept.file.unlink(missing_ok=True)
        if only and workspace.edits:
            app.show_spec(kept.cluster, only="changed")
        if not same and isinstance(app.screen, Page):
            app.screen.add_notice(
                f"{kept.cluster} was changed meanwhile: your edits were made on what it is now, look at them"
            )


def left_question(left: Sequence[KeptEdits], app: KopsApp) -> Question:
    """The question whether to take up what an earlier run left."""
    from kops_tui.screens.confirm import Question

    lines = []
    for each in left[:4]:
        when = age(each.at, app.now())
        edits = f"{count(len(each.what), 'edit')}, {'now' if when == 'now' else f'{when} ago'}: "
        shown = ", ".join(each.what[:3]) + (" ..." if len(each.what) > 3 else "")
        lines.append(line(Span(each.cluster, Tone.STRONG), f"  {edits}", shown))
    if len(left) > 4:
        lines.append(line(f"and {count(len(left) - 4, 'more cluster')}"))
    lines.append(line("They were not saved when kops-tui ended. Nothing is written by taking them up."))
    return Question(
        "Take up the edits that were not saved?", tuple(lines), yes="take them up", no="not now, ask again"
    )
