"""``toolbox dump``: what a cluster has, for bug reports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.flags import CobraCommand, Duration
from kops_tui.cli.options import api_options, cluster_argument, common
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import GroupStatus, NodeMachine


@click.command("dump", cls=CobraCommand)
@cluster_argument
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@click.option(
    "--cloud-resources/--no-cloud-resources",
    "cloud",
    default=True,
    show_default=True,
    help="What it has in its cloud.",
)
@click.option("--k8s-resources", "kubernetes", is_flag=True, help="Nodes, pods and disruption budgets, too.")
@click.option(
    "--dir", "folder", default="", metavar="DIR", help="Collect logs of the machines there, over SSH."
)
@click.option("--ssh-user", default="ubuntu", show_default=True, metavar="NAME", help="Who logs in.")
@click.option(
    "--private-key", default="~/.ssh/id_rsa", show_default=True, metavar="FILE", help="The key for SSH."
)
@click.option(
    "--max-nodes", type=click.IntRange(0), default=500, show_default=True, help="Machines to log in to."
)
@click.option(
    "--node-dump-timeout",
    type=Duration(),
    default="1m",
    show_default=True,
    metavar="DURATION",
    help="For one machine.",
)
@api_options
@common
@click.pass_context
def dump(
    ctx: click.Context,
    cluster: str | None,
    output: str,
    cloud: bool,
    kubernetes: bool,
    folder: str,
    ssh_user: str,
    private_key: str,
    max_nodes: int,
    node_dump_timeout: float,
    use_kubeconfig: bool,
    api_server: str,
) -> None:
    """Print what a cluster has in its cloud and in Kubernetes, and collect the logs of its machines.

    Neither specs nor keys are in it. Logs may hold whatever programs write there.
    """
    from kops_core import ApiAccess, SshSettings, collect_logs

    if cluster:
        ctx.obj["name"] = cluster
    workspace = inputs.workspace(ctx.obj)
    access = ApiAccess(use_kubeconfig, api_server=api_server)
    groups = workspace.groups_to_roll(access=access, warn=inputs.warn)
    found, problems = workspace.dump(groups, access, cloud=cloud, kubernetes=kubernetes)
    for problem in problems:
        inputs.warn(problem)
    echo(out.values(found, output), nl=False)
    if folder:
        settings = SshSettings(ssh_user, Path(private_key).expanduser(), _bastion(groups), node_dump_timeout)
        machines = _machines(groups, behind=bool(settings.bastion))[:max_nodes]
        read = collect_logs(machines, settings, Path(folder).expanduser(), inputs.warn)
        echo(f"wrote the logs of {read} of {len(machines)} machines to {folder}", err=True)


def _bastion(groups: list[GroupStatus]) -> str:
    """The address to go through: of a bastion, else of a control-plane node that has a public one."""
    for role in ("Bastion", "ControlPlane"):
        for group in groups:
            for each in group.instances:
                if group.role == role and each.public_ip:
                    return each.public_ip
    return ""


def _machines(groups: list[GroupStatus], *, behind: bool) -> list[NodeMachine]:
    """All machines, the control plane first. behind: whether a bastion leads to private addresses."""
    from kops_core import NodeMachine

    ordered = sorted(groups, key=lambda group: group.role != "ControlPlane")
    return [
        NodeMachine(each.node or each.id, each.private_ip if behind else each.public_ip or each.private_ip)
        for group in ordered
        for each in group.instances
        if each.private_ip or each.public_ip
    ]
