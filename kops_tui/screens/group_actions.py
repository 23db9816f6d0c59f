"""Keys of a cluster's overview that change its instance groups: each leads to a page that asks or edits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from textual.binding import BindingType

from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.group_forms import CopyGroupPage, NewGroupPage, ScalePage
from kops_tui.screens.group_removal import GroupRemovalPage
from kops_tui.screens.machine_types import GroupMachinePage
from kops_tui.screens.page import Page
from kops_tui.styled_text import Span, Tone


class GroupActions(Page):
    """What changes the instance groups that are listed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("cluster.new_group", "n", "new_group", "new group", "New instance group, from a role", rank=20),
        bind("cluster.copy_group", "N", "copy_group", "copy", "Copy the instance group", rank=24),
        bind(
            "cluster.scale", "s", "scale", "scale", "Least and most machines of the instance group", rank=21
        ),
        bind("cluster.machine", "m", "machine", "machine", "Machine type of the instance group", rank=22),
        bind("cluster.remove", "X", "remove", "remove", "Remove the group with its machines; asks", rank=23),
    ]

    workspace: Workspace | None = None

    @property
    @abstractmethod
    def selected_group(self) -> str:
        """The instance group under the cursor; "" if there is none."""

    def action_new_group(self) -> None:
        """Show the form of a new group."""
        if self.workspace is not None:
            self.kops.push_screen(NewGroupPage(self.workspace))

    def action_copy_group(self) -> None:
        """Show the form of a copy."""
        self._push(CopyGroupPage)

    def action_scale(self) -> None:
        """Show the sizes of the group."""
        self._push(ScalePage)

    def action_machine(self) -> None:
        """Show the machine types that the group may have."""
        self._push(GroupMachinePage)

    def action_remove(self) -> None:
        """Show what removing the group takes with it."""
        if self.workspace is not None and self.selected_group in self.workspace.unsaved().documents:
            self.show_notice(
                Span(self.selected_group, Tone.STRONG), " has unsaved edits: save or undo them first"
            )
        else:
            self._push(GroupRemovalPage)

    def _push(self, page: Callable[[Workspace, str], Page]) -> None:
        if self.workspace is not None and self.selected_group:
            self.kops.push_screen(page(self.workspace, self.selected_group))
