"""``toolbox addons list``: which add-ons a cluster runs, and which it should."""

from __future__ import annotations

import dataclasses
import json

import click

from kops_tui.cli import inputs
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.options import api_options, cluster_argument, common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo


@click.group("addons")
def addons() -> None:
    """Tell which add-ons a cluster runs; its control plane applies them by itself, about every minute."""


@addons.command("list", cls=CobraCommand)
@cluster_argument
@api_options
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@common
@click.pass_context
def list_addons(
    ctx: click.Context, cluster: str | None, use_kubeconfig: bool, api_server: str, output: str
) -> None:
    """List the add-ons that a cluster runs, and whether they are those of its state store."""
    from kops_core import ApiAccess

    if cluster:
        ctx.obj["name"] = cluster
    found = inputs.workspace(ctx.obj).addons(ApiAccess(use_kubeconfig, api_server=api_server))
    if output == "json":
        echo(json.dumps([{**dataclasses.asdict(each), "state": each.state} for each in found], indent=2))
        return
    rows = [
        [each.namespace, each.name, each.installed[:12] or "-", each.channel or "-", each.state]
        for each in found
    ]
    echo(table(["NAMESPACE", "NAME", "HASH", "CHANNEL", "STATE"], rows), nl=False)
