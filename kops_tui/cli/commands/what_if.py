"""``what-if``: what another value would change, without setting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_INVALID, UsageError
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Tree, WhatIf


@click.command("what-if", cls=CobraCommand)
@cluster_argument
@click.option("--set", "setting", required=True, metavar="PATH=VALUE", help="The value that is only tried.")
@click.option("--instance-group", "group", default="", metavar="NAME", help="A field of this instance group.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "yaml", "json"]), default="table", show_default=True
)
@common
@click.pass_context
def command(ctx: click.Context, cluster: str | None, setting: str, group: str, output: str) -> int:
    """Tell which inferred values another value would change, and whether it would be refused.

    Stores nothing. Exit code 2 if the spec would be refused.
    """
    from kops_core import parse_path, render_path

    path, equals, text = setting.partition("=")
    if not equals:
        raise UsageError("no value", where="--set", remedy="write it like spec.kubernetesVersion=1.36.0")
    if cluster:
        ctx.obj["name"] = cluster
    workspace = inputs.workspace(ctx.obj)
    workspace.read_facts()
    within = parse_path(path.strip())
    found = workspace.what_if(("instanceGroups", group, *within) if group else within, text.strip())
    if output == "table":
        cells = [
            [render_path(each.path), out.shown(each.before), out.shown(each.after)] for each in found.moved
        ]
        echo(out.table(["INFERRED VALUE", "NOW", "THEN"], cells), nl=False)
    else:
        echo(out.values(_to_data(found), output), nl=False)
    for error in found.errors:
        echo(f"error: {error}", err=True)
    return EXIT_INVALID if found.errors else 0


def _to_data(found: WhatIf) -> Tree:
    from kops_core import UNSET, render_path

    return {
        "moved": [
            {
                "path": render_path(each.path),
                "before": None if each.before is UNSET else each.before,
                "after": None if each.after is UNSET else each.after,
            }
            for each in found.moved
        ],
        "errors": [{"path": each.path, "message": each.message} for each in found.errors],
    }
