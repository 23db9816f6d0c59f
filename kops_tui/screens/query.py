"""Queries of a screen to the engine, which run in workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar, cast

from textual import on
from textual.screen import Screen
from textual.worker import Worker, WorkerState

T = TypeVar("T")


@dataclass
class Query(Generic[T]):
    """A query, as long as it is the newest of its group."""

    description: str
    ask: Callable[[], T]
    then: Callable[[T], None]
    group: str
    retry: bool = True
    """Whether ``r`` asks again after an error."""
    worker: Worker[T] | None = None
    running: bool = True


class QueryScreen(Screen[None]):
    """A screen whose queries run in workers; of a group only the newest one counts."""

    def __init__(self) -> None:
        super().__init__()
        self._queries: dict[str, Query[object]] = {}
        """The newest query of each group."""
        self._failed_group = ""
        """Group of the query that the error on the screen is of; "" if it is of none."""

    def refresh_header(self) -> None:
        """Bring the fixed lines up to date."""
        raise NotImplementedError

    def show_error(self, error: BaseException, retry: Callable[[], None] | None = None) -> None:
        """Show an error until it is solved or Esc is pressed. retry: what ``r`` does about it."""
        raise NotImplementedError

    def clear_error(self) -> bool:
        """Remove the error. False if there was none."""
        raise NotImplementedError

    @property
    def asking(self) -> str:
        """The description of the query that began last of those under way; "" if there is none."""
        running = [each.description for each in self._queries.values() if each.running]
        return running[-1] if running else ""

    def run_query(
        self,
        description: str,
        ask: Callable[[], T],
        then: Callable[[T], None],
        *,
        group: str = "page",
        retry: bool = True,
    ) -> None:
        """Run a query to the engine in a worker, and call ``then`` with the answer in the screen's thread.

        A newer query of a group takes the place of the older one, whose answer is dropped.
        retry: whether ``r`` asks again after an error.
        """
        query = Query(description, ask, then, group, retry)
        self._queries.pop(group, None)  # the header names the query that began last
        self._queries[group] = cast("Query[object]", query)
        query.worker = self.run_worker(
            ask, name=group, group=group, thread=True, exclusive=True, exit_on_error=False
        )
        self.refresh_header()

    @on(Worker.StateChanged)
    def _query_ended(self, event: Worker.StateChanged) -> None:
        event.stop()
        query = self._queries.get(event.worker.group)
        if query is None or query.worker is not event.worker:
            return
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            query.running = False
            self.show_error(event.worker.error, partial(self._ask_again, query) if query.retry else None)
            self._failed_group = query.group
        elif event.state is WorkerState.SUCCESS:
            query.running = False
            if self._failed_group == query.group:
                self.clear_error()
            self.refresh_header()
            query.then(event.worker.result)
        self.refresh_header()

    def is_asking(self, group: str = "page") -> bool:
        """Whether a query of a group is under way."""
        query = self._queries.get(group)
        return query is not None and query.running

    def _ask_again(self, query: Query[object]) -> None:
        self.run_query(query.description, query.ask, query.then, group=query.group)
