"""What may be typed after ``:``: a command for each screen of the registry, and the program's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from kops_tui import clipboard
from kops_tui.host import Command, ScreenEntry, ScreenHost
from kops_tui.screens.create import show_create
from kops_tui.screens.help import HelpPage
from kops_tui.screens.operations import OperationsPage
from kops_tui.screens.page import FieldEditing, Page
from kops_tui.screens.questions import quit_question
from kops_tui.screens.settings import SettingsPage
from kops_tui.screens.spec import SpecPage

_NO_CLUSTER = "which cluster? add its name"


def all_commands(screens: Mapping[str, ScreenEntry]) -> dict[str, Command]:
    """The commands by name, in alphabetical order. screens: those about one cluster, by name."""
    commands = {name: _screen_command(name, entry) for name, entry in screens.items()}
    commands |= _OWN_COMMANDS
    commands["spec"] = replace(commands["spec"], run=_show_spec)
    commands["apply"] = _screen_command("apply", screens["plan"], "plan, then apply from there")
    return dict(sorted(commands.items()))


def _known_clusters(host: ScreenHost) -> Iterable[str]:
    return host.session.known_clusters


def _cluster_in_front(host: ScreenHost) -> str:
    """The cluster that the screen in front is about; "" if it is about none."""
    return host.screen.cluster if isinstance(host.screen, Page) else ""


def _screen_command(name: str, entry: ScreenEntry, help_: str = "") -> Command:
    """The command that shows a screen about the named cluster, else about the one in front."""

    def show(host: ScreenHost, typed: str) -> str | None:
        cluster = typed or _cluster_in_front(host)
        if not cluster:
            return _NO_CLUSTER
        entry.show(host, cluster)
        return None

    return Command(entry.usage or f"{name} [CLUSTER]", help_ or entry.help, show, _known_clusters)


def _show_fleet(host: ScreenHost, typed: str) -> None:
    host.home()


def _show_spec(host: ScreenHost, typed: str) -> str | None:
    """Show the spec of a cluster, or that of an instance group of the cluster in front."""
    cluster = _cluster_in_front(host)
    if typed and cluster and typed not in host.session.known_clusters:
        host.push_screen(SpecPage(cluster, typed))
        return None
    if not (typed or cluster):
        return _NO_CLUSTER
    host.open_screen("spec", typed or cluster)
    return None


def _fields(host: ScreenHost) -> FieldEditing | None:
    return host.screen.fields if isinstance(host.screen, Page) else None


def _field_paths(host: ScreenHost) -> Iterable[str]:
    fields = _fields(host)
    return fields.field_paths() if fields is not None else ()


_NO_FIELDS = "open a spec first, with e"


def _set_field(host: ScreenHost, typed: str) -> str | None:
    return _with_value(host, typed, "set", lambda fields: fields.set_field)


def _try_value(host: ScreenHost, typed: str) -> str | None:
    return _with_value(host, typed, "whatif", lambda fields: fields.try_value)


def _with_value(
    host: ScreenHost, typed: str, command: str, use: Callable[[FieldEditing], Callable[[str, str], None]]
) -> str | None:
    """Do something with a field and a value, typed as ``PATH=VALUE``."""
    path, equals, value = typed.partition("=")
    fields = _fields(host)
    if fields is None:
        return _NO_FIELDS
    if not equals:
        return f"write it like :{command} spec.kubelet.maxPods=80"
    use(fields)(path.strip(), value.strip())
    return None


def _unset_field(host: ScreenHost, typed: str) -> str | None:
    fields = _fields(host)
    if fields is None:
        return _NO_FIELDS
    fields.unset_field(typed)
    return None


def _themes(host: ScreenHost) -> Iterable[str]:
    return sorted(name for name in host.available_themes if name.startswith("kops-"))


def _change_theme(host: ScreenHost, typed: str) -> str | None:
    names = _themes(host)
    if typed not in names:
        return "themes: " + ", ".join(names)
    if host.terminal.colours.native:
        return "this terminal's own colours are in use: it shows 16 colours or fewer, or NO_COLOR is set"
    host.theme = typed
    host.preferences_file.keep_theme(typed)
    return None


def _show_runs(host: ScreenHost, typed: str) -> str | None:
    """Show what is running; if several operations or none run, the list of all."""
    if typed:
        found = [run for run in host.runs if run.cluster == typed]
        if not found:
            return f"nothing was started on {typed} yet"
        host.open_run(found[-1])
        return None
    running = [run for run in host.runs if run.running]
    if len(running) == 1:
        host.open_run(running[0])
    else:
        _show_operations(host, "")
    return None


def _show_operations(host: ScreenHost, typed: str) -> None:
    shown = host.screen
    if not isinstance(shown, OperationsPage) or shown.cluster != typed:
        host.push_screen(OperationsPage(typed))


def _show_settings(host: ScreenHost, typed: str) -> None:
    if not isinstance(host.screen, SettingsPage):
        host.push_screen(SettingsPage())


def _clusters_of_runs(host: ScreenHost) -> Iterable[str]:
    return sorted({run.cluster for run in host.runs})


def _show_help(host: ScreenHost, typed: str) -> None:
    if isinstance(host.screen, HelpPage):  # the key that opened it closes it
        host.pop_screen()
    else:
        host.push_screen(HelpPage(host.screen))


def _dump_screen(host: ScreenHost, typed: str) -> str:
    path = clipboard.write(host.engine.settings.state_dir, "screen.svg", host.export_screenshot())
    return f"written to {path}"


def _suspend(host: ScreenHost, typed: str) -> None:
    host.action_suspend_process()


def _quit(host: ScreenHost, typed: str) -> None:
    """End the program; where something would be lost, ask."""
    ending = None if host.engine.operations.outlive else host.run_under_way
    question = quit_question(ending, host.session.workspaces)
    if question is None:
        host.exit(0)
    else:
        host.confirm(question, partial(_quit_all_the_same, host))


def _quit_all_the_same(host: ScreenHost) -> None:
    host.unsaved.forget(host.session.workspaces)
    host.leave()


_OWN_COMMANDS: dict[str, Command] = {
    "create": Command("create [NAME]", "a new cluster, from a form", show_create),
    "dump": Command("dump", "write this screen to a file", _dump_screen),
    "fleet": Command("fleet", "all clusters of all stores", _show_fleet),
    "help": Command("help", "keys and commands", _show_help),
    "operations": Command(
        "operations [CLUSTER]",
        "everything started on this machine: attach, go on, clean up",
        _show_operations,
        _known_clusters,
    ),
    "q": Command("q", "end the program", _quit),
    "quit": Command("quit", "end the program", _quit),
    "runs": Command("runs [CLUSTER]", "what is running; else the list", _show_runs, _clusters_of_runs),
    "set": Command("set PATH=VALUE", "set a field of the open spec", _set_field, _field_paths),
    "settings": Command("settings", "versions, paths, where each setting came from", _show_settings),
    "suspend": Command("suspend", "back to the shell; fg returns", _suspend),
    "theme": Command("theme NAME", "other colours", _change_theme, _themes),
    "whatif": Command("whatif PATH=VALUE", "what a value would change", _try_value, _field_paths),
    "unset": Command("unset PATH", "leave a field to inference", _unset_field, _field_paths),
}

ALIASES: Mapping[str, str] = {
    "clusters": "fleet",
    "ctx": "fleet",
    "edit": "spec",
    "exit": "quit",
    "home": "fleet",
    "ig": "open",
    "info": "settings",
    "instancegroups": "open",
    "keypairs": "keys",
    "q!": "quit",
    "rolling-update": "roll",
    "update": "plan",
    "val": "validate",
}
"""Other names of commands: those of k9s, and kOps' own verbs."""
