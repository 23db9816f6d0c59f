"""The fleet as rows: what each cluster is, what it needs, and the sentence that says what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from kops_core import ClusterStatus, ClusterSummary, Need, NeedKind
from kops_tui.styled_text import Line, Span, Tone, age, joined, line
from kops_tui.terminal import Glyphs
from kops_tui.widgets.rows import NO_FLAG, Column, Row

COLUMNS = (
    Column("NAME", 21, flex=2, sort=1),
    Column("K8S", 7, sort=1),
    Column("CLOUD", 6, least=130, sort=1),
    Column("NETWORK", 10, least=110, sort=1),
    Column("ZONES", 12, least=150, flex=1),
    Column("IG", 3, right=True, least=100, sort=-1),
    Column("CP", 4, right=True, sort=1),
    Column("NODES", 7, right=True, sort=-1),
    Column("NEEDS", 22, flex=6, sort=-1),
    Column("LAST", 13, flex=1, sort=1, least=90),
    Column("STORE", 14, flex=1, least=170, sort=1),
)
_CONTROL_PLANE, _NODES, _NEEDS, _LAST = 6, 7, 8, 9
_TONES: dict[NeedKind, Tone] = {
    NeedKind.PRUNING: Tone.PLAIN,
    NeedKind.OLD_VERSION: Tone.WARN,
    NeedKind.NEVER_APPLIED: Tone.MUTED,
    NeedKind.ROLL: Tone.WARN,
    NeedKind.CHANGES: Tone.WARN,
    NeedKind.UNSAVED: Tone.YOURS,
    NeedKind.LOCKED: Tone.WARN,
    NeedKind.RUNNING: Tone.STRONG,
    NeedKind.NOT_READY: Tone.BAD,
    NeedKind.UNKNOWN: Tone.BAD,
    NeedKind.UNREADABLE: Tone.BAD,
    NeedKind.INTERRUPTED: Tone.BAD,
}
_STEPS: dict[NeedKind, tuple[str, str]] = {
    NeedKind.PRUNING: ("P", "shows what waits for pruning"),
    NeedKind.OLD_VERSION: ("u", "proposes an upgrade"),
    NeedKind.NEVER_APPLIED: ("P", "shows what would be made"),
    NeedKind.ROLL: ("R", "shows which nodes, and why"),
    NeedKind.CHANGES: ("P", "shows what would change"),
    NeedKind.UNSAVED: ("e", "shows the edits"),
    NeedKind.LOCKED: ("r", "looks again; its holder has to end first"),
    NeedKind.RUNNING: ("F2", "shows it"),
    NeedKind.NOT_READY: ("v", "validates it: what is wrong, since when"),
    NeedKind.UNKNOWN: ("r", "asks again"),
    NeedKind.UNREADABLE: ("e", "opens its text"),
    NeedKind.INTERRUPTED: ("F2", "lists it: it can go on"),
}
"""The key that does something about a need, and what it does."""
_SERIOUS = NeedKind.NOT_READY
"""From this kind on a row has a sign in the gutter."""


@dataclass(frozen=True)
class ClusterKey:
    """The row of a cluster."""

    name: str


@dataclass(frozen=True)
class StoreKey:
    """The row of a state store that can't be read."""

    url: str


FleetKey: TypeAlias = ClusterKey | StoreKey


@dataclass(frozen=True)
class FleetRow:
    """What is known of a cluster."""

    summary: ClusterSummary
    status: ClusterStatus | None = None
    needs: tuple[Need, ...] = ()
    old: bool = False
    """Whether the status is one that an earlier run of the program has kept."""
    planning: bool = False
    """Whether it is being planned."""


def build_row(known: FleetRow, now: datetime) -> Row[FleetKey]:
    """The row of a cluster."""
    summary, status = known.summary, known.status
    last, last_at = last_of(known)
    serious = bool(known.needs) and known.needs[0].kind >= _SERIOUS
    urgency = float(known.needs[0].kind) if known.needs else 0.0
    order: list[float | None] = [None] * len(COLUMNS)
    order[_CONTROL_PLANE] = _missing(status.control_plane if status else None)
    order[_NODES] = float(status.nodes[1]) if status else -1.0
    order[_NEEDS] = urgency
    order[_LAST] = (now - last_at).total_seconds() if last_at else float("inf")
    return Row(
        ClusterKey(summary.name),
        (
            line(Span(summary.name, Tone.STRONG)),
            line(summary.kubernetes_version or "-"),
            line(summary.cloud),
            line(summary.networking),
            line(" ".join(summary.zones)),
            line(str(len(summary.groups))),
            _ready_cell(known, status.control_plane if status else None),
            _ready_cell(known, status.nodes if status else None),
            needs_cell(known),
            line(last, Span(f" {age(last_at, now)}" if last_at else "", Tone.MUTED)),
            line(Span(summary.store, Tone.MUTED)),
        ),
        Span("!", Tone.BAD) if serious else NO_FLAG,
        tuple(order),
    )


def store_row(store: ClusterSummary) -> Row[FleetKey]:
    """The row of a store that can't be read."""
    cause = " ".join(store.error.split())
    told = line(Span(store.store, Tone.STRONG), Span("  can't be read: ", Tone.BAD), cause)
    return Row(StoreKey(store.store), (told,), Span("!", Tone.BAD))


def needs_cell(known: FleetRow) -> Line:
    """What a cluster needs, in words; that nothing is known of its cloud yet; or that it needs nothing."""
    if known.planning:
        return line(Span("planning ...", Tone.MUTED))
    if known.needs:
        return joined([Span(each.text, _TONES[each.kind]) for each in known.needs], ", ")
    if known.status is None:
        return line(Span("..." if known.summary.applied else "never applied", Tone.MUTED))
    if known.status.planned:
        return line(Span("up to date", Tone.GOOD))
    return line(Span("as applied", Tone.PLAIN))


def state_sentence(known: FleetRow) -> Line:
    """What a cluster needs first, and the key that does something about it."""
    problem = known.summary.error or (known.status.error if known.status else "")
    if known.needs:
        first = known.needs[0]
        key, does = _STEPS[first.kind]
        told = problem.replace("\n ", "") if problem and first.kind >= NeedKind.UNKNOWN else first.text
        return line(Span(told, _TONES[first.kind]), ": ", Span(key, Tone.KEY), f" {does}")
    if known.status is None:
        return line(Span("its cloud has not answered yet", Tone.MUTED))
    if known.status.planned:
        return line(Span("as its spec has it; nothing to do", Tone.MUTED))
    return line(
        "not edited since it was applied, no nodes to roll: ",
        Span("c", Tone.KEY),
        " plans it, which finds drift, too",
    )


def versions_line(summaries: Iterable[ClusterSummary], glyphs: Glyphs, width: int) -> Line:
    """How many clusters run each minor version of Kubernetes, as bars."""
    minors = Counter(
        ".".join(row.kubernetes_version.split(".")[:2]) for row in summaries if row.kubernetes_version
    )
    if not minors:
        return ()
    each = max(1, (width - 12) // len(minors) - 14)
    scale = max(1.0, max(minors.values()) / min(each, 20))
    bars = [
        line(f"{minor} ", Span(glyphs.unit * max(1, round(number / scale)), Tone.MUTED), f" {number}")
        for minor, number in sorted(minors.items(), key=lambda item: _version_numbers(item[0]))
    ]
    return line(Span(" versions  ", Tone.MUTED), joined(bars, "   "))


def needs_line(known: Sequence[FleetRow]) -> Line:
    """How many clusters need what, the most urgent first."""
    counted = Counter(each.needs[0].kind for each in known if each.needs)
    words = [
        Span(f"{counted[kind]} {kind.name.lower().replace('_', ' ')}", _TONES[kind])
        for kind in sorted(counted, reverse=True)
    ]
    return joined(words, "  ")


def last_of(known: FleetRow) -> tuple[str, datetime | None]:
    """What was done last with a cluster, and when."""
    status = known.status
    if status is not None and status.last_operation:
        return status.last_operation, status.last_operation_at
    changed = known.summary.changed_at
    return ("edited" if changed is not None else ""), changed


def _missing(pair: tuple[int, int] | None) -> float:
    """The order of the control plane's cell: those that lack most first, then those of unknown state."""
    return 0.5 if pair is None else float(pair[0] - pair[1]) + (1.0 if pair[0] >= pair[1] else 0.0)


def _ready_cell(known: FleetRow, pair: tuple[int, int] | None) -> Line:
    if pair is None or known.summary.error:
        return line(Span("..." if pair is None else "", Tone.MUTED))
    if known.status is not None and known.status.error:
        return line(Span("?", Tone.MUTED))
    ready, wanted = pair
    tone = Tone.WARN if ready < wanted else Tone.MUTED if known.old else Tone.PLAIN
    return line(Span(f"{ready}/{wanted}", tone))


def _version_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("."))
