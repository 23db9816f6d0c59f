"""Deleting a cluster: what is deleted, retained and in the way; then the progress of the deletion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from kops_core import Limits, Ownership
from kops_tui.keys import bind
from kops_tui.runs import Run
from kops_tui.screens.page import Page
from kops_tui.screens.progress import ProgressPage
from kops_tui.screens.questions import deletion_question
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import Column, Row, Rows

if TYPE_CHECKING:
    from kops_core import DiscoveredResource, StateLocation, Teardown
    from kops_tui.ports import Deletion

_COLUMNS = (
    Column("", 10),
    Column("KIND", 18, flex=1),
    Column("NAME", 20, flex=2),
    Column("NOTE", 20, flex=2),
)
_TONES = {Ownership.OWNED: Tone.BAD, Ownership.SHARED: Tone.MUTED, Ownership.FOREIGN: Tone.WARN}


@dataclass(frozen=True)
class StateObjectKey:
    """An object of the state store that goes or stays."""

    url: str
    """The location that it is in."""
    key: str


class DeletionPage(Page):
    """The resources of a cluster, by owner."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("delete.delete", "D", "delete", "delete...", "Delete the cluster; asks for its name", rank=10),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.deletion: Deletion | None = None
        self.found: Teardown | None = None
        self.table: Rows[str | StateObjectKey] = Rows(_COLUMNS, empty="looking for what belongs to it ...")
        """Resources by kind and id, then objects of the state store."""

    def body(self) -> ComposeResult:
        yield self.table

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Delete")

    def badge(self) -> Line:
        if self.found is None:
            return ()
        numbers = [(len(self.found.of(each)), each) for each in Ownership]
        words = [line(Span(f"{number} {each.value}", _TONES[each])) for number, each in numbers if number]
        return joined(words, f" {self.kops.glyphs.dot} ")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query("looking for what belongs to it", self._find_resources, self._show_resources)

    def _find_resources(self) -> tuple[Deletion, Teardown]:
        deletion = self.kops.engine.deletion(self.cluster)
        return deletion, deletion.find()

    def _show_resources(self, answer: tuple[Deletion, Teardown]) -> None:
        self.deletion, self.found = answer
        self.refill()
        self.refresh_header()

    def refill(self) -> None:
        resources = self.found.things if self.found else ()
        # What is in the way is what to look at first.
        order = list(reversed(Ownership))
        shown = sorted(resources, key=lambda each: order.index(each.ownership))
        rows = [
            self._build_row(each)
            for each in shown
            if self.matches_filter(each.kind, each.name, each.id, each.note)
        ]
        rows += [
            row for each in (self.found.state if self.found else ()) for row in self._build_state_rows(each)
        ]
        self.table.show(rows, empty=self.empty_text("it has nothing in the cloud"))

    @staticmethod
    def _build_row(resource: DiscoveredResource) -> Row[str | StateObjectKey]:
        return Row(
            resource.key,
            (
                line(Span(resource.ownership.value, _TONES[resource.ownership])),
                line(resource.kind),
                line(Span(resource.name or resource.id, Tone.STRONG)),
                line(resource.note or (resource.id if resource.name else "")),
            ),
        )

    def _build_state_rows(self, location: StateLocation) -> list[Row[str | StateObjectKey]]:
        """Rows of the state store's objects, deleted or retained."""
        elsewhere = "outside of the cluster's folder" if location.holds_keys else ""
        objects = [(key, Ownership.OWNED, elsewhere) for key in location.keys]
        objects += [(key, Ownership.SHARED, location.note) for key in location.kept]
        return [
            Row(
                StateObjectKey(location.url, key),
                (
                    line(Span(standing.value, _TONES[standing])),
                    line("State"),
                    line(Span(key, Tone.STRONG)),
                    line(f"{location.url} {note}".rstrip()),
                ),
            )
            for key, standing, note in objects
            if self.matches_filter("State", key, location.url, note)
        ]

    def action_delete(self) -> None:
        """Ask for the cluster's name, then delete it."""
        app = self.kops
        if self.found is None or self.deletion is None:
            self.show_notice("it is still being looked for")
        elif not self.may_start_run():
            return
        elif self.deletion.protected():
            self.show_notice(Span("protected: ", Tone.WARN), f"kops-tui protect cluster {self.cluster} --off")
        elif self.found.blocking:
            self.show_notice(
                Span(count(len(self.found.blocking), "resource"), Tone.WARN),
                " of others in the way: their notes say what to do",
            )
        else:
            question = deletion_question(self.found, app.session.account, app.engine.settings.operator)
            app.confirm(question, self._start_deletion)

    def _start_deletion(self) -> None:
        deletion, found = self.deletion, self.found
        if deletion is None or found is None:
            return
        run = Run(
            "delete",
            self.cluster,
            lambda emit, control: deletion.carry_out(
                found,
                emit,
                control,
                Limits(),
                keys_in=[each.url for each in found.state if each.holds_keys],
            ),
            subject=self.cluster,
        )
        self.kops.start_run(run)


class DeletionProgressPage(ProgressPage):
    """A deletion under way."""

    STEPS = "steps"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " leads back to the fleet")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Delete", "deleting" if self.run.running else "ended")
