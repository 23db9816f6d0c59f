"""``replace -f``: objects of the state store as files have them."""

from __future__ import annotations

import click

from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.command("replace")
@click.option(
    "-f", "--filename", "files", multiple=True, required=True, metavar="FILE", help="Objects; - is stdin."
)
@click.option("--force", is_flag=True, help="Create what does not exist.")
@common
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], force: bool) -> None:
    """Replace objects in the state store. Unknown fields are errors, nothing is dropped."""
    engine = inputs.engine(ctx.obj, write=True)
    for name in engine.replace(inputs.files(files), force=force):
        echo(f"replaced {name}")
