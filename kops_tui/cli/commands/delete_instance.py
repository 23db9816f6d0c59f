"""``delete instance``: one instance, after its group has another and its pods have left."""

from __future__ import annotations

from typing import Any

import click

from kops_core.errors import EXIT_CHANGES, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.commands.rolling import access_of, settings_of, validation_options
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import common, events_option
from kops_tui.cli.streams import echo


@click.command("instance", cls=CobraCommand)
@click.argument("instance", metavar="INSTANCE|NODE")
@click.option("-y", "--yes", is_flag=True, help="Delete it; without it only what would be is shown.")
@click.option(
    "--surge",
    type=bool,
    default=True,
    show_default=True,
    help="Detach it first, so that its group starts another before it goes.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is such an instance.")
@events_option
@validation_options
@common
@click.pass_context
def delete_instance(
    ctx: click.Context,
    /,
    instance: str,
    yes: bool,
    surge: bool,
    detailed_exitcode: bool,
    events: str,
    **options: Any,
) -> int:
    """Delete an instance: detach it from its group, drain its node, terminate it.

    An instance of the control plane or of Karpenter is not detached.
    """
    from kops_core import DeleteInstanceRequest

    if not instance:
        raise UsageError("no instance is named", remedy="give its id, or the name of its node")
    settings, access = settings_of(options), access_of(options)
    if yes:
        engine = inputs.engine(ctx.obj, write=True)
        cluster = inputs.cluster_of(engine)
        return run_operation(
            engine, DeleteInstanceRequest(cluster, instance, surge, settings, access), events
        )
    found = inputs.workspace(ctx.obj).instance_deleter(instance, settings, access, surge=surge).find()
    node = f" ({found.node})" if found.node else ""
    echo(f"instance {found.id}{node} of {found.group} would be deleted")
    echo("to delete it, add --yes", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0
