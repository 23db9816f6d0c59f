"""``history``: operations on a cluster from this machine, and revisions of its specs, the last first."""

from __future__ import annotations

import json

import click

from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo


@click.command("history")
@click.argument("cluster", required=False)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@common
@click.pass_context
def command(ctx: click.Context, cluster: str | None, output: str) -> int:
    """List what was done to a cluster from this machine, and what was written of its specs from any."""
    if cluster:
        ctx.obj["name"] = cluster
    engine = inputs.engine(ctx.obj)
    name = inputs.cluster_of(engine)
    rows = [(each.at, "operation", each.by, each.what, each.result, each.id) for each in engine.history(name)]
    rows += [(each.at, "revision", each.by, each.what, "", each.id) for each in engine.revisions(name)]
    rows.sort(key=lambda row: row[0], reverse=True)
    names = ("at", "kind", "by", "what", "result", "id")
    shown = [dict(zip(names, (row[0].isoformat(timespec="seconds"), *row[1:]), strict=True)) for row in rows]
    if output == "json":
        echo(json.dumps(shown, indent=2))
    elif not shown:
        echo("nothing was done to it from this machine, and nothing was written of it by kops-tui")
    else:
        echo(table([each.upper() for each in names], [list(row.values()) for row in shown]), nl=False)
    return 0
