"""``delete instancegroup``: an instance group with its machines, after its pods have left."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_CHANGES
from kops_tui.cli import inputs
from kops_tui.cli.flags import CobraCommand, Duration
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import api_options, common, events_option, group_argument
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import GroupDeletion


@click.command("instancegroup", cls=CobraCommand)
@group_argument
@click.option("-y", "--yes", is_flag=True, help="Delete it; without it only what would be is shown.")
@click.option("--no-drain", is_flag=True, help="Do not ask pods to leave; they are lost with their nodes.")
@click.option(
    "--drain-timeout",
    type=Duration(),
    default="15m",
    show_default=True,
    metavar="DURATION",
    help="For the pods of a node to leave, since the last one left.",
)
@api_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to delete.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@events_option
@common
@click.pass_context
def delete_instancegroup(
    ctx: click.Context,
    group: str,
    yes: bool,
    no_drain: bool,
    drain_timeout: float,
    use_kubeconfig: bool,
    api_server: str,
    detailed_exitcode: bool,
    output: str,
    events: str,
) -> int:
    """Delete an instance group: drain its nodes, then delete its machines and its spec."""
    from kops_core import ApiAccess, DeleteGroupRequest, GroupDeletionOptions

    access = ApiAccess(use_kubeconfig, api_server=api_server)
    options = GroupDeletionOptions(not no_drain, drain_timeout, access)
    if yes:
        engine = inputs.engine(ctx.obj, write=True)
        return run_operation(engine, DeleteGroupRequest(inputs.cluster_of(engine), group, options), events)
    found = inputs.workspace(ctx.obj).group_deleter(group, options).plan()
    if output == "json":
        echo(json.dumps(dataclasses.asdict(found), indent=2))
    else:
        _print(found)
    for warning in found.warnings:
        inputs.warn(warning)
    echo("to delete it, add --yes", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0


def _print(found: GroupDeletion) -> None:
    rows = [["drain", "Node", each] for each in found.nodes]
    rows += [["terminate", "Instance", each] for each in found.machines]
    rows += [["delete", *each.split("/", 1)] for each in found.resources]
    rows.append(["delete", "InstanceGroup", found.group])
    echo(table(["ACTION", "KIND", "NAME"], rows), nl=False)
