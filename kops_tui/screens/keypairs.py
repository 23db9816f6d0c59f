"""The keypairs of one cluster: which signs, which are trusted, until when; and rotating them step by step.

Private keys are never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.rotation_steps import RotationStep, after_create, after_distrust, after_promote, next_step
from kops_tui.screens.group_status import outdated_count
from kops_tui.screens.page import Page
from kops_tui.screens.questions import rotation_question
from kops_tui.styled_text import Line, Span, Tone, count, joined, line
from kops_tui.widgets.rows import NO_FLAG, Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_core import KeypairChange, KeypairSummary

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

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "keys.next", "N", "next_step", "next step...", "Do the next step of rotating the keyset", rank=10
        ),
        bind("keys.plan", "P", "open_screen('plan')", "plan", "What applying would change", rank=12),
        bind("keys.roll", "R", "open_screen('roll')", "roll", "Replace the nodes that need it", rank=14),
    ]

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

    def shell_commands(self) -> tuple[str, ...]:
        keyset = self.table.key.keyset if self.table.key is not None else "all"
        step = next_step(self._keyset(keyset)) or RotationStep.CREATE
        rotate = f"{step.value} keypair {keyset}"
        return (
            *self.in_shell("get keypairs --distrusted", "get keypairs --distrusted"),
            *self.in_shell(rotate, rotate),
        )

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
            line(" ", self._guide()),
        ]

    def _keyset(self, name: str) -> list[KeypairSummary]:
        """The keypairs of a keyset, the oldest first."""
        return [each for each in self.keypairs.values() if each.keyset == name]

    def _guide(self) -> Line:
        """The steps of rotating the keyset under the cursor; the next one stands out."""
        keyset = self.table.key.keyset if self.table.key is not None else ""
        step = next_step(self._keyset(keyset))
        if step is None:
            return line(
                Span(
                    "authorities and service-account are rotated, the others with their authority", Tone.MUTED
                )
            )
        between = f" {self.kops.glyphs.crumb} apply and roll {self.kops.glyphs.crumb} "
        words = [
            Span(f"[{each.value}]" if each is step else each.value, Tone.WARN if each is step else Tone.MUTED)
            for each in RotationStep
        ]
        return line(Span("rotation  ", Tone.MUTED), joined(words, between))

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
        self.query_one("#about", Note).show(self._summary_lines())

    # Rotation

    def action_next_step(self) -> None:
        """Find out whether the step before has reached all nodes, then ask about the next one."""
        keyset = self.table.key.keyset if self.table.key is not None else ""
        step = next_step(self._keyset(keyset))
        if step is None:
            self.show_notice(f"the keypairs of {keyset or 'nothing'} are not rotated by hand")
        elif self.may_start_run():
            self.with_workspace(partial(self._check_nodes, keyset, step))

    def _check_nodes(self, keyset: str, step: RotationStep, workspace: Workspace) -> None:
        self.run_query(
            "asking whether all nodes have the step before",
            partial(_left_to_do, workspace),
            partial(self._ask_to_rotate, keyset, step),
            group="check",
        )

    def _ask_to_rotate(self, keyset: str, step: RotationStep, left: tuple[int, int]) -> None:
        app = self.kops
        question = rotation_question(
            self.cluster, keyset, step, left, where=app.session.account, who=app.engine.settings.operator
        )
        app.confirm(question, partial(self._rotate, keyset, step))

    def _rotate(self, keyset: str, step: RotationStep) -> None:
        self.run_query(
            f"{step.value} keypair",
            partial(self._carry_out, keyset, step),
            partial(self._show_change, keyset, step),
            group="rotate",
            retry=False,
        )

    def _carry_out(self, keyset: str, step: RotationStep) -> Sequence[KeypairChange]:
        """I/O. Do a step; what it changed."""
        keypairs = self.kops.engine.keypairs(self.cluster)
        done: list[KeypairChange] = []
        match step:
            case RotationStep.CREATE:
                keypairs.create(keyset, done.append)
            case RotationStep.PROMOTE:
                keypairs.promote(keyset, done.append)
            case RotationStep.DISTRUST:
                keypairs.distrust(keyset, done.append)
        return done

    def _show_change(self, keyset: str, step: RotationStep, done: Sequence[KeypairChange]) -> None:
        changed = ", ".join(f"{each.done} {each.id}" for each in done if each.done) or "nothing to do"
        after = {
            RotationStep.CREATE: after_create({keyset}, self.cluster, False),
            RotationStep.PROMOTE: after_promote({keyset}, self.cluster),
            RotationStep.DISTRUST: after_distrust({keyset}, self.cluster),
        }[step]
        self.show_notice(
            f"{changed}: now ",
            Span("P", Tone.KEY),
            " apply and ",
            Span("R", Tone.KEY),
            f" roll, {after[0][1]}",
        )
        self.reload()


def _left_to_do(workspace: Workspace) -> tuple[int, int]:
    """I/O. How many changes are not applied, and how many nodes are outdated."""
    return len(workspace.plan(causes=False).plan.pending), sum(
        outdated_count(group) for group in workspace.groups()
    )
