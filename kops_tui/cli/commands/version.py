"""``version``"""

from __future__ import annotations

import click

from kops_core.version import KOPS_VERSION, __version__
from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.command("version")
@click.option("--short", is_flag=True, help="Only the number.")
@click.option("--server", is_flag=True, help="Also the version of kOps that applied the cluster last.")
@common
@click.pass_context
def command(ctx: click.Context, short: bool, server: bool) -> None:
    """Print the version."""
    echo(__version__ if short else f"kops-tui {__version__} (compatible with kOps {KOPS_VERSION})")
    if not server:
        return
    engine = inputs.engine(ctx.obj)
    name = inputs.cluster_of(engine)
    applied = engine.applied_by(name)
    echo(
        (applied or "none")
        if short
        else f"{name} was last applied by kOps {applied}"
        if applied
        else f"{name} was never applied"
    )
