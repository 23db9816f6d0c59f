"""Unsaved edits on disk: kept after every edit, and forgotten once they are saved or given up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from kops_core import KeptEdits, KopsError, forget_edits, keep_edits, left_edits
from kops_tui.ports import Workspace


class UnsavedEdits:
    """The files that unsaved edits are kept in."""

    def __init__(self, folder: Path) -> None:
        """folder: the state folder of the program."""
        self._folder = folder

    def keep(self, workspace: Workspace) -> None:
        """I/O, a small file. Keep the edits of a workspace; without edits, forget what was kept.

        Raises KopsError or OSError if they can't be written.
        """
        if workspace.edits:
            keep_edits(self._folder, workspace.unsaved())
        else:
            forget_edits(self._folder, workspace.name)

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
        """I/O. Forget edits that were saved or given up."""
        for each in workspaces:
            forget_edits(self._folder, each.name)

    def left_behind(self, stores: Sequence[str]) -> list[KeptEdits]:
        """I/O. Edits of clusters in these stores that an earlier run of the program left unsaved."""
        return left_edits(self._folder, stores)
