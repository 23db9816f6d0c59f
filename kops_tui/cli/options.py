"""The options that all commands take, and other names for commands."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, TypeVar, cast

import click

from kops_tui.cli.completion import complete_clusters, complete_groups

_Command = TypeVar("_Command", bound=Callable[..., Any])


def alias(group: click.Group, command: click.Command, *names: str) -> None:
    """Give a command other names, which the help does not list."""
    for name in names:
        other = copy(command)
        other.hidden = True
        group.add_command(other, name)


cluster_argument = click.argument("cluster", required=False, shell_complete=complete_clusters)
"""The cluster that a command is about, which ``--name`` and KOPS_CLUSTER_NAME may name as well."""
group_argument = click.argument("group", shell_complete=complete_groups)
"""An instance group of the cluster."""


def decorated(function: _Command, options: Iterable[Callable[[_Command], _Command]]) -> _Command:
    """A command with options, in the order in which the help lists them."""
    for option in reversed([*options]):
        function = option(function)
    return function


def api_options(function: _Command) -> _Command:
    """How to reach and sign in to a cluster's API: ``use_kubeconfig`` and ``api_server``."""
    return decorated(function, _API_OPTIONS)


events_option = click.option(
    "--events", type=click.Choice(["text", "ndjson"]), default="text", help="How to tell progress."
)
"""The form in which an operation that is followed tells its progress."""
_API_OPTIONS = (
    click.option(
        "--use-kubeconfig", is_flag=True, help="Sign in by your kubeconfig, not by the state store's keys."
    ),
    click.option("--api-server", default="", metavar="URL", help="Where the API is reached."),
)


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
    click.option(
        f"--{name}",
        metavar="VALUE",
        multiple=name == "state",
        help=help_,
        shell_complete=complete_clusters if name == "name" else None,
    )
    for name, help_ in COMMON_VALUES.items()
)
_COMMON = tuple(name.replace("-", "_") for name in COMMON_VALUES)
