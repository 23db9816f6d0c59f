"""The progress of an operation: done, running and waiting steps. Leaving the screen does not stop it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from kops_core import LockHeld, Phase, StepProgress
from kops_tui.keys import bind
from kops_tui.messages import RunUpdated
from kops_tui.runs import Run
from kops_tui.screens.page import Page
from kops_tui.styled_text import Line, Span, Tone, duration, joined, line, wrap
from kops_tui.widgets.rows import Column, Row, Rows
from kops_tui.widgets.styled_lines import Note

TONES = {
    Phase.WAITING: Tone.MUTED,
    Phase.RUNNING: Tone.STRONG,
    Phase.RETRYING: Tone.WARN,
    Phase.DONE: Tone.GOOD,
    Phase.FAILED: Tone.BAD,
    Phase.SKIPPED: Tone.MUTED,
}
_BESIDE = 110
"""Columns from which on the log is beside the list of steps."""
_PLANNING = "reading and planning ..."


class ProgressPage(Page):
    """The steps of one operation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("run.pause", "space", "pause", "pause", "Pause before the next step", rank=10, sign="space"),
        bind("run.resume", "space", "resume", "go on", "Go on after a pause", rank=10, sign="space"),
        bind("run.stop", "s", "stop", "stop", "Stop after the step that is under way", rank=12),
        bind("run.log", "l", "log", "log", "What it told, line by line, beside the list or below", rank=14),
        bind("run.follow", "F", "follow", "follow", "Keep what is running in sight, or not", rank=20),
        bind("run.plan", "P", "open_screen('plan')", "plan", "Plan again: what is left", rank=14),
    ]
    DEFAULT_CSS = """
    ProgressPage #steps { height: 1fr; }
    ProgressPage #log { display: none; border-top: solid $border; }
    ProgressPage.-log #log { display: block; }
    ProgressPage.-log.-wide #steps { layout: horizontal; }
    ProgressPage.-wide #steps Rows { width: 1fr; }
    ProgressPage.-wide #log { border-top: none; border-left: solid $border; }
    ProgressPage.-ascii #log { border-top: ascii $border; }
    ProgressPage.-ascii.-wide #log { border-top: none; border-left: ascii $border; }
    """
    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("", 5),
        Column("STEP", 34, flex=3),
        Column("FOR", 6, right=True),
        Column("NOTE", 20, flex=2),
    )
    PANE = 3
    """Lines about the step under the cursor."""
    STEPS = "changes"
    """The noun for its steps."""
    AFTER: ClassVar[Line] = line("  ", Span("P", Tone.KEY), " plans again: nothing should be left")
    """What to do once it has ended well."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self.cluster = run.cluster
        self.following = True
        self.table: Rows[str] = Rows(self.COLUMNS, empty=_PLANNING)
        """Steps, by name."""
        self.told: Rows[int] = Rows(
            (Column("AT", 8), Column("LOG", 20, flex=1)), id="log", empty="nothing yet"
        )
        """Lines of the log, by their number."""

    def body(self) -> ComposeResult:
        yield Note([(), (), ()], id="about")
        with Container(id="steps"):
            yield self.table
            yield self.told
        yield Note([()] * self.PANE, classes="pane", id="step")

    def shell_commands(self) -> tuple[str, ...]:
        id_ = self.run.handle.id if self.run.handle is not None else "ID"
        attach = f"kops-tui attach {id_}"
        return (attach, f"kops-tui stop {id_}") if self.run.running else (attach,)

    def description(self) -> list[Line]:
        step = self.run.steps.get(self.table.key or "")
        return self._step_lines(step) if step is not None else []

    def breadcrumbs(self) -> tuple[str, ...]:
        ended = "Apply stopped" if self.run.problem or not _ended_well(self.run) else "Applied"
        return ("Fleet", self.cluster, f"{'Applying' if self.run.running else ended} {self.run.subject}")

    def badge(self) -> Line:
        run = self.run
        if run.stopping and run.running:
            return line(Span("stopping after this step", Tone.WARN))
        if run.paused and run.running:
            return line(Span("PAUSED", Tone.WARN))
        return line(Span("running", Tone.STRONG)) if run.running else ()

    def on_mount(self) -> None:
        self.set_interval(1.0, self._update_times)
        self.refill()

    def on_screen_resume(self) -> None:
        self.refill()

    @on(RunUpdated)
    def _show_update(self, message: RunUpdated) -> None:
        if message.run is not self.run or not self.is_current:
            return
        rows = self.table
        self._show_log()
        step = self.run.steps.get(message.step)
        if step is not None and any(row.key == step.name for row in rows.rows):
            rows.update_row(self._build_row(step))
        else:
            self.refill()
        self._show_summary()
        if step is not None and self.following and step.moving:
            rows.move_to_key(step.name)
        if not self.run.running:
            self._show_end()

    def _update_times(self) -> None:
        """Bring times up to date, of what runs and only while it is seen."""
        if isinstance(self.run.problem, LockHeld) and self.is_current:
            self._show_summary()
        if self.run.running and self.is_current:
            rows = self.table
            for step in self.run.steps.values():
                if step.moving:
                    rows.update_row(self._build_row(step))
            self._show_summary()
            self._show_step()

    def _show_end(self) -> None:
        self.kops.invalidate(self.cluster)
        if self.run.problem is not None:
            self.show_error(self.run.problem)
        self.refresh_bindings()
        self.refresh_header()

    def refill(self) -> None:
        if not self.is_mounted:
            return
        steps = [
            step
            for step in self.run.steps.values()
            if self.matches_filter(step.name, step.phase.value, step.note)
        ]
        self.table.show([self._build_row(step) for step in steps], empty=self.empty_text(_PLANNING))
        self._show_log()
        self._show_summary()
        if not self.run.running:
            self._show_end()

    def _build_row(self, step: StepProgress) -> Row[str]:
        seconds = step.elapsed(self.kops.now())
        kind, slash, name = step.name.partition("/")
        return Row(
            step.name,
            (
                line(Span(step.phase.value, TONES[step.phase])),
                line(Span(f"{kind}/", Tone.MUTED) if slash else "", name or kind),
                line(duration(seconds) if seconds or step.moving else ""),
                line(Span(step.note, Tone.BAD if step.phase is Phase.FAILED else Tone.PLAIN)),
            ),
        )

    @on(Rows.Highlighted)
    def _show_step(self) -> None:
        """The step under the cursor in full."""
        step = self.run.steps.get(self.table.key or "")
        lines = self._step_lines(step) if step is not None else []
        more = len(lines) - self.PANE
        if more > 0:
            told = line(Span(f" and {more + 1} more lines: ", Tone.MUTED), Span("d", Tone.KEY), " shows all")
            lines = [*lines[: self.PANE - 1], told]
        self.query_one("#step", Note).show([*lines, *[()] * (self.PANE - len(lines))])

    def _step_lines(self, step: StepProgress) -> list[Line]:
        """A step in full."""
        head = line(" ", Span(step.name, Tone.STRONG), f"  {step.phase.value}")
        note = f" {step.note}" if step.note else ""
        return [head, *wrap(line(note), self.app.size.width - 1, 1)]

    def _show_log(self) -> None:
        """Bring the log up to date where it is seen; its last line stays in sight unless it was left."""
        if not self.has_class("-log"):
            return
        told, log = self.told, self.run.log
        at_end = told.cursor >= len(told.rows) - 1
        first = self.run.log_lines - len(log)
        told.show(
            [
                Row(first + at, (line(Span(f"{when:%H:%M:%S}", Tone.MUTED)), line(text)))
                for at, (when, text) in enumerate(log)
            ]
        )
        if at_end:
            told.move_to(len(told.rows) - 1)

    def _estimate(self) -> str:
        """How long it will take yet; "" if that is not known."""
        return ""

    def _activity(self) -> Line:
        """What it does at the moment, where there is nothing else to be told."""
        return ()

    def _show_summary(self) -> None:
        run = self.run
        dot = f" {self.kops.glyphs.dot} "
        started = run.started
        now = self.kops.now()
        ended = run.finished.at if run.finished else now
        spent = duration((ended - started.at).total_seconds()) if started else ""
        stage = run.stage
        head = joined(
            [
                f"stage {stage.number} of {stage.total}: {stage.title}" if stage and run.running else "",
                line(Span(f"{run.done} of {run.total}", Tone.STRONG), f" {self.STEPS}"),
                spent,
                self._estimate() if run.running else "",
                f"started {started.at:%H:%M:%S} by {started.by}" if started else "",
                f"{started.done_before} done before" if started and started.done_before else "",
            ],
            dot,
        )
        slow = [
            line(Span(each.message, Tone.MUTED if each.over else Tone.WARN))
            for each in run.throttling.values()
        ]
        slow += [line(Span(each, Tone.WARN)) for each in run.warnings]
        last: Line = (
            line(" ", joined(slow, dot)) if slow else line(" ", self._activity()) if run.running else ()
        )
        if run.finished is not None:
            tone = Tone.GOOD if run.finished.ok else Tone.BAD
            last = line(Span(f" {run.finished.message}", tone))
            if run.finished.ok:
                last = (*last, *self.AFTER)
        elif isinstance(run.problem, LockHeld) and run.problem.until is not None:
            left = max(0.0, (run.problem.until - now).total_seconds())
            last = line(
                Span(" locked", Tone.BAD),
                f": if its holder is gone, it is free in {duration(left)}; "
                if left
                else ": it has expired; ",
                Span("P", Tone.KEY),
                " plans again",
            )
        elif run.running and run.paused_for:
            last = line(Span(" paused: ", Tone.WARN), run.paused_for)
        elif run.problem is not None:
            last = line(
                Span(" stopped", Tone.BAD), ": done is done; ", Span("P", Tone.KEY), " plans what is left"
            )
        self.query_one("#about", Note).show([line(" ", self._progress_bar()), line(" ", head), last])
        self.refresh_header()

    def _progress_bar(self) -> Line:
        glyphs = self.kops.glyphs
        cells = max(10, min(60, self.app.size.width - 20))
        total = self.run.total
        done = cells * self.run.done // total if total else 0
        tone = Tone.BAD if self.run.problem or (self.run.finished and not self.run.finished.ok) else Tone.GOOD
        percent = f" {100 * self.run.done // total}%" if total else ""
        return line(
            "[", Span(glyphs.done * done, tone), Span(glyphs.left * (cells - done), Tone.MUTED), "]", percent
        )

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("pause", "resume"):
            return self.run.running and self.run.paused is (action == "resume")
        if action == "stop":
            return self.run.running
        return not self.run.running if (action, parameters) == ("open_screen", ("plan",)) else True

    def action_pause(self) -> None:
        self.run.paused = True
        self.kops.control_run(self.run, lambda handle: handle.pause())
        self.refresh_bindings()
        self.refresh_header()

    def action_resume(self) -> None:
        self.run.paused = False
        self.kops.control_run(self.run, lambda handle: handle.resume())
        self.refresh_bindings()
        self.refresh_header()

    def action_stop(self) -> None:
        self.run.stopping = True
        self.kops.control_run(self.run, lambda handle: handle.stop())
        self.show_notice("it stops after the step under way; started again, it goes on from there")
        self.refresh_header()

    def action_log(self) -> None:
        """Show the log, or hide it."""
        self.toggle_class("-log")
        self._show_log()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width >= _BESIDE, "-wide")

    def action_follow(self) -> None:
        self.following = not self.following
        self.show_notice("what runs stays in sight" if self.following else "the list stays where you put it")


class OperationPage(ProgressPage):
    """An operation that was started elsewhere, such as a reconciliation."""

    STEPS = "steps"
    AFTER: ClassVar[Line] = line("  ", Span("esc", Tone.KEY), " leads back")

    def breadcrumbs(self) -> tuple[str, ...]:
        about = self.run.subject if self.run.subject != self.cluster else ""
        return ("Fleet", self.cluster, f"{self.run.kind} {about}".rstrip())


def _ended_well(run: Run) -> bool:
    return run.finished is not None and run.finished.ok
