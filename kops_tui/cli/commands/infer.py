"""``infer``: what follows from a spec, and why."""

from __future__ import annotations

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo, echo_data


@click.command("infer")
@click.option(
    "-f", "--filename", "files", multiple=True, metavar="FILE", help="Cluster and groups; - is stdin."
)
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.option("--instance-groups", is_flag=True, help="Print the completed instance groups too.")
@click.option(
    "--explain",
    "explained",
    is_flag=False,
    flag_value="*",
    metavar="[PATH]",
    help="Tell why, for a path or all.",
)
@common
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], output: str, instance_groups: bool, explained: str | None
) -> None:
    """Print the completed spec of a cluster."""
    inference = inputs.inference(ctx.obj, files)
    if explained is not None:
        echo(out.explanations(inference, explained, output), nl=False)
        return
    documents = [inference.cluster, *(inference.instance_groups.values() if instance_groups else ())]
    echo_data(out.documents(documents, output))
