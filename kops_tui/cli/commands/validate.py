"""``validate spec``: all that is wrong with a spec at once; ``validate cluster`` is in its own module."""

from __future__ import annotations

import click

from kops_core.errors import EXIT_FAILED
from kops_tui.cli import inputs
from kops_tui.cli.commands.validate_cluster import cluster
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.group("validate")
def command() -> None:
    """Tell what is wrong with a spec, or with a running cluster."""


command.add_command(cluster)


_FILES = click.option(
    "-f", "--filename", "files", multiple=True, metavar="FILE", help="Cluster and groups; - is stdin."
)


@command.command("spec")
@_FILES
@common
@click.pass_context
def spec(ctx: click.Context, files: tuple[str, ...]) -> int:
    """Validate a cluster's spec, from files or the store."""
    if files:
        from kops_core import validate_planned

        errors = tuple(validate_planned(inputs.inference(ctx.obj, files)))
    else:
        workspace = inputs.workspace(ctx.obj)
        workspace.read_facts()
        errors = workspace.errors()
    for error in errors:
        echo(str(error))
    if errors:
        echo(f"{len(errors)} {'error' if len(errors) == 1 else 'errors'}", err=True)
        return EXIT_FAILED
    echo("the spec is valid", err=True)
    return 0
