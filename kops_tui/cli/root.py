"""The commands by name, each loaded only when it is called, and the options that all of them take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from copy import copy
from importlib import import_module
from typing import Any, TypeVar, cast

import click

from kops_core.version import KOPS_VERSION, __version__

_Command = TypeVar("_Command", bound=Callable[..., Any])

COMMANDS: dict[str, tuple[str, str]] = {
    "create": ("create", "Create a cluster, objects from files, keypairs or secrets in the state store."),
    "delete": ("delete", "Delete a cluster, or secrets and SSH public keys of one."),
    "distrust": ("keypairs:distrust", "Distrust keypairs of a keyset."),
    "drift": ("drift", "Tell what is not as the spec wants it, and since when."),
    "edit": ("edit", "Change one field of a cluster or instance group."),
    "export": ("kubeconfig:export", "Write kubeconfigs, with certificates for administrators."),
    "facts": ("facts", "Record what the cloud account holds."),
    "get": ("get", "List clusters, instance groups, keypairs and secrets."),
    "history": ("history", "List what was done to a cluster, and what was written of its specs."),
    "infer": ("infer", "Print the completed spec of a cluster, and why each value is what it is."),
    "info": ("info", "Tell versions, paths, and where each setting came from."),
    "lock": ("lock", "Show and remove a cluster's lock."),
    "promote": ("keypairs:promote", "Make a keypair the one that signs."),
    "protect": ("protect", "Guard a cluster or instance group against deletion."),
    "replace": ("replace", "Replace objects in the state store from files."),
    "rolling-update": ("rolling", "Replace the nodes whose configuration is out of date."),
    "sandbox": ("sandbox", "Start, stop and use the embedded AWS."),
    "trust": ("keypairs:trust", "Trust distrusted keypairs again."),
    "update": ("update", "Plan what a cluster needs, and apply it."),
    "validate": ("validate", "Tell what is wrong with a spec."),
    "version": ("version", "Print the version."),
}
"""Command to its module below ``kops_tui.cli.commands`` and its line in the help.

``module:name`` where a module has several commands, and none is its ``command``.
"""

MODES: dict[str, str] = {
    "plan": "update",
    "apply": "update",
    "roll": "rolling",
    "check": "validate",
    "helpers": "kubeconfig",
}
"""Hidden commands: those behind ``--plan`` and the like, and what kubectl calls."""

FLAGS_OF_MODES = {
    "plan": "--plan",
    "apply": "--apply",
    "roll": "--rolling-update",
    "check": "--validate",
}
"""Hidden commands by the flags that people know them by."""


class Root(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MODES:
            return cast(click.Command, getattr(_load_module(MODES[cmd_name]), cmd_name))
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        return cast(click.Command, getattr(_load_module(module), name or "command"))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Errors name the flag that was typed, not the hidden command behind it."""
        name, found, rest = super().resolve_command(ctx, args)
        return FLAGS_OF_MODES.get(name or "", name), found, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])
        with formatter.section("For scripts and CI"):
            formatter.write_dl(
                [
                    ("--plan [-f FILE] [--out FILE]", "Plan; exit 2 if there are changes, 0 if not."),
                    ("--apply [PLAN]", "Plan and apply, or apply a saved plan."),
                    ("--rolling-update", "Replace the nodes that need it."),
                    ("--validate", "Tell whether the cluster's spec is valid."),
                ]
            )


def _load_module(name: str) -> Any:  # a module: its attributes are not known to the type checker
    return import_module(f"kops_tui.cli.commands.{name}")


def alias(group: click.Group, command: click.Command, *names: str) -> None:
    """Give a command other names, which the help does not list."""
    for name in names:
        other = copy(command)
        other.hidden = True
        group.add_command(other, name)


def common(function: _Command) -> _Command:
    """The options that every command takes, gathered into ``ctx.obj`` as a dictionary."""

    @functools.wraps(function)
    def gather(*arguments: Any, **options: Any) -> Any:
        context = click.get_current_context()
        given = context.ensure_object(dict)
        for key in _COMMON:
            value = options.pop(key, None)
            if value not in (None, (), False):
                given[key] = value
        return function(*arguments, **options)

    for decorate in reversed(_OPTIONS):
        gather = decorate(gather)
    return cast(_Command, gather)


COMMON_VALUES: dict[str, str] = {
    "state": "State store; may be repeated for the fleet.",
    "name": "The cluster.",
    "config": "Configuration file, instead of ~/.kops.yaml.",
    "cloud-facts": "Take facts from a file and call no cloud.",
    "asset-hashes": "Folder with hashes of well-known downloads.",
    "channel": "Channel: URL, file, stable or alpha.",
    "kops-version": "Whose nodeup and images the nodes use.",
}
"""The common options that take a value, and their help."""

_OPTIONS = tuple(
    click.option(f"--{name}", metavar="VALUE", multiple=name == "state", help=help_)
    for name, help_ in COMMON_VALUES.items()
)
_COMMON = tuple(name.replace("-", "_") for name in COMMON_VALUES)


@click.group(
    cls=Root,
    invoke_without_command=True,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message=f"%(prog)s %(version)s (compatible with kOps {KOPS_VERSION})")
@click.option("--sandbox", is_flag=True, help="Work in an embedded AWS with three clusters.")
@click.option("--strict", is_flag=True, help="With --sandbox: delays, limits and refusals as AWS has them.")
@click.option("--write", is_flag=True, help="Let the terminal UI change things.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII only.")
@common
@click.pass_context
def root(ctx: click.Context, sandbox: bool, strict: bool, write: bool, ascii_only: bool) -> int:
    """kOps clusters in a terminal. Without a command: the terminal UI."""
    if ctx.invoked_subcommand is not None:
        return 0
    from kops_tui.cli.interactive import open_ui

    if strict and not sandbox:
        raise click.UsageError("--strict is an option of --sandbox")
    return open_ui(ctx.obj, sandbox=sandbox, strict=strict, write=write, ascii_only=ascii_only)
