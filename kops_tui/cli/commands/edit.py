"""``edit cluster|instancegroup --set path=value --unset path``: change fields without an editor."""

from __future__ import annotations

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli.options import alias, common
from kops_tui.cli.streams import echo

_SET = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set a field, e.g. spec.kubernetesVersion=1.35.7.",
)
_UNSET = click.option("--unset", "unsets", multiple=True, metavar="PATH", help="Leave a field to inference.")


@click.group("edit")
def command() -> None:
    """Change fields of a cluster or instance group in the state store."""


@command.command("cluster")
@click.argument("cluster", required=False)
@_SET
@_UNSET
@common
@click.pass_context
def cluster(ctx: click.Context, cluster: str | None, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    """Change fields of a cluster."""
    if cluster:
        ctx.obj["name"] = cluster
    _edit(ctx, "cluster", sets, unsets)


@command.command("instancegroup")
@click.argument("group")
@_SET
@_UNSET
@common
@click.pass_context
def instancegroup(ctx: click.Context, group: str, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    """Change fields of an instance group."""
    _edit(ctx, group, sets, unsets)


alias(command, cluster, "clusters")
alias(command, instancegroup, "instancegroups", "ig")


def _edit(ctx: click.Context, name: str, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    if not sets and not unsets:
        raise UsageError(
            "nothing to change", remedy="give --set PATH=VALUE or --unset PATH, or use the terminal UI"
        )
    workspace = inputs.workspace(ctx.obj, write=True)
    for each in sets:
        path, equals, value = each.partition("=")
        if not equals:
            raise UsageError(
                "not an assignment", where=each, remedy="write it like spec.kubernetesVersion=1.35.7"
            )
        workspace.set_field(name, path, value)
    for path in unsets:
        workspace.unset_field(name, path)
    if not workspace.edits:
        echo("nothing changed")
        return
    workspace.read_facts()
    moved = workspace.moved()
    workspace.save()
    echo(f"saved; {moved} completed {'value moves' if moved == 1 else 'values move'}")
