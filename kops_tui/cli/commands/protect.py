"""``protect cluster|instancegroup NAME [--off]``: guards against deletion."""

from __future__ import annotations

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli.options import alias, cluster_argument, common, group_argument
from kops_tui.cli.streams import echo

_OFF = click.option("--off", is_flag=True, help="Protect it no longer.")


@click.group("protect")
def command() -> None:
    """Guard a cluster or instance group against deletion."""


@command.command("cluster")
@cluster_argument
@_OFF
@common
@click.pass_context
def cluster(ctx: click.Context, cluster: str | None, off: bool) -> None:
    """Guard a cluster: it can't be deleted until this is taken back."""
    if cluster:
        ctx.obj["name"] = cluster
    _protect(ctx, "", off)


@command.command("instancegroup")
@group_argument
@_OFF
@common
@click.pass_context
def instancegroup(ctx: click.Context, group: str, off: bool) -> None:
    """Guard an instance group, and with it its cluster."""
    _protect(ctx, group, off)


alias(command, instancegroup, "instancegroups", "ig")


def _protect(ctx: click.Context, group: str, off: bool) -> None:
    engine = inputs.engine(ctx.obj, write=True)
    name = engine.settings.cluster
    if not name:
        raise UsageError("no cluster", remedy="name one with --name or KOPS_CLUSTER_NAME")
    new = engine.protect(name, group, on=not off)
    told = "is protected" if not off else "is not protected"
    echo(f"{group or name} {told}{' now' if new else ' already'}")
