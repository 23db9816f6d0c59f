"""``rolling-update cluster`` and ``--rolling-update``: replace the nodes that are out of date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import EXIT_CHANGES
from kops_tui.cli import inputs
from kops_tui.cli.flags import Duration
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import GroupStatus

_GROUPS = click.option(
    "--instance-group", "groups", multiple=True, metavar="NAME", help="Only this group; may be repeated."
)
_INTERVAL = click.option(
    "--node-interval", "interval", type=Duration(), metavar="DURATION", help="Between two instances: 15s, 5m."
)
_EVENTS = click.option(
    "--events", type=click.Choice(["text", "ndjson"]), default="text", help="How to tell progress."
)


@click.group("rolling-update")
def command() -> None:
    """Replace the nodes whose configuration is out of date."""


@command.command("cluster")
@click.argument("cluster", required=False)
@click.option("-y", "--yes", is_flag=True, help="Roll; without it only the table is shown.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if nodes need it.")
@_GROUPS
@_INTERVAL
@_EVENTS
@common
@click.pass_context
def rolling_update_cluster(
    ctx: click.Context,
    cluster: str | None,
    yes: bool,
    detailed_exitcode: bool,
    groups: tuple[str, ...],
    interval: float | None,
    events: str,
) -> int:
    """Show which instance groups need it; with --yes, roll them."""
    if cluster:
        ctx.obj["name"] = cluster
    if yes:
        return _roll_groups(ctx.obj, groups, interval, events)
    found = [group for group in inputs.workspace(ctx.obj).groups() if not groups or group.name in groups]
    _print_groups(found)
    if not any(group.outdated or group.waits_for for group in found):
        echo("no rolling update is needed", err=True)
        return 0
    echo("to roll, add --yes", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0


@click.command("roll", hidden=True)
@_GROUPS
@_INTERVAL
@_EVENTS
@common
@click.pass_context
def roll(ctx: click.Context, groups: tuple[str, ...], interval: float | None, events: str) -> int:
    """Behind ``--rolling-update``."""
    return _roll_groups(ctx.obj, groups, interval, events)


def _roll_groups(given: Any, groups: tuple[str, ...], interval: float | None, events: str) -> int:
    from kops_core import RollRequest

    engine = inputs.engine(given, write=True)
    return run_operation(engine, RollRequest(inputs.cluster_of(engine), groups, interval), events)


def _print_groups(groups: list[GroupStatus]) -> None:
    rows = [
        [
            group.name,
            "NeedsUpdate" if group.outdated else "Ready" if group.exists else "Missing",
            str(group.outdated),
            str(len(group.instances) - group.outdated),
            *(str(number) for number in (group.minimum, group.wanted, group.maximum)),
        ]
        for group in groups
    ]
    echo(table(["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX"], rows), nl=False)
    for group in groups:
        if group.waits_for:
            echo(f"  {group.name} waits for {group.waits_for}")
        for each in group.instances:
            if each.reason:
                echo(f"  {group.name} {each.id}: {each.reason}")
