"""The base of all screens: the fixed lines, the filter, queries to the engine, errors and notices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, Protocol, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from kops_core import KopsError
from kops_tui.error_text import banner_lines, full_lines
from kops_tui.host import ScreenHost
from kops_tui.keys import bind
from kops_tui.ports import Workspace
from kops_tui.row_filter import matcher
from kops_tui.screens.query import QueryScreen
from kops_tui.shell_commands import for_cluster
from kops_tui.styled_text import Line, Span, Tone, joined, line, wrap
from kops_tui.widgets.bars import Banner, Context, ContextBar, Crumbs, KeyLine
from kops_tui.widgets.prompt import Prompt
from kops_tui.widgets.rows import Rows
from kops_tui.widgets.styled_lines import Note

_T = TypeVar("_T")


class FieldEditing(Protocol):
    """What a screen offers that edits single fields of a spec."""

    def set_field(self, path: str, text: str) -> None: ...
    def unset_field(self, path: str) -> None: ...
    def try_value(self, path: str, text: str) -> None:
        """Show what a value would change, without setting it."""
        ...

    def field_paths(self) -> Iterable[str]:
        """The fields that can be named."""
        ...


class Page(QueryScreen):
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
        bind("page.refresh", "r,ctrl+r", "refresh", "read again", "Ask the cloud and the store again"),
        bind("page.describe", "d", "describe", "", "The row under the cursor in full"),
        bind("page.error", "exclamation_mark", "full_error", "", "The error in full", sign="!"),
        bind("page.shell", "x", "shell", "", "The commands of a shell that do the same; copies them"),
        bind("page.history", "H", "open_screen('history')", "", "What was done with this cluster, by whom"),
    ]
    AUTO_FOCUS = "Rows"
    ENTER = ""
    """What Enter does with the row under the cursor, for the last line; "" leaves it off."""
    LEAST = (80, 24)
    """Columns and lines under which only a message is shown."""

    cluster = ""
    """Name of the cluster that the screen is about."""

    def __init__(self) -> None:
        super().__init__()
        self.search = ""
        """The filter in force."""
        self._error: BaseException | None = None
        self._retry: Callable[[], None] | None = None
        """What ``r`` does about the error."""
        self._commands: list[Line] = []
        """The commands of a shell that the banner shows, if it does."""
        self._notice: list[Line] = []
        """The last added notice; the next one takes its place."""

    def compose(self) -> ComposeResult:
        yield ContextBar(self.context())
        yield Crumbs()
        yield Banner()
        with Vertical(id="body"):
            yield from self.body()
        yield Prompt(self.kops.completions)
        yield KeyLine()
        yield Note([line(" this needs 80 columns and 24 lines")], id="too-small")

    # What a screen declares

    def body(self) -> ComposeResult:
        """The widgets between the fixed lines."""
        yield from ()

    def breadcrumbs(self) -> tuple[str, ...]:
        """The screens from the fleet to here."""
        return ("Fleet",)

    def badge(self) -> Line:
        """The right end of the second line."""
        return ()

    def note(self) -> str:
        """The right end of the first line."""
        return ""

    @property
    def fields(self) -> FieldEditing | None:
        """What edits single fields here; None on screens that edit none."""
        return None

    def shell_commands(self) -> tuple[str, ...]:
        """The commands that do in a shell what this screen does: kops-tui's, then kOps'."""
        return ()

    def in_shell(self, ours: str, kops: str = "") -> tuple[str, ...]:
        """Commands about this screen's cluster; of each what follows the program's name."""
        return for_cluster(self.cluster, self.kops.session.store_of(self.cluster), ours, kops)

    def description(self) -> list[Line]:
        """The row under the cursor in full."""
        return [line for rows in self.query(Rows).results(Rows) for line in rows.description()]

    def refill(self) -> None:
        """Show the rows that pass the filter."""

    def reload(self) -> None:
        """Query everything that the screen shows."""

    # The fixed lines

    @property
    def kops(self) -> ScreenHost:
        """The app, typed."""
        return cast(ScreenHost, self.app)

    def context(self) -> Context:
        """The content of the first line."""
        session, settings = self.kops.session, self.kops.engine.settings
        return Context(
            session.store_of(self.cluster),
            self.cluster,
            session.account,
            settings.operator,
            settings.write,
            settings.environment_class(self.cluster),
            self.note(),
        )

    def refresh_header(self) -> None:
        """Bring the fixed lines up to date."""
        if not self.is_mounted:
            return
        self.query_one(ContextBar).show(self.context())
        asking = self.asking
        busy = Span(f"{asking} ...", Tone.WARN) if asking else Span("")
        found = Span(f"/{self.search}", Tone.WARN) if self.search else Span("")
        self.query_one(Crumbs).show(self.breadcrumbs(), joined([busy, self.badge(), found], "  "))

    def on_mount(self) -> None:
        self.set_class(self.kops.glyphs.rule == "-", "-ascii")
        self._mark_too_small()
        self.refresh_header()

    def on_resize(self) -> None:
        self._mark_too_small()
        if self._error is not None:
            self._draw_error(self._error)

    def on_screen_resume(self) -> None:
        self.refresh_header()

    def on_screen_suspend(self) -> None:
        self.clear_notice()

    def _mark_too_small(self) -> None:
        columns, lines = self.LEAST
        self.set_class(self.app.size.width < columns or self.app.size.height < lines, "-too-small")

    # The cluster that it is about

    def facts_arrived(self) -> None:
        """Show the values again: the cloud facts were read, so everything can be inferred."""

    def with_workspace(self, then: Callable[[Workspace], None]) -> None:
        """Call ``then`` with the cluster's workspace, opened if need be; its edits outlive screens."""
        session = self.kops.session

        def show(workspace: Workspace) -> None:
            then(workspace)
            if not workspace.facts_read:
                self.run_query(
                    "asking the cloud for its facts",
                    workspace.read_facts,
                    lambda _: self.facts_arrived(),
                    group="facts",
                )

        def opened(workspace: Workspace) -> None:
            session.add_workspace(workspace)
            show(workspace)

        found = session.workspace(self.cluster)
        if found is not None:
            show(found)
        else:
            self.run_query(
                "reading the cluster", partial(self.kops.engine.open, self.cluster), opened, group="open"
            )

    # What went wrong

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except KopsError as error:  # an error with a remedy does not end the app
            self.show_error(error)

    def show_error(self, error: BaseException, retry: Callable[[], None] | None = None) -> None:
        """Show an error until it is solved or Esc is pressed. retry: what ``r`` does about it."""
        self._error, self._retry, self._failed_group = error, retry, ""
        self.kops.log_error(error)
        self._draw_error(error)

    def _draw_error(self, error: BaseException) -> None:
        width = max(40, self.app.size.width - 1)
        self.query_one(Banner).show_lines(banner_lines(error, width, retry=self._retry is not None))
        for rows in self.query(Rows):
            if not rows.rows:
                rows.show((), empty="there is nothing to show, for the reason above")

    def clear_error(self) -> bool:
        """Remove the error. False if there was none."""
        had = self._error is not None
        self._forget_error()
        if had and self.is_mounted:
            self.query_one(Banner).show_lines([])
        return had

    def _forget_error(self) -> None:
        self._error, self._retry, self._failed_group = None, None, ""

    def show_notice(self, *pieces: str | Span) -> None:
        """Show a notice in the banner's place, until the next key that changes something."""
        self._forget_error()
        self.query_one(Banner).show_lines([line(" ", *pieces)])

    def add_notice(self, text: str) -> None:
        """Show a notice below what the banner shows already."""
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
        """Remove the notices, but not an error."""
        if self._error is None:
            self.query_one(Banner).show_lines([])

    def action_refresh(self) -> None:
        """Ask again what failed, or read everything again."""
        retry = self._retry
        if retry is not None:
            self.clear_error()
            retry()
        else:
            self.clear_notice()
            self.reload()

    # What may be done

    def may_write(self) -> bool:
        """Whether this session may change anything; if not, the operator is told."""
        if not self.kops.engine.settings.write:
            self.show_notice(Span("read-only: ", Tone.WARN), "start with --write to change anything")
            return False
        return True

    def may_start_run(self) -> bool:
        """Whether an operation may be started now; if not, the operator is told why."""
        if not self.may_write():
            return False
        if self.kops.running_on(self.cluster) is not None:
            self.show_notice(
                "something is running already on this cluster: ", Span("F2", Tone.KEY), " shows it"
            )
            return False
        return True

    # Filtering

    def matches_filter(self, *texts: str) -> bool:
        """Whether a row of these texts passes the filter."""
        return matcher(self.search)(" ".join(texts))

    def empty_text(self, otherwise: str) -> str:
        """The text of a list without rows: that nothing matches the filter, or ``otherwise``."""
        return f"nothing matches /{self.search}: esc shows everything" if self.search else otherwise

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(Prompt).open("/", self.search)

    @on(Prompt.Changed)
    def _filter_typed(self, message: Prompt.Changed) -> None:
        if message.kind == "/" and message.text != self.search:
            self.search = message.text
            self.refill()
            self.refresh_header()

    @on(Prompt.Submitted)
    def _prompt_submitted(self, message: Prompt.Submitted) -> None:
        self._focus_list()
        if message.kind == ":":
            told = self.kops.run_command(message.text.strip())
            if told:
                self.show_notice(told)

    @on(Prompt.Closed)
    def _prompt_closed(self) -> None:
        self._focus_list()

    def _focus_list(self) -> None:
        lists = self.query(Rows)
        if lists:
            lists.first().focus()

    # In full

    def action_describe(self) -> None:
        """Show the row under the cursor in full."""
        lines = self.description()
        if lines:
            self.kops.show_text("Row", lines)
        else:
            self.show_notice("there is no row under the cursor")

    def action_full_error(self) -> None:
        """Show the error in full."""
        if self._error is None:
            self.show_notice("there is no error on this screen")
        else:
            self.kops.show_text("Error", full_lines(self._error))

    def action_shell(self) -> None:
        """Show the commands that do the same, and copy them."""
        commands = self.shell_commands()
        if not commands:
            self.show_notice("no command does this in a shell")
            return
        path = self.kops.copy("".join(f"{each}\n" for each in commands), "commands.txt")
        width = max(40, self.app.size.width - 1)
        told = line(Span(f" copied, and written to {path}", Tone.MUTED))
        self._forget_error()
        lines = (*(line(" ", Span(text, Tone.STRONG)) for text in commands), told)
        self._commands = [cut for each in lines for cut in wrap(each, width, 5)]
        self.query_one(Banner).show_lines(self._commands)

    # Other screens

    def action_open_screen(self, name: str) -> None:
        """Show another screen about the same cluster."""
        if self.cluster:
            self.kops.open_screen(name, self.cluster)

    def back(self) -> bool:
        """Leave what was opened on this screen, the last first. False if nothing was."""
        prompt = self.query_one(Prompt)
        if prompt.kind:
            prompt.close()
            return True
        commands, self._commands = self._commands, []
        read = bool(commands) and self.query_one(Banner).lines == commands
        self.clear_notice()
        if self.clear_error() or read:
            return True
        if self.search:
            self.search = ""
            self.refill()
            self.refresh_header()
            return True
        return False


def unsaved_note(workspace: Workspace | None) -> str:
    """How many edits of a workspace are not saved; "" if none."""
    return f"{workspace.edits} unsaved" if workspace is not None and workspace.edits else ""
