"""``reconcile cluster`` and ``--reconcile``: bring a whole cluster to its spec, stage by stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import EXIT_CHANGES
from kops_tui.cli import inputs
from kops_tui.cli.commands.rolling import access_of, pace_options, settings_of
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import common
from kops_tui.cli.progress import print_event
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import StagePreview

_DOWNGRADE = click.option(
    "--allow-kops-downgrade", "downgrade", is_flag=True, help="Also after a newer kOps applied it."
)


@click.group("reconcile")
def command() -> None:
    """Bring a whole cluster to its spec, stage by stage."""


@command.command("cluster", cls=CobraCommand)
@click.argument("cluster", required=False)
@click.option("-y", "--yes", is_flag=True, help="Do it; without it only the stages are shown.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to do.")
@_DOWNGRADE
@pace_options
@common
@click.pass_context
def reconcile_cluster(
    ctx: click.Context,
    /,
    cluster: str | None,
    yes: bool,
    detailed_exitcode: bool,
    downgrade: bool,
    **options: Any,
) -> int:
    """Update the control plane and roll it, then the nodes, then prune; each stage checks versions first."""
    if cluster:
        ctx.obj["name"] = cluster
    if yes:
        return _reconcile(ctx.obj, options, downgrade=downgrade)
    stages = inputs.workspace(ctx.obj).preview_reconciliation(downgrade=downgrade, emit=print_event)
    _print_stages(stages)
    if not any(each.changes or each.groups for each in stages):
        echo("nothing to do", err=True)
        return 0
    echo("to do it, add --yes; --plan shows the changes in full", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0


@click.command("reconcile-mode", hidden=True, cls=CobraCommand)
@_DOWNGRADE
@pace_options
@common
@click.pass_context
def reconcile(ctx: click.Context, /, downgrade: bool, **options: Any) -> int:
    """Behind ``--reconcile``."""
    return _reconcile(ctx.obj, options, downgrade=downgrade)


def _reconcile(given: Any, options: dict[str, Any], *, downgrade: bool) -> int:
    from kops_core import ReconcileRequest

    engine = inputs.engine(given, write=True)
    request = ReconcileRequest(
        inputs.cluster_of(engine), settings_of(options), access_of(options), downgrade=downgrade
    )
    return run_operation(engine, request, options["events"])


def _print_stages(stages: tuple[StagePreview, ...]) -> None:
    from kops_core import printable

    for number, each in enumerate(stages, 1):
        if each.groups is not None:
            counts = [f"{name} ({count})" for name, count in each.groups.items()]
            what = f"instances to replace: {', '.join(counts)}" if counts else "no instance to replace"
        else:
            what = f"{len(each.changes)} changes" if each.changes else "no change"
        echo(f"{number}. {each.stage.title}: {what}")
        for change in each.changes:
            echo(printable(f"   {change.action.value:8} {change.key}"))
