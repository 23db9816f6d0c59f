"""The fleet: every cluster of every state store, what it needs, and what is done with the marked ones.

Rows that an earlier run has kept are shown at once; stores, then clouds, bring them up to date, again and
again while the screen is seen. Workers send what they read in batches, so that thousands of clusters cost
some repaints and not thousands.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kops_core import ClusterStatus, ClusterSummary, KopsError, StoreError
from kops_tui.error_text import error_line
from kops_tui.keys import bind
from kops_tui.messages import ClusterInvalidated, RunUpdated
from kops_tui.row_filter import matcher
from kops_tui.screens.fleet_rows import (
    COLUMNS,
    ClusterKey,
    FleetKey,
    StoreKey,
    needs_line,
    state_sentence,
    store_row,
    versions_line,
)
from kops_tui.screens.fleet_state import FleetState, Inbox
from kops_tui.screens.page import Page
from kops_tui.shell_commands import for_cluster
from kops_tui.styled_text import Line, Span, Tone, age, count, joined, line, wrap
from kops_tui.widgets.rows import Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import CachedFleet, FleetWork

_TICK = 10.0
"""Seconds between two looks at ages, and at whether it is time to read again."""


class FleetRead(Message, bubble=False):
    """Something waits in the inbox. Sent by a worker."""


class FleetPage(Page):
    """All clusters."""

    ENTER = "open"
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("fleet.open", "right", "open", "", "Open the cluster"),
        bind("fleet.new", "n", "new", "new", "Create a cluster, from a form", rank=11),
        bind("fleet.edit", "e", "open_screen('spec')", "edit", "The cluster's spec", rank=12),
        bind("fleet.plan", "P", "many('plan')", "plan", "What applying would change", rank=14),
        bind("fleet.roll", "R", "open_screen('roll')", "roll", "Nodes that need to be replaced", rank=16),
        bind("fleet.validate", "v", "many('validate')", "validate", "Whether the cluster works", rank=17),
        bind("fleet.upgrade", "u", "many('upgrade')", "upgrade", "The channel's next version", rank=19),
        bind("fleet.export", "K", "many('export')", "", "Write a kubeconfig for the cluster"),
        bind("fleet.compare", "c", "compare", "compare", "Plan the cluster, and count its changes", rank=21),
        bind("fleet.pause", "p", "pause", "", "Read again by itself, or only when asked"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.state = FleetState(self._unsaved_edits)
        self.read_at: datetime | None = None
        self.paused = False
        self._seen_all = False
        """Whether every store has answered, or failed."""
        self._stale: set[str] = set()
        self._deleted = False
        """Whether a deletion has ended since the stores were read."""
        self._inbox: Inbox[ClusterSummary | ClusterStatus] = Inbox()
        self._totals: Line = ()
        """How many clusters run which version, and need what; found once a change, shown at every row."""
        self._read_from = 0.0
        """When the last reading began, by the monotonic clock."""
        self.table: Rows[FleetKey] = Rows(COLUMNS, empty="reading the stores ...", marks=True)

    def body(self) -> ComposeResult:
        yield self.table
        yield Note([(), (), ()], classes="pane")

    def shell_commands(self) -> tuple[str, ...]:
        return for_cluster("", self.kops.session.store_of(""), "get clusters", "get clusters")

    def on_mount(self) -> None:
        self.run_query("", self.kops.engine.fleet.cache.read, self._show_cached, group="cache")
        self.reload()
        self.set_interval(_TICK, self._tick)

    def on_screen_resume(self) -> None:
        self.refill()
        self._look_around()
        if self._stale:
            names, self._stale = sorted(self._stale), set()
            deleted, self._deleted = self._deleted, False
            if self.state.summaries.keys() >= set(names) and not deleted:
                self._query_clouds(names)
            else:  # a new one, or one less
                self.reload()

    @on(ClusterInvalidated)
    def _mark_stale(self, message: ClusterInvalidated) -> None:
        """Ask the cluster's cloud again when this screen is next seen."""
        self._stale.add(message.cluster)

    @on(RunUpdated)
    def _show_run(self, message: RunUpdated) -> None:
        if not message.run.running:
            self._stale.add(message.run.cluster)
            self._deleted = self._deleted or message.run.kind == "delete"
        if self.is_current:
            self._look_around()

    def badge(self) -> Line:
        shown = len(self.table.rows)
        total = len(self.state.summaries)
        number = f"{shown} of {total}" if self.search else count(total, "cluster")
        then = age(self.read_at, self.kops.now())
        read = "read now" if then == "now" else f"read {then} ago" if then else ""
        paused = Span("PAUSED", Tone.WARN) if self.paused else ""
        return joined([number, read, paused], f" {self.kops.glyphs.dot} ")

    def note(self) -> str:
        stores = self.kops.engine.settings.stores
        dead = len(self.state.broken)
        return f"{dead} of {count(len(stores), 'store')} unreadable" if dead else ""

    # Reading

    def _unsaved_edits(self, name: str) -> int | None:
        workspace = self.kops.session.workspace(name)
        return workspace.edits if workspace is not None else None

    def _show_cached(self, cached: CachedFleet | None) -> None:
        if cached is None or self._seen_all:
            return
        self.state.add_cached(cached)
        for summary in cached.summaries:
            self.kops.session.record_store(summary.name, summary.store)
        self.read_at = cached.read_at
        self.refill()
        self.refresh_header()

    def reload(self) -> None:
        """Read the stores, then ask the clouds."""
        self.state.broken = []
        self._read_from = time.monotonic()
        self.run_query("reading the stores", self._read_stores, self._show_all)

    def _send(self, found: ClusterSummary | ClusterStatus) -> None:
        """Pass on what was read. Called by workers."""
        if self._inbox.add(found):
            self.post_message(FleetRead())

    def _read_stores(self) -> list[str]:
        seen: list[str] = []
        for summary in self.kops.engine.fleet.clusters():
            seen.append(summary.name)
            self._send(summary)
        return seen

    @on(FleetRead)
    def _show_read(self) -> None:
        for found in self._inbox.take():
            self.state.add(found)
            if isinstance(found, ClusterSummary) and found.name:
                self.kops.session.record_store(found.name, found.store)
        self.refill()
        self.refresh_header()

    def _show_all(self, seen: list[str]) -> None:
        self._show_read()
        self.state.keep_only(seen)
        self.read_at = self.kops.now()
        self._seen_all = True
        self.refill()
        summaries = self.state.summaries
        self._query_clouds([name for name in sorted(summaries) if not summaries[name].error])
        self._look_around()

    def _query_clouds(self, names: list[str]) -> None:
        """Ask each account once for all its clusters."""
        known = self.state.summaries
        summaries = [known[name] for name in names if name in known]
        if summaries:
            self.run_query("asking the clouds", partial(self._glance, summaries), self._keep, group="clouds")

    def _glance(self, summaries: list[ClusterSummary]) -> None:
        for status in self.kops.engine.fleet.glances(summaries):
            self._send(status)

    def _keep(self, _: None) -> None:
        """Keep the fleet on disk for the next start."""
        if self.read_at is not None:
            cache = self.kops.engine.fleet.cache
            summaries = self.state.summaries
            statuses = [each for name, each in self.state.statuses.items() if name in summaries]
            keep = partial(cache.write, self.read_at, list(summaries.values()), statuses)
            self.run_query("", keep, lambda _: None, group="cache")

    def _look_around(self) -> None:
        """Find out who works on clusters: operations here, edits left, locks of the rows in sight."""
        keys = (row.key for row in self.table.rows_in_sight)
        names = [key.name for key in keys if isinstance(key, ClusterKey)]
        seen = [self.state.summaries[name] for name in names if name in self.state.summaries]
        self.run_query("", partial(self.kops.engine.fleet.work, seen), self._show_work, group="work")

    def _show_work(self, found: FleetWork) -> None:
        if found != self.state.work:
            self.state.work = found
            self.refill()

    def _tick(self) -> None:
        """Bring ages up to date; read again when it is time. Only while the screen is seen."""
        if not self.is_current:
            return
        every = self.kops.engine.settings.refresh
        if every and not self.paused and time.monotonic() - self._read_from >= every and not self.asking:
            self.reload()
        else:
            self.refill()
            self.refresh_header()

    def action_pause(self) -> None:
        """Read again by itself, or only when asked."""
        self.paused = not self.paused
        self.refresh_header()

    # Showing

    def refill(self) -> None:
        known = self.state.all_known()
        passes = matcher(self.search) if self.search else None
        rows = list(self.state.rows(known, self.kops.now(), passes))
        rows += [store_row(each) for each in self.state.broken if self.matches_filter(each.store, each.error)]
        none = "no clusters in these stores: n makes one"
        empty = self.empty_text(none if self._seen_all else "reading the stores ...")
        self._totals = joined(
            [
                versions_line(self.state.summaries.values(), self.kops.glyphs, self.app.size.width * 2 // 3),
                needs_line(known) if self.app.size.width >= 110 else (),
            ],
            f"  {self.kops.glyphs.dot}  ",
        )
        self.table.show(rows, empty=empty)
        self._show_detail()

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        name = self._cluster_under_cursor
        lines: list[Line] = [(), (), ()]
        if name in self.state.summaries:
            known = self.state.known(name)
            groups = Counter(group.role for group in known.summary.groups)
            about = [
                *(count(number, f"{role} group") for role, number in groups.items()),
                *known.summary.zones,
                "protected" if known.summary.protected else "",
            ]
            lines[0] = line(f" {', '.join(filter(None, about))}")
            lines[1] = line(" ", *state_sentence(known))
        width = self.app.size.width
        lines[2] = self._totals
        broken = self._broken_store
        if broken is not None:
            again = line(
                "   ", Span("r", Tone.KEY), " tries again  ", Span("enter", Tone.KEY), " shows it all"
            )
            cause = line(Span(f" ! {broken.store}: ", Tone.BAD), " ".join(broken.error.split()))
            lines = [*wrap(cause, width - 1, 3)[:2], (), ()][:2]
            lines.append(again)
        self.query_one("#body Note", Note).show(lines)

    # Keys

    @property
    def _broken_store(self) -> ClusterSummary | None:
        """The store under the cursor, if it is one that can't be read."""
        key = self.table.key
        return next((each for each in self.state.broken if key == StoreKey(each.store)), None)

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
        summary = self.state.summaries.get(self._cluster_under_cursor)
        if summary is None or summary.error or summary.name in self.state.planning:
            return
        name = summary.name
        self.state.planning.add(name)
        self.refill()
        self.run_query(
            f"planning {name}", partial(self._plan, name), self._show_plan, group=f"compare {name}"
        )

    def _plan(self, name: str) -> ClusterStatus:
        try:
            return self.kops.engine.fleet.status(name)
        except KopsError as problem:
            return ClusterStatus(name, self.kops.now(), error=error_line(problem), planned=True)

    def _show_plan(self, status: ClusterStatus) -> None:
        self.state.planning.discard(status.name)
        self._send(status)

    def action_many(self, action: str) -> None:
        """Do something with the marked clusters; without marks, show it for the one under the cursor."""
        marked = [key.name for key in self.table.selected_keys if isinstance(key, ClusterKey)]
        if len(marked) > 1:
            self.kops.open_many(action, marked)
        else:
            self.action_open_screen(action)

    def action_open_screen(self, name: str) -> None:
        """Show a screen about the cluster under the cursor."""
        if self._cluster_under_cursor:
            self.kops.open_screen(name, self._cluster_under_cursor)
        elif self.table.key is not None:
            self.show_notice(
                "that is a store, not a cluster: ", Span("enter", Tone.KEY), " shows what is wrong"
            )
