"""What a spec offers beyond single fields: structures as YAML, list items, errors in turn, and what-if."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from kops_core import FieldError, FieldPath, Holder, KopsError, UsageError, WhatIf, parse_path, render_path
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.screens.explanation import own_path
from kops_tui.screens.spec_editing import SpecEditing, path_of
from kops_tui.screens.text_edit import TextEditPage
from kops_tui.styled_text import Line, Span, Tone, count, line, value_text
from kops_tui.widgets.prompt import Prompt


class SpecStructures(SpecEditing):
    """Keys about structures, list items, errors and values that are only tried."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("spec.text", "t", "edit_text", "as YAML", "Edit the structure or field as YAML", rank=22),
        bind("spec.add_item", "plus", "add_item", "", "Add an item to the list, as YAML", sign="+"),
        bind("spec.item_up", "less_than_sign", "move_item(-1)", "", "Move the item up in its list", sign="<"),
        bind("spec.item_down", "greater_than_sign", "move_item(1)", "", "Move the item down", sign=">"),
        bind("spec.next_error", "n", "error(1)", "", "Next error"),
        bind("spec.previous_error", "N", "error(-1)", "", "Previous error"),
        bind("spec.what_if", "w", "what_if", "", "What another value would change, without setting it"),
    ]

    def __init__(self, name: str, part: str) -> None:
        super().__init__(name, part)
        self._visited_errors: tuple[FieldError, ...] = ()
        """The errors among which the operator went last, and where."""
        self._error_at = 0

    def current_errors(self) -> tuple[FieldError, ...]:
        """The errors of the spec as it is now."""
        raise NotImplementedError

    # Structures as text

    def action_edit_text(self) -> None:
        """Edit what is under the cursor as YAML."""
        field = self.selected()
        if field is not None and self.workspace is not None:
            self._open_text(self.workspace, field.path, self.workspace.structure(field.path))

    def _open_text(self, workspace: Workspace, path: FieldPath, text: str) -> None:
        take = partial(self._take_structure, workspace, path)
        self.app.push_screen(TextEditPage(self, own_path(path), text, take))

    def _take_structure(self, workspace: Workspace, path: FieldPath, text: str) -> None:
        if text.strip():
            workspace.set_structure(path, text)
        else:
            workspace.unset(path)
        self.kops.edits_changed(workspace)

    def action_add_item(self) -> None:
        """Add an item to the list under the cursor, or that the cursor is in."""
        field, workspace = self.selected(), self.workspace
        if field is None or workspace is None:
            return
        for end in range(len(field.path), 0, -1):
            new = workspace.next_item(field.path[:end])
            if new is not None:
                last = new[-1]
                before = (*new[:-1], last - 1) if isinstance(last, int) and last > 0 else new
                self._open_text(workspace, new, workspace.structure(before))
                return
        self.show_notice("that is in no list")

    def action_move_item(self, by: int) -> None:
        """Move the item under the cursor, or that the cursor is in, in its list."""
        field, workspace = self.selected(), self.workspace
        if field is None or workspace is None:
            return
        ends = [end for end in range(len(field.path), 0, -1) if isinstance(field.path[end - 1], int)]
        if not ends:
            self.show_notice("that is no item of a list")
            return
        path = field.path[: ends[0]]
        place = path[-1]
        try:
            workspace.move_item(path, by)
        except UsageError as problem:
            self.show_error(problem)
            return
        self.show_edit()
        if isinstance(place, int):
            self.go_to(render_path((*path[:-1], max(0, place + by))))

    # Errors in turn

    def action_error(self, by: int) -> None:
        """Go to the next error, or the one before."""
        errors = self.current_errors()
        if not errors:
            self.show_notice(Span("no errors", Tone.GOOD))
            return
        if errors != self._visited_errors:
            self._visited_errors, self._error_at = errors, -by if by > 0 else 0
        self._error_at = (self._error_at + by) % len(errors)
        error = errors[self._error_at]
        self.go_to(path_of(error))
        place = f"{self._error_at + 1} of {len(errors)}  "
        self.show_notice(Span(place, Tone.MUTED), Span(f"{error.path} ", Tone.STRONG), error.message)

    # What if

    def action_what_if(self) -> None:
        """Type a value that is only tried."""
        field = self.selected()
        path = own_path(field.path) if field and field.holder is not Holder.STRUCTURE else ""
        self.query_one(Prompt).open(":", f"whatif {path or 'spec.kubernetesVersion'}=")

    def try_value(self, path: str, text: str) -> None:
        """Show what a value would change, without setting it."""
        if self.workspace is None:
            return
        try:
            found = self.workspace.what_if(parse_path(self.full_path(path)), text)
        except KopsError as problem:
            self.show_error(problem)
            return
        self.kops.show_text(f"what if {path} = {text}", what_if_lines(found))


def what_if_lines(found: WhatIf) -> list[Line]:
    """What a value would change, a line each; what would be refused first."""
    lines = [
        line(Span("! ", Tone.BAD), Span(f"{each.path} ", Tone.STRONG), each.message) for each in found.errors
    ]
    lines.append(line(Span(f"{count(len(found.moved), 'inferred value')} would change", Tone.MUTED)))
    lines += [
        line(
            Span(f"{render_path(each.path)}  ", Tone.PLAIN),
            Span(value_text(each.before) or "(unset)", Tone.BAD),
            Span(" -> ", Tone.MUTED),
            Span(value_text(each.after) or "(unset)", Tone.GOOD),
        )
        for each in found.moved
    ]
    return lines
