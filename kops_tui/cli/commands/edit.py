"""``edit cluster|instancegroup``: change fields by flags, or the whole document in an editor."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from kops_core.errors import KopsError, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.editor import edit_until_valid
from kops_tui.cli.options import alias, cluster_argument, common, group_argument
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Workspace

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
@cluster_argument
@_SET
@_UNSET
@common
@click.pass_context
def cluster(ctx: click.Context, cluster: str | None, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    """Change a cluster: fields by --set and --unset, else the whole in your editor."""
    if cluster:
        ctx.obj["name"] = cluster
    _edit(ctx, "cluster", sets, unsets)


@command.command("instancegroup")
@group_argument
@_SET
@_UNSET
@common
@click.pass_context
def instancegroup(ctx: click.Context, group: str, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    """Change an instance group: fields by --set and --unset, else the whole in your editor."""
    _edit(ctx, group, sets, unsets)


alias(command, cluster, "clusters")
alias(command, instancegroup, "instancegroups", "ig")


def _edit(ctx: click.Context, name: str, sets: tuple[str, ...], unsets: tuple[str, ...]) -> None:
    workspace = inputs.workspace(ctx.obj, write=True)
    if not sets and not unsets:
        moved = edit_until_valid(name, workspace.document(name), partial(_store, workspace, name))
        echo("nothing changed" if moved is None else _describe(moved))
        return
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
    echo(_describe(_save(workspace)))


def _store(workspace: Workspace, name: str, text: str) -> int:
    """Stores an edited document; the number of completed values that differ. Raises InvalidSpec."""
    edits = workspace.edits
    try:
        workspace.replace_document(name, text)
        return _save(workspace)
    except KopsError:
        while workspace.edits > edits:
            workspace.undo()
        raise


def _save(workspace: Workspace) -> int:
    workspace.read_facts()
    moved = workspace.moved()
    workspace.save()
    return moved


def _describe(moved: int) -> str:
    return f"saved; {moved} completed {'value moves' if moved == 1 else 'values move'}"
