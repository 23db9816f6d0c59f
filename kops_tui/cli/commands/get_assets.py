"""``get assets``: the images and files that a cluster downloads."""

from __future__ import annotations

import dataclasses

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.streams import echo


@click.command("assets")
@cluster_argument
@click.option(
    "-o", "--output", type=click.Choice(["table", "yaml", "json"]), default="table", show_default=True
)
@common
@click.pass_context
def get_assets(ctx: click.Context, cluster: str | None, output: str) -> None:
    """List the images and files that a cluster downloads: where they are published, and where it takes them.

    The two differ where spec.assets names a registry, a proxy or a file repository. To copy what is missing
    there, feed the JSON to a tool such as skopeo or aws s3 cp.
    """
    if cluster:
        ctx.obj["name"] = cluster
    found = inputs.workspace(ctx.obj).assets()
    if output != "table":
        echo(
            out.values(
                {
                    "images": [dict(dataclasses.asdict(each)) for each in found.images],
                    "files": [dict(dataclasses.asdict(each)) for each in found.files],
                },
                output,
            ),
            nl=False,
        )
        return
    echo(out.table(["CANONICAL", "DOWNLOAD"], [[each.canonical, each.download] for each in found.images]))
    rows = [[each.canonical, each.download, each.sha] for each in found.files]
    echo(out.table(["CANONICAL", "DOWNLOAD", "SHA"], rows), nl=False)
