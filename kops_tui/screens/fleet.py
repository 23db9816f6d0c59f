"""The fleet: every cluster of every state store. Rows appear as stores answer, then the clouds' status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kops_core import ClusterStatus, ClusterSummary, KopsError, Pending, StoreError
from kops_tui.error_text import error_line
from kops_tui.keys import bind
from kops_tui.messages import ClusterInvalidated
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, plain, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

_COLUMNS = (
    Column("NAME", 21, flex=3),
    Column("K8S", 7),
    Column("CLOUD", 6, least=110),
    Column("NETWORK", 10, least=110),
    Column("IG", 3, right=True, least=100),
    Column("CP", 4, right=True),
    Column("NODES", 7, right=True),
    Column("PENDING", 13),
    Column("LAST", 12, flex=1),
)


class SummaryRead(Message, bubble=False):
    """A store returned a cluster, or could not be read. Sent by a worker."""

    def __init__(self, summary: ClusterSummary) -> None:
        super().__init__()
        self.summary = summary


class StatusRead(Message, bubble=False):
    """A cloud returned the status of a cluster. Sent by a worker."""

    def __init__(self, status: ClusterStatus) -> None:
        super().__init__()
        self.status = status


@dataclass(frozen=True)
class ClusterKey:
    """The row of a cluster."""

    name: str


@dataclass(frozen=True)
class StoreKey:
    """The row of a state store that can't be read."""

    url: str


class FleetPage(Page):
    """All clusters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("fleet.open", "o", "open", "open", "Open the cluster", rank=10, sign="enter"),
        bind("fleet.new", "n", "new", "new", "Create a cluster, from a form", rank=11),
        bind("fleet.edit", "e", "open_screen('spec')", "edit", "The cluster's spec", rank=12),
        bind("fleet.plan", "P", "open_screen('plan')", "plan", "What applying would change", rank=14),
        bind("fleet.roll", "R", "open_screen('roll')", "roll", "Nodes that need to be replaced", rank=16),
        bind("fleet.compare", "c", "compare", "compare", "Plan the cluster, and count its changes", rank=18),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.summaries: dict[str, ClusterSummary] = {}
        self.statuses: dict[str, ClusterStatus] = {}
        self.broken: list[ClusterSummary] = []
        """Stores that could not be read."""
        self.read_at: datetime | None = None
        self._seen_all = False
        """Whether every store has answered, or failed."""
        self._stale: set[str] = set()
        self._comparing: set[str] = set()
        """Clusters that are being planned."""
        self.table: Rows[ClusterKey | StoreKey] = Rows(_COLUMNS, empty="reading the stores ...")

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([(), (), ()], classes="pane")

    def on_mount(self) -> None:
        self.reload()

    def on_screen_resume(self) -> None:
        if self._stale:
            names, self._stale = sorted(self._stale), set()
            if self.summaries.keys() >= set(names):
                self._query_clouds(names)
            else:  # a new one
                self.reload()

    @on(ClusterInvalidated)
    def _mark_stale(self, message: ClusterInvalidated) -> None:
        """Ask the cluster's cloud again when this screen is next seen."""
        self._stale.add(message.cluster)

    def badge(self) -> Line:
        shown = len(self.table.rows)
        total = len(self.summaries)
        number = f"{shown} of {total}" if self.search else count(total, "cluster")
        then = self.read_at
        return joined([number, f"read {then:%H:%M}" if then else ""], f" {self.kops.glyphs.dot} ")

    def note(self) -> str:
        stores = self.kops.engine.settings.stores
        dead = len(self.broken)
        return f"{dead} of {count(len(stores), 'store')} unreadable" if dead else ""

    def reload(self) -> None:
        """Read the stores, then ask the clouds."""
        self.broken = []
        self.run_query("reading the stores", self._read_stores, self._show_all)

    def _read_stores(self) -> list[str]:
        seen: list[str] = []
        for summary in self.kops.engine.clusters():
            seen.append(summary.name)
            self.post_message(SummaryRead(summary))
        return seen

    @on(SummaryRead)
    def _show_summary(self, message: SummaryRead) -> None:
        summary = message.summary
        if not summary.name:
            self.broken.append(summary)
        else:
            self.summaries[summary.name] = summary
            self.kops.session.record_store(summary.name, summary.store)
        self.refill()
        self.refresh_header()

    def _show_all(self, seen: list[str]) -> None:
        self.summaries = {name: row for name, row in self.summaries.items() if name in seen}
        self.read_at = self.kops.now()
        self._seen_all = True
        self.refill()
        self._query_clouds([name for name in sorted(self.summaries) if not self.summaries[name].error])

    def _query_clouds(self, names: list[str]) -> None:
        """Ask each account once for all its clusters."""
        summaries = [self.summaries[name] for name in names if name in self.summaries]
        if summaries:
            self.run_query(
                "asking the clouds", partial(self._glance, summaries), lambda _: None, group="clouds"
            )

    def _glance(self, summaries: list[ClusterSummary]) -> None:
        for status in self.kops.engine.glances(summaries):
            self.post_message(StatusRead(status))

    def _plan(self, name: str) -> ClusterStatus:
        try:
            return self.kops.engine.status(name)
        except KopsError as problem:
            return ClusterStatus(name, self.kops.now(), error=error_line(problem), planned=True)

    def _show_plan(self, status: ClusterStatus) -> None:
        self._comparing.discard(status.name)
        self.post_message(StatusRead(status))

    @on(StatusRead)
    def _show_status(self, message: StatusRead) -> None:
        status = message.status
        self.statuses[status.name] = status
        summary = self.summaries.get(status.name)
        if summary is not None:
            self.table.update_row(self._build_row(summary))

    # Showing

    def refill(self) -> None:
        rows: list[Row[ClusterKey | StoreKey]] = [
            self._build_row(summary)
            for _, summary in sorted(self.summaries.items())
            if self.matches_filter(
                summary.name, summary.kubernetes_version, summary.cloud, self._pending_text(summary.name)
            )
        ]
        rows += [
            Row(StoreKey(each.store), (_store_error_line(each),), Span("!", Tone.BAD))
            for each in self.broken
            if self.matches_filter(each.store, each.error)
        ]
        none = "no clusters in these stores: n creates one"
        empty = self.empty_text(none if self._seen_all else "reading the stores ...")
        self.table.show(rows, empty=empty)
        self._show_detail()

    def _pending_text(self, name: str) -> str:
        return plain(_pending_cell(self.summaries[name], self.statuses.get(name)))

    def _build_row(self, summary: ClusterSummary) -> Row[ClusterKey | StoreKey]:
        status = self.statuses.get(summary.name)
        broken = bool(summary.error or (status and status.error))
        now = self.kops.now()
        if summary.error:
            last: Line = line(Span("unreadable", Tone.BAD))
        elif status and status.last_operation:
            last = line(status.last_operation, Span(f" {age(status.last_operation_at, now)}", Tone.MUTED))
        else:
            changed = age(summary.changed_at, now)
            last = line(Span(f"edited {changed}", Tone.MUTED)) if changed else ()
        return Row(
            ClusterKey(summary.name),
            (
                line(Span(summary.name, Tone.STRONG)),
                line(summary.kubernetes_version or "-"),
                line(summary.cloud),
                line(summary.networking),
                line(str(len(summary.groups))),
                _ready_cell(status.control_plane if status else None),
                _ready_cell(status.nodes if status else None),
                line(Span("comparing ...", Tone.MUTED))
                if summary.name in self._comparing
                else _pending_cell(summary, status),
                last,
            ),
            Span("!", Tone.BAD) if broken else Span(""),
        )

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        name = self._cluster_under_cursor
        summary = self.summaries.get(name)
        status = self.statuses.get(name)
        lines: list[Line] = [(), (), ()]
        if summary is not None:
            groups = Counter(group.role for group in summary.groups)
            dot = f" {self.kops.glyphs.dot} "
            lines[0] = line(
                " ",
                Span(summary.name, Tone.STRONG),
                "  ",
                joined(
                    [
                        *(count(number, f"{role} group") for role, number in groups.items()),
                        " ".join(summary.zones),
                    ],
                    dot,
                ),
            )
            lines[1] = line(" ", *_state_sentence(summary, status))
        lines[2] = self._versions_line()
        broken = self._broken_store
        if broken is not None:
            again = line(
                "   ", Span("r", Tone.KEY), " tries again  ", Span("enter", Tone.KEY), " shows it all"
            )
            cause = line(Span(f" ! {broken.store}: ", Tone.BAD), " ".join(broken.error.split()))
            lines = [*wrap(cause, self.app.size.width - 1, 3)[:2], (), ()][:2]
            lines.append(again)
        self.query_one("#body Note", Note).show(lines)

    def _versions_line(self) -> Line:
        minors = Counter(
            ".".join(row.kubernetes_version.split(".")[:2])
            for row in self.summaries.values()
            if row.kubernetes_version
        )
        bars = [
            line(f"{minor} ", Span(self.kops.glyphs.unit * min(number, 20), Tone.MUTED), f" {number}")
            for minor, number in sorted(minors.items(), key=lambda item: _version_numbers(item[0]))
        ]
        return line(Span(" versions  ", Tone.MUTED), joined(bars, "   ")) if bars else ()

    # Keys

    @property
    def _broken_store(self) -> ClusterSummary | None:
        """The store under the cursor, if it is one that can't be read."""
        key = self.table.key
        return next((each for each in self.broken if key == StoreKey(each.store)), None)

    @property
    def _cluster_under_cursor(self) -> str:
        """Name of the cluster under the cursor; "" if there is none."""
        return self.table.key.name if isinstance(self.table.key, ClusterKey) else ""

    @on(Rows.Selected)
    def action_open(self) -> None:
        broken = self._broken_store
        if broken is not None:
            what, _, remedy = broken.error.partition("\n")
            self.show_error(StoreError(what, where=broken.store, remedy=remedy.strip()), self.reload)
        else:
            self.action_open_screen("open")

    def action_new(self) -> None:
        """Show the form of a new cluster."""
        self.kops.run_command("create")

    def action_compare(self) -> None:
        """Plan the cluster under the cursor, and show what that found in its row."""
        summary = self.summaries.get(self._cluster_under_cursor)
        if summary is None or summary.error or summary.name in self._comparing:
            return
        self._comparing.add(summary.name)
        self.table.update_row(self._build_row(summary))
        name = summary.name
        self.run_query(
            f"planning {name}", partial(self._plan, name), self._show_plan, group=f"compare {name}"
        )

    def action_open_screen(self, name: str) -> None:
        """Show a screen about the cluster under the cursor."""
        if self._cluster_under_cursor:
            self.kops.open_screen(name, self._cluster_under_cursor)
        elif self.table.key is not None:
            self.show_notice(
                "that is a store, not a cluster: ", Span("enter", Tone.KEY), " shows what is wrong"
            )


def _store_error_line(store: ClusterSummary) -> Line:
    """The row of a store that can't be read."""
    cause = " ".join(store.error.split())
    return line(Span(store.store, Tone.STRONG), Span("  can't be read: ", Tone.BAD), cause)


def _ready_cell(pair: tuple[int, int] | None) -> Line:
    if pair is None:
        return line(Span("...", Tone.MUTED))
    ready, wanted = pair
    return line(Span(f"{ready}/{wanted}", Tone.PLAIN if ready >= wanted else Tone.WARN))


def _pending_cell(summary: ClusterSummary, status: ClusterStatus | None) -> Line:
    if summary.error:
        return ()
    if status is None:
        return line(Span("..." if summary.applied else "never applied", Tone.MUTED))
    if status.error:
        return line(Span("?", Tone.BAD))
    if status.pending is Pending.UP_TO_DATE and not status.held_back:
        return line(Span("up to date", Tone.GOOD) if status.planned else Span("as applied", Tone.PLAIN))
    words = {
        Pending.CHANGES: f"plan {status.changes} ~" if status.planned else "edited",
        Pending.ROLL: f"roll {len(status.groups_to_roll)} ig",
        Pending.UP_TO_DATE: f"prune {status.held_back}",
    }
    return line(Span(words.get(status.pending, status.pending.value), Tone.WARN))


def _state_sentence(summary: ClusterSummary, status: ClusterStatus | None) -> Line:
    """What a cluster needs next, as a sentence."""
    problem = summary.error or (status.error if status else "")
    if problem:
        return line(Span(problem.replace("\n ", ""), Tone.BAD))
    if status is None:
        return line(Span("its cloud has not answered yet", Tone.MUTED))
    if status.pending is Pending.UP_TO_DATE and status.held_back:
        held = count(status.held_back, "deletion waits", "deletions wait")
        return line(f"{held} for pruning: ", Span("P", Tone.KEY), " shows which")
    changes = count(status.changes, "resource")
    groups = ", ".join(status.groups_to_roll)
    told, key, does = {
        Pending.NEVER_APPLIED: ("never applied: ", "P", " shows what would be made"),
        Pending.CHANGES: (f"{changes} would change: ", "P", " shows how"),
        Pending.ROLL: (f"nodes of {groups} are out of date: ", "R", " shows why"),
        Pending.UP_TO_DATE: ("as its spec has it; nothing to do", "", ""),
        Pending.UNKNOWN: ("not known: ", "r", " asks again"),
    }[status.pending]
    if not status.planned and status.pending is Pending.CHANGES:
        told, key, does = "edited since it was applied: ", "c", " plans it and counts the changes"
    if not status.planned and status.pending is Pending.UP_TO_DATE:
        told = "not edited since it was applied, no nodes to roll: "
        key, does = "c", " plans it, which finds drift, too"
    return line(told, Span(key, Tone.KEY), does)


def _version_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
