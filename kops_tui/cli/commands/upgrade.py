"""``upgrade cluster``: the channel's Kubernetes version and images, or a version that was named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_CHANGES
from kops_tui.cli import inputs
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.options import api_options, cluster_argument, common
from kops_tui.cli.output import shown, table, values
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Tree, UpgradeProposal


@click.group("upgrade")
def command() -> None:
    """Move a cluster to a newer version of Kubernetes."""


@command.command("cluster", cls=CobraCommand)
@cluster_argument
@click.option("-y", "--yes", is_flag=True, help="Save it; without it the upgrade is only shown.")
@click.option(
    "--kubernetes-version",
    default="",
    metavar="VERSION",
    help="Upgrade to this version, instead of the one that the channel recommends.",
)
@api_options
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to upgrade.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True
)
@common
@click.pass_context
def upgrade_cluster(
    ctx: click.Context,
    cluster: str | None,
    yes: bool,
    kubernetes_version: str,
    use_kubeconfig: bool,
    api_server: str,
    detailed_exitcode: bool,
    output: str,
) -> int:
    """Show the upgrade that is recommended; with --yes, write it to the cluster's spec.

    Only the spec is changed: update the cluster and roll its nodes afterwards. One minor release at a time.
    With --channel the cluster follows that channel from now on.
    """
    from kops_core import ApiAccess, UpgradeRequest, render_path

    if cluster:
        ctx.obj["name"] = cluster
    workspace = inputs.workspace(ctx.obj, write=yes)
    access = ApiAccess(use_kubeconfig, api_server=api_server)
    channel = str(ctx.obj.get("channel", ""))
    proposal = workspace.propose_upgrade(UpgradeRequest(kubernetes_version, channel, access))
    for note in proposal.notes:
        echo(f"note: {note}", err=True)
    if output != "table":
        echo(values(_to_tree(proposal), output), nl=False)
    elif proposal.items:
        rows = [[each.item, each.field, each.before, each.after] for each in proposal.items]
        echo(table(["ITEM", "PROPERTY", "OLD", "NEW"], rows), nl=False)
        moved = [
            [render_path(each.path), shown(each.before), shown(each.after)] for each in proposal.review.moved
        ]
        if moved:
            echo("\n" + table(["INFERRED VALUE", "OLD", "NEW"], moved), nl=False)
    if not proposal.items:
        echo("no upgrade is needed", err=True)
        return 0
    if not yes:
        echo("to save it, add --yes", err=True)
        return EXIT_CHANGES if detailed_exitcode else 0
    workspace.save()
    echo(f"saved; next: kops-tui update cluster {workspace.name}", err=True)
    return 0


def _to_tree(proposal: UpgradeProposal) -> Tree:
    from kops_core import UNSET, render_path

    return {
        "items": [
            {"item": each.item, "property": each.field, "old": each.before, "new": each.after}
            for each in proposal.items
        ],
        "inferred": [
            {
                "path": render_path(each.path),
                "old": None if each.before is UNSET else each.before,
                "new": None if each.after is UNSET else each.after,
            }
            for each in proposal.review.moved
        ],
        "notes": list(proposal.notes),
    }
