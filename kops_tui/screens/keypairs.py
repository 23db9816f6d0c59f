"""The keypairs of one cluster: which signs, which are trusted, until when. Private keys are never read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import KeypairSummary

_COLUMNS = (
    Column("KEYSET", 24, flex=2),
    Column("STATE", 10),
    Column("ISSUED", 10),
    Column("EXPIRES", 10),
    Column("PRIVATE KEY", 11),
    Column("ID", 28, least=110),
)
_STATES = {"primary": Tone.GOOD, "trusted": Tone.PLAIN, "distrusted": Tone.MUTED}
_SOON = timedelta(days=365)
"""Time before its end at which an authority should be rotated: every client has to be told."""
_HALF = 47
"""Letters of the first half of a SHA-256 fingerprint with colons, so that it fits 80 columns."""


@dataclass(frozen=True)
class KeypairKey:
    """A keypair of a keyset."""

    keyset: str
    id: str


class KeypairsPage(Page):
    """The keysets of a cluster."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.cluster = name
        self.keypairs: dict[KeypairKey, KeypairSummary] = {}
        self.table: Rows[KeypairKey] = Rows(_COLUMNS, empty="reading the keys ...")

    def body(self) -> ComposeResult:
        yield Note([(), ()], id="about")
        yield self.table
        yield Note([(), (), (), ()], classes="pane", id="detail")

    def breadcrumbs(self) -> tuple[str, ...]:
        return ("Fleet", self.cluster, "Keys")

    def on_mount(self) -> None:
        self.reload()

    def reload(self) -> None:
        self.run_query("reading the keys", self._read_keypairs, self._show_keypairs)

    def _read_keypairs(self) -> Sequence[KeypairSummary]:
        return self.kops.engine.keypairs(self.cluster).summaries(distrusted=True)

    def _show_keypairs(self, found: Sequence[KeypairSummary]) -> None:
        self.keypairs = {KeypairKey(each.keyset, each.id): each for each in found}
        self.refill()

    def refill(self) -> None:
        shown = {
            key: each
            for key, each in self.keypairs.items()
            if self.matches_filter(each.keyset, each.state, each.id)
        }
        rows = [Row(key, self._build_cells(each), self._build_flag(each)) for key, each in shown.items()]
        self.table.show(rows, empty=self.empty_text("it has no keys yet: applying makes them"))
        self.query_one("#about", Note).show(self._summary_lines())
        self._show_detail()

    def _summary_lines(self) -> list[Line]:
        found = self.keypairs.values()
        keysets = len({each.keyset for each in found})
        distrusted = sum(each.state == "distrusted" for each in found)
        counts = [
            count(keysets, "keyset"),
            count(len(found), "keypair"),
            f"{distrusted} distrusted" if distrusted else "",
        ]
        return [
            line(" ", joined(counts, f" {self.kops.glyphs.dot} ")),
            line(
                " ",
                Span("rotated from the command line, with create, promote and distrust keypair", Tone.MUTED),
            ),
        ]

    def _build_cells(self, each: KeypairSummary) -> tuple[Line, ...]:
        facts = each.certificate
        muted = Tone.MUTED if each.state == "distrusted" else Tone.PLAIN
        return (
            line(Span(each.keyset, Tone.STRONG if each.state == "primary" else muted)),
            line(Span(each.state, _STATES[each.state])),
            line(Span(f"{facts.not_before:%Y-%m-%d}" if facts else "", muted)),
            line(Span(f"{facts.not_after:%Y-%m-%d}" if facts else "", self._build_flag(each).tone)),
            line(Span("stored" if each.has_private_key else "none", muted)),
            line(Span(each.id, muted)),
        )

    def _build_flag(self, each: KeypairSummary) -> Span:
        """A sign at keypairs that are believed and at their end, or near it."""
        if each.certificate is None or each.state == "distrusted":
            return NO_FLAG
        left = each.certificate.not_after - self.kops.now()
        return (
            Span("!", Tone.BAD) if left < timedelta() else Span("~", Tone.WARN) if left < _SOON else NO_FLAG
        )

    @on(Rows.Highlighted)
    def _show_detail(self) -> None:
        key = self.table.key
        each = self.keypairs.get(key) if key is not None else None
        lines: list[Line] = [(), (), (), ()]
        if each is not None:
            lines[0] = line(" ", Span(each.keyset, Tone.STRONG), f"  {each.id}")
            if facts := each.certificate:
                lines[1] = line(" ", Span("SHA-256  ", Tone.MUTED), facts.fingerprint[:_HALF])
                lines[2] = line(" " * 10, facts.fingerprint[_HALF + 1 :])
                expired = facts.not_after < self.kops.now()
                about = [
                    facts.subject.rpartition("CN=")[2],
                    f"{'expired' if expired else 'expires'} on {facts.not_after:%Y-%m-%d}",
                    f"RSA {facts.key_length}" if facts.key_length else "",
                    f"distrusted on {each.distrusted_at:%Y-%m-%d}" if each.distrusted_at else "",
                ]
                lines[3] = line(" ", joined(about, f" {self.kops.glyphs.dot} "))
        self.query_one("#detail", Note).show(lines)
