"""Every key, in one table: what it does, what it is called, and how early it is dropped from the last line.

A key is remapped by its id (``App.set_keymap``). Letters, digits, arrows, Enter, Esc,
Tab and F-keys only: Alt does not pass every terminal, and ctrl+a, b, h, i, m and q are
taken by screen, tmux, Backspace, Tab, Enter and editors.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True)
class Key:
    """One key of one part of the program."""

    keys: str
    """The keys, by textual's names, with commas between them."""
    action: str
    label: str
    """On the last line; one or two words."""
    help: str
    rank: int = 0
    """Place on the last line, first come first shown; 0 keeps it off that line."""
    sign: str = ""
    """How the key is written, where that is not the key itself."""


KEYS: dict[str, Key] = {
    # Everywhere
    "app.help": Key("question_mark,f1", "help", "help", "Every key that works here", 1, "?"),
    "app.command": Key("colon", "command", "command", "Type a command, e.g. :plan", 2, ":"),
    "app.back": Key("escape", "back", "back", "Leave what was opened; then the screen", 90, "esc"),
    "app.quit": Key("q", "leave", "quit", "End the program; asks where something would be lost", 95),
    "app.interrupt": Key("ctrl+c", "interrupt", "", "Copy what is selected; never ends an operation"),
    "app.suspend": Key("ctrl+z", "suspend_process", "", "Back to the shell; fg returns. Also :suspend"),
    "app.mouse": Key("f9", "mouse", "", "Give the mouse to the program, or back to the terminal"),
    "app.runs": Key("f2", "runs", "", "Go to what is running"),
    "app.dump": Key("f8", "dump", "", "Write this screen to a file, as text and SVG"),
    # Any screen with a list
    "page.filter": Key(
        "slash", "filter", "filter", "Show only rows with a text; ! in front: without it", 3, "/"
    ),
    "page.refresh": Key("r", "refresh", "read again", "Ask the cloud and the store again", 0),
    "page.history": Key("H", "history", "", "What was done with this cluster, by whom"),
    "rows.down": Key("j,down", "move(1)", "", "Down"),
    "rows.up": Key("k,up", "move(-1)", "", "Up"),
    "rows.first": Key("g,home", "end(False)", "", "First row"),
    "rows.last": Key("G,end", "end(True)", "", "Last row"),
    "rows.next_page": Key("pagedown", "page(1)", "", "A page down"),
    "rows.previous_page": Key("pageup", "page(-1)", "", "A page up"),
    "rows.choose": Key("enter", "select", "", "Open, edit or unfold the row"),
    "rows.mark": Key("space", "mark", "mark", "Mark the row; what follows is for all marked", 30),
    # Fleet
    "fleet.open": Key("o", "open", "open", "Open the cluster", 10, "enter"),
    "fleet.edit": Key("e", "edit", "edit", "The cluster's spec", 12),
    "fleet.plan": Key("P", "plan", "plan", "What applying would change", 14),
    "fleet.roll": Key("R", "roll", "roll", "Nodes that need to be replaced", 16),
    # Cluster
    "cluster.open": Key("o", "open", "spec", "Spec of the instance group", 10, "enter"),
    "cluster.edit": Key("e", "edit", "edit cluster", "Spec of the cluster", 12),
    "cluster.plan": Key("P", "plan", "plan", "What applying would change", 14),
    "cluster.roll": Key("R", "roll", "roll", "Replace the nodes that need it", 16),
    "cluster.drift": Key("d", "drift", "drift", "What was changed in the account, what in the spec", 17),
    "cluster.keys": Key("K", "keys", "keys", "Its keypairs: which sign, which are trusted, until when", 18),
    # Spec
    "spec.unset": Key("u", "unset", "unset", "Remove your value; the inferred one takes its place", 12),
    "spec.pin": Key("p", "pin", "pin", "Write the inferred value as your own", 14),
    "spec.undo": Key("z", "undo", "undo", "Take the last edit back", 18),
    "spec.redo": Key("Z", "redo", "", "Make the undone edit again"),
    "spec.copy": Key("y", "copy_path", "copy path", "Copy the path, and write it to a file", 40),
    "spec.editor": Key("E", "editor", "$EDITOR", "Edit the whole document in your editor", 20),
    "spec.save": Key("s", "save", "save", "Show what saving would store, and ask", 15),
    "spec.plan": Key("P", "plan", "plan", "What applying would change", 16),
    "spec.add": Key("A", "add", "add field", "Set a field that is not shown, by its path"),
    "spec.mine": Key("m", "only('mine')", "mine", "Only what you wrote", 32),
    "spec.inferred": Key("i", "only('inferred')", "inferred", "Only what was inferred", 33),
    "spec.overrides": Key("o", "only('overrides')", "overrides", "Only yours over an inferred value", 34),
    "spec.changed": Key("c", "only('changed')", "changed", "Only what the edits move", 31),
    "spec.all": Key("a", "only('all')", "all", "Everything", 35),
    "spec.fold": Key("left,h", "fold", "", "Fold, or go to the structure above"),
    "spec.unfold": Key("right,l", "unfold", "", "Unfold"),
    "spec.fold_all": Key("f", "fold_all", "fold", "Fold everything, or unfold it", 38),
    "spec.next_object": Key("tab", "object(1)", "next object", "Next instance group, or the cluster", 36),
    "spec.previous_object": Key("shift+tab", "object(-1)", "", "Previous object"),
    # Save gate
    "save.yes": Key("y", "save", "save", "Write these changes to the store", 10),
    "save.no": Key("n", "leave", "back", "Back to the spec; nothing is written", 11),
    # History
    "history.undo": Key("z", "undo", "undo", "Undo a save: what was before it, as an unsaved edit", 10),
    # Plan
    "plan.next": Key("n", "change(1)", "next", "Next change", 10),
    "plan.previous": Key("N", "change(-1)", "", "Previous change"),
    "plan.apply": Key("A", "apply", "apply...", "Apply this plan, and only what it shows", 11),
    "plan.filter": Key("f", "action_filter", "which", "All, then only one kind of action", 16),
    "plan.diff": Key("v", "diffs", "diff", "Show or hide the differences of this change", 14, "v"),
    "plan.prune": Key("X", "prune", "prune", "Plan with the deletions that wait for pruning, or without", 15),
    "plan.keep": Key("K", "keep", "", "Show what stays as it is, too"),
    "plan.save": Key("w", "save_text", "save", "Write the plan to a file as text", 18),
    "plan.json": Key("J", "save_json", "JSON", "Write the plan to a file as JSON", 20),
    "plan.fold": Key("left,h", "fold", "", "Fold, or go to the line above"),
    "plan.unfold": Key("right,l", "unfold", "", "Unfold"),
    # Something running
    "run.pause": Key("space", "pause", "pause", "Pause before the next step", 10, "space"),
    "run.resume": Key("space", "resume", "go on", "Go on after a pause", 10, "space"),
    "run.stop": Key("x", "stop", "stop", "Stop after the step that is under way", 12),
    "run.follow": Key("F", "follow", "follow", "Keep what is running in sight, or not", 20),
    "run.plan": Key("P", "plan", "plan", "Plan again: what is left", 14),
    # Rolling update
    "roll.roll": Key("R", "roll", "roll...", "Replace the nodes of the marked groups that need it", 10),
    # Deletion
    "delete.delete": Key("D", "delete", "delete...", "Delete the cluster; asks for its name", 10),
    # Dialogs
    "field.previous": Key("up", "choice(-1)", "choices", "The allowed value before", sign="up/down"),
    "field.next": Key("down", "choice(1)", "", "The next allowed value"),
    "field.complete": Key("tab", "complete", "complete", "Complete to an allowed value"),
    "prompt.complete": Key("tab", "complete", "complete", "Complete"),
    "prompt.previous": Key("up", "older", "earlier", "The command before", sign="up"),
    "prompt.next": Key("down", "newer", "", "The command after"),
    "confirm.yes": Key("y", "answer(True)", "", "Do it (where no name has to be typed)"),
    "confirm.no": Key("n,escape", "answer(False)", "", "Do nothing"),
}
"""By id; the part before the dot names the class that binds it."""


TYPING = {
    "FieldEditor": ("field.previous", "field.complete"),
}
"""Keys shown while something is typed, by the widget that it is typed in."""


def bindings(part: str) -> list[BindingType]:
    """The bindings of one part of the program."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.rank > 0,
            key_display=key.sign or None,
            tooltip=key.help,
            id=name,
        )
        for name, key in KEYS.items()
        if name.partition(".")[0] == part
    ]


def rank(binding: Binding) -> int:
    """Place of a binding on the last line; 0 keeps it off."""
    found = KEYS.get(binding.id or "")
    return found.rank if found is not None else 0


_NAMES = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "escape": "esc",
    "space": "space",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left": "left",
    "right": "right",
}


def written(binding: Binding) -> str:
    """A key as it stands on the keyboard."""
    return _NAMES.get(binding.key, binding.key)
