"""What all screens share: the fixed lines, the filter, asking the engine, and telling what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState, get_current_worker

from kops_core import KopsError
from kops_tui.filtering import matcher
from kops_tui.keys import bind
from kops_tui.problems import lines_of
from kops_tui.styled_text import Line, Span, Tone, joined, line, wrap
from kops_tui.widgets.bars import Banner, Context, ContextBar, Crumbs, KeyLine
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows
from kops_tui.widgets.styled_lines import Note

if TYPE_CHECKING:
    from kops_tui.app import KopsApp
    from kops_tui.ports import Workspace

_T = TypeVar("_T")


class Answer(Message):
    """The engine answered; sent by a worker thread, taken by the screens' thread."""

    def __init__(self, take: Callable[[], None]) -> None:
        super().__init__()
        self.take = take


class Page(Screen[None]):
    """A full screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind(
            "page.filter",
            "slash",
            "filter",
            "filter",
            "Show only rows with a text; ! in front: without it",
            rank=3,
            sign="/",
        ),
        bind("page.refresh", "r", "refresh", "read again", "Ask the cloud and the store again"),
        bind("page.history", "H", "history", "", "What was done with this cluster, by whom"),
    ]
    AUTO_FOCUS = "Rows"
    LEAST = (80, 24)
    """Columns and lines under which only a message is shown."""

    cluster = ""
    """Name of the cluster that the screen is about."""

    def __init__(self) -> None:
        super().__init__()
        self.search = ""
        """The filter in force."""
        self._questions: dict[str, Callable[[], None]] = {}
        """How to ask again, by group."""
        self._busy: dict[str, str] = {}
        """What is being asked, by group."""
        self._retry: Callable[[], None] | None = None
        self._problem: BaseException | None = None
        self._notice: list[Line] = []
        """What was said last below the rest of the banner; the next notice takes its place."""

    def compose(self) -> ComposeResult:
        yield ContextBar(self.context())
        yield Crumbs()
        yield Banner()
        with Vertical(id="body"):
            yield from self.body()
        yield Prompt(self.kops.completions)
        yield KeyLine()
        yield Note([line(" this needs 80 columns and 24 lines")], id="too-small")

    def body(self) -> ComposeResult:
        """The widgets between the fixed lines."""
        yield from ()

    def breadcrumbs(self) -> tuple[str, ...]:
        """The crumbs, from the fleet to here."""
        return ("Fleet",)

    def badge(self) -> Line:
        """What the second line says at its right end."""
        return ()

    def note(self) -> str:
        """What the first line says at its right end."""
        return ""

    @property
    def kops(self) -> KopsApp:
        """The app, as what it is."""
        return cast("KopsApp", self.app)

    def context(self) -> Context:
        """What the first line says."""
        app = self.kops
        return Context(
            app.store_of(self.cluster),
            self.cluster,
            app.account,
            app.engine.settings.operator,
            app.engine.settings.write,
            app.engine.settings.environment_class(self.cluster),
            self.note(),
        )

    def refresh_header(self) -> None:
        """Bring the fixed lines up to date."""
        if not self.is_mounted:
            return
        self.query_one(ContextBar).show(self.context())
        busy = Span(f"{next(reversed(self._busy.values()))} ...", Tone.WARN) if self._busy else Span("")
        found = Span(f"/{self.search}", Tone.WARN) if self.search else Span("")
        self.query_one(Crumbs).show(self.breadcrumbs(), joined([busy, self.badge(), found], "  "))

    def on_mount(self) -> None:
        self.set_class(self.kops.glyphs.rule == "-", "-ascii")
        self._measure()
        self.refresh_header()

    def on_resize(self) -> None:
        self._measure()
        if self._problem is not None:
            self.show_error(self._problem, self._retry)

    def on_screen_resume(self) -> None:
        self.refresh_header()

    def on_screen_suspend(self) -> None:
        self.clear_notice()

    def _measure(self) -> None:
        columns, lines = self.LEAST
        self.set_class(self.app.size.width < columns or self.app.size.height < lines, "-too-small")

    # Asking

    def run_query(
        self, what: str, question: Callable[[], _T], then: Callable[[_T], None], *, group: str = "page"
    ) -> None:
        """Ask the engine in a worker and hand the answer to ``then``. A newer question of the group wins."""

        def work() -> None:
            worker = get_current_worker()
            found = question()
            if not worker.is_cancelled:
                self.post_message(Answer(partial(then, found)))

        self._questions[group] = partial(self.run_query, what, question, then, group=group)
        self._busy[group] = what
        self.run_worker(work, name=group, group=group, thread=True, exclusive=True, exit_on_error=False)
        self.refresh_header()

    def with_workspace(self, then: Callable[[Workspace], None]) -> None:
        """Hand the cluster's workspace to ``then``, opening it if need be. Its edits outlive the screens."""

        def keep(workspace: Workspace) -> None:
            self.kops.keep(workspace)
            then(workspace)

        found = self.kops.workspace(self.cluster)
        if found is not None:
            then(found)
        else:
            self.run_query(
                "reading the cluster", partial(self.kops.engine.open, self.cluster), keep, group="open"
            )

    def answer(self, take: Callable[[], None]) -> None:
        """Hand something over to the screens' thread; called by workers."""
        self.post_message(Answer(take))

    @on(Answer)
    def _answered(self, message: Answer) -> None:
        message.stop()
        message.take()

    @on(Worker.StateChanged)
    def _worked(self, event: Worker.StateChanged) -> None:
        event.stop()
        group = event.worker.group
        if event.state not in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED):
            return
        if event.state is not WorkerState.CANCELLED:
            self._busy.pop(group, None)
        retry = self._questions.get(group)
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.show_error(event.worker.error, retry)
        elif event.state is WorkerState.SUCCESS and self._retry is not None and self._retry is retry:
            self.clear_error()
        self.refresh_header()

    # What went wrong

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except KopsError as problem:  # no error that has a remedy ends the app
            self.show_error(problem)

    def show_error(self, problem: BaseException, retry: Callable[[], None] | None = None) -> None:
        """Show a problem until it is solved or Esc is pressed."""
        self._problem, self._retry = problem, retry
        self.kops.log_error(problem)
        width = max(40, self.app.size.width - 1)
        self.query_one(Banner).show_lines(lines_of(problem, width, retry=retry is not None))
        for rows in self.query(Rows):
            if not rows.rows:
                rows.show((), empty="there is nothing to show, for the reason above")

    def clear_error(self) -> bool:
        """Take the problem away. False if there was none."""
        had = self._problem is not None
        self._problem = self._retry = None
        if had and self.is_mounted:
            self.query_one(Banner).show_lines([])
        return had

    def show_notice(self, *pieces: str | Span) -> None:
        """Say something in the banner's place, until the next key that changes something."""
        self._problem = self._retry = None
        self.query_one(Banner).show_lines([line(" ", *pieces)])

    def add_notice(self, text: str) -> None:
        """Say something below what the banner says already."""
        if not self.is_mounted:
            self.call_later(self.add_notice, text)
            return
        banner = self.query_one(Banner)
        shown = (
            [each for each in banner.lines if each not in self._notice] if banner.has_class("-shown") else []
        )
        self._notice = wrap(line(Span(f" {text}", Tone.WARN)), max(40, self.app.size.width - 1), 3)
        banner.show_lines([*shown, *self._notice])

    def clear_notice(self) -> None:
        """Take away what was said, but not a problem."""
        if self._problem is None:
            self.query_one(Banner).show_lines([])

    def action_refresh(self) -> None:
        """Try again what failed, or read everything again."""
        if self._retry is not None:
            retry = self._retry
            self.clear_error()
            retry()
        else:
            self.clear_notice()
            self.reload()

    def reload(self) -> None:
        """Ask for everything that the screen shows."""

    # Filtering

    def matches_filter(self, *texts: str) -> bool:
        """Whether a row of these texts passes the filter."""
        return matcher(self.search)(" ".join(texts))

    def empty_text(self, otherwise: str) -> str:
        """What a list without rows says: that the filter lets nothing through, or why there is nothing."""
        return f"nothing matches /{self.search}: esc shows everything" if self.search else otherwise

    def refill(self) -> None:
        """Show the rows that pass the filter."""

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(Prompt).open("/", self.search)

    @on(Prompt.Typed)
    def _prompt_typed(self, message: Prompt.Typed) -> None:
        if message.kind == "/" and message.text != self.search:
            self.search = message.text
            self.refill()
            self.refresh_header()

    @on(Prompt.Entered)
    def _prompt_entered(self, message: Prompt.Entered) -> None:
        self._refocus()
        if message.kind == ":":
            self.kops.command(message.text.strip())

    @on(Prompt.Closed)
    def _prompt_closed(self, message: Prompt.Closed) -> None:
        self._refocus()

    def _refocus(self) -> None:
        lists = self.query(Rows)
        if lists:
            lists.first().focus()

    def action_history(self) -> None:
        """What was done with the cluster."""
        if self.cluster:
            self.kops.show_history(self.cluster)

    def back(self) -> bool:
        """Leave what was opened on this screen, the last first. False if nothing was."""
        prompt = self.query_one(Prompt)
        if prompt.kind:
            prompt.close()
            return True
        self.clear_notice()
        if self.clear_error():
            return True
        if self.search:
            self.search = ""
            self.refill()
            self.refresh_header()
            return True
        return False
