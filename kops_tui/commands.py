"""What may be typed after ``:``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from kops_tui.app import KopsApp
    from kops_tui.screens.page import Page


def _none(app: KopsApp) -> Iterable[str]:
    return ()


@dataclass(frozen=True)
class Command:
    """A command by its name."""

    usage: str
    help: str
    do: Callable[[KopsApp, str], str | None]
    """Given what was typed after the name; returns what to say, if anything."""
    choices: Callable[[KopsApp], Iterable[str]] = _none
    """What may be typed after the name."""


def _clusters(app: KopsApp) -> Iterable[str]:
    return app.known_clusters


def _page(app: KopsApp) -> Page:
    return cast("Page", app.screen)


def _named(app: KopsApp, name: str) -> str:
    """The cluster that was named, else the screen's."""
    return name or _page(app).cluster


def _fleet(app: KopsApp, rest: str) -> str | None:
    app.home()
    return None


def _open(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_cluster)


def _spec(app: KopsApp, rest: str) -> str | None:
    here = _page(app).cluster
    if rest and here and rest not in app.known_clusters:
        app.show_spec(here, rest)
        return None
    return _at_cluster(app, rest, app.show_spec)


def _plan(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_plan)


def _roll(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_roll)


def _history(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_history)


def _drift(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_drift)


def _keypairs(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_keypairs)


def _delete(app: KopsApp, rest: str) -> str | None:
    return _at_cluster(app, rest, app.show_deletion)


def _at_cluster(app: KopsApp, rest: str, show: Callable[[str], None]) -> str | None:
    name = _named(app, rest)
    if not name:
        return "which cluster? add its name"
    show(name)
    return None


def _set(app: KopsApp, rest: str) -> str | None:
    path, equals, value = rest.partition("=")
    page = _page(app)
    edit = getattr(page, "set_field", None)
    if edit is None:
        return "open a spec first, with e"
    if not equals:
        return "write it like :set spec.kubelet.maxPods=80"
    edit(path.strip(), value.strip())
    return None


def _unset(app: KopsApp, rest: str) -> str | None:
    edit = getattr(_page(app), "unset_field", None)
    if edit is None:
        return "open a spec first, with e"
    edit(rest)
    return None


def _field_paths(app: KopsApp) -> Iterable[str]:
    paths = getattr(_page(app), "field_paths", None)
    return paths() if paths is not None else ()


def _theme(app: KopsApp, rest: str) -> str | None:
    names = sorted(_themes(app))
    if rest not in names:
        return "themes: " + ", ".join(names)
    if app.terminal.colours.native:
        return "this terminal's own colours are in use: it shows 16 colours or fewer, or NO_COLOR is set"
    app.theme = rest
    return None


def _themes(app: KopsApp) -> Iterable[str]:
    return [name for name in app.available_themes if name.startswith("kops-")]


def _runs(app: KopsApp, rest: str) -> str | None:
    app.action_runs()
    return None


def _help(app: KopsApp, rest: str) -> str | None:
    app.action_help()
    return None


def _dump(app: KopsApp, rest: str) -> str | None:
    app.action_dump()
    return None


def _suspend(app: KopsApp, rest: str) -> str | None:
    app.action_suspend_process()
    return None


def _quit(app: KopsApp, rest: str) -> str | None:
    app.action_leave()
    return None


COMMANDS: dict[str, Command] = {
    "apply": Command("apply [CLUSTER]", "plan, then apply from there", _plan, _clusters),
    "delete": Command("delete [CLUSTER]", "what deleting it would take along", _delete, _clusters),
    "drift": Command("drift [CLUSTER]", "what was changed in the account", _drift, _clusters),
    "dump": Command("dump", "write this screen to a file", _dump),
    "fleet": Command("fleet", "all clusters of all stores", _fleet),
    "help": Command("help", "keys and commands", _help),
    "history": Command("history [CLUSTER]", "what was done, by whom", _history, _clusters),
    "keys": Command("keys [CLUSTER]", "keypairs: which sign, which are trusted", _keypairs, _clusters),
    "open": Command("open CLUSTER", "a cluster's overview", _open, _clusters),
    "plan": Command("plan [CLUSTER]", "what applying would change", _plan, _clusters),
    "q": Command("q", "end the program", _quit),
    "quit": Command("quit", "end the program", _quit),
    "roll": Command("roll [CLUSTER]", "nodes that need to be replaced", _roll, _clusters),
    "runs": Command("runs", "what is running, or ran last", _runs),
    "set": Command("set PATH=VALUE", "set a field of the open spec", _set, _field_paths),
    "spec": Command("spec [CLUSTER or GROUP]", "yours and inferred, side by side", _spec, _clusters),
    "suspend": Command("suspend", "back to the shell; fg returns", _suspend),
    "theme": Command("theme NAME", "other colours", _theme, _themes),
    "unset": Command("unset PATH", "leave a field to inference", _unset, _field_paths),
}
