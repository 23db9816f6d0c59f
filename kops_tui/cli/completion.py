"""Completion in the shell: click's own, and names of clusters, instance groups and keysets.

Names come from the fleet as it was read lately, else from the state store, for which a shell waits a moment
at most. A store that can't be read completes nothing: a shell has no place for errors.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    PowerShellComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

from kops_core.errors import KopsError

if TYPE_CHECKING:
    from kops_core import CachedFleet, Engine
    from kops_tui.cli.settings import Given

VARIABLE: Final = "_KOPS_TUI_COMPLETE"
"""Environment variable by which the shell asks for completions."""
_FRESH: Final = timedelta(minutes=5)
"""Age up to which what was read of the fleet is taken as it is."""
_DEADLINE: Final = 1.0
"""Seconds that a shell waits for a store."""
_BARE: Final = "KOPS_TUI_COMPLETE_WITHOUT_DESCRIPTIONS"
"""Environment variable by which it asks for them without descriptions."""
_SHELLS: Final[dict[str, type[ShellComplete]]] = {
    "bash": BashComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
    "zsh": ZshComplete,
}


def script(shell: str, command: click.Command, *, descriptions: bool) -> str:
    """The code that a shell has to evaluate once."""
    complete = _SHELLS[shell](command, {}, "kops-tui", VARIABLE)
    text = complete.source_template % complete.source_vars()
    return text if descriptions else text.replace(f"{VARIABLE}=", f"{_BARE}=1 {VARIABLE}=")


def prepare_completion() -> None:
    """Leaves descriptions out of the completions of this process, if its shell asks for that."""
    if os.environ.get(_BARE):
        for shell in _SHELLS.values():
            add_completion_class(type(f"Bare{shell.__name__}", (_WithoutDescriptions, shell), {}))


class _WithoutDescriptions(ShellComplete):
    def format_completion(self, item: CompletionItem[str]) -> str:
        return super().format_completion(CompletionItem(item.value, item.type))


def complete_clusters(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The names of clusters that begin as typed."""
    return _complete(
        context,
        typed,
        lambda engine: engine.fleet.names(),
        lambda found: [each.name for each in found.summaries],
    )


def complete_groups(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The instance groups of the cluster that the words before name."""
    name = str(_given(context).get("name", "")) or os.environ.get("KOPS_CLUSTER_NAME", "")
    return _complete(
        context,
        typed,
        lambda engine: engine.stored(engine.settings.cluster).instance_groups,
        lambda found: [group.name for each in found.summaries if each.name == name for group in each.groups],
    )


def complete_keysets(context: click.Context, _: click.Parameter, typed: str) -> list[str]:
    """The keysets of the cluster that the words before name."""
    return _complete(
        context,
        typed,
        lambda engine: {each.keyset for each in engine.keypairs(engine.settings.cluster).summaries()},
        lambda _: (),
    )


def _complete(
    context: click.Context,
    typed: str,
    read: Callable[[Engine], Iterable[str]],
    cached: Callable[[CachedFleet], Iterable[str]],
) -> list[str]:
    """The names that begin as typed: from the fleet as it was read lately, else from the store.

    A store that does not answer in time is not waited for: then an older reading counts.
    """
    from kops_core import Engine
    from kops_tui.cli.settings import resolve

    try:
        engine = Engine(resolve(_given(context), os.environ))
        kept = engine.fleet.cache.read()
        names = list(cached(kept)) if kept is not None else []
        fresh = kept is not None and datetime.now(UTC) - kept.read_at < _FRESH
        if not (fresh and names):
            names = _in_time(lambda: list(read(engine))) or names
    except (KopsError, OSError):
        return []
    return sorted(name for name in names if name.startswith(typed))


def _in_time(read: Callable[[], list[str]]) -> list[str]:
    """What is read before the deadline; nothing if it takes longer or fails."""
    found: list[str] = []

    def work() -> None:
        with suppress(KopsError, OSError):
            found.extend(read())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_DEADLINE)
    return list(found)


def _given(context: click.Context) -> Given:
    """The common options among the words before, which no callback has gathered yet."""
    given: dict[str, object] = {}
    while True:
        for name, value in context.params.items():
            if value:
                given.setdefault(name, value)
        if context.parent is None:
            break
        context = context.parent
    if cluster := given.get("cluster"):
        given.setdefault("name", cluster)
    return cast("Given", given)
