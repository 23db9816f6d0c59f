"""``get instances``: the machines of a cluster, and the nodes that run on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.options import api_options, cluster_argument, common
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import GroupStatus, InstanceStatus, Tree

_COLUMNS = {
    "ID": "id",
    "NODE-NAME": "nodeName",
    "STATUS": "status",
    "ROLES": "roles",
    "STATE": "state",
    "INTERNAL-IP": "internalIP",
    "EXTERNAL-IP": "externalIP",
    "INSTANCE-GROUP": "instanceGroup",
    "MACHINE-TYPE": "machineType",
}
"""kOps' columns and its keys in JSON and YAML."""


@click.command("instances", cls=CobraCommand)
@cluster_argument
@api_options
@click.option(
    "-o", "--output", type=click.Choice(["table", "yaml", "json"]), default="table", show_default=True
)
@common
@click.pass_context
def get_instances(
    ctx: click.Context, cluster: str | None, use_kubeconfig: bool, api_server: str, output: str
) -> None:
    """List the machines of a cluster, with their nodes. Without the Kubernetes API, nodes are left out."""
    from kops_core import ApiAccess

    if cluster:
        ctx.obj["name"] = cluster
    access = ApiAccess(use_kubeconfig, api_server=api_server)
    groups = inputs.workspace(ctx.obj).groups_to_roll(access=access, warn=inputs.warn)
    found = [(each.id, _to_row(group, each)) for group in groups for each in group.instances]
    rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
    if output == "json":
        echo(json.dumps(rows, indent=2))
    elif output == "yaml":
        echo(out.values([*rows], output), nl=False)
    else:
        echo(out.table([*_COLUMNS], map(_to_cells, rows)), nl=False)


def _to_row(group: GroupStatus, instance: InstanceStatus) -> Tree:
    detached = instance.state == "Detached"
    return {
        "id": instance.id,
        "nodeName": instance.node,
        "status": "Detached" if detached else "NeedsUpdate" if instance.reason else "UpToDate",
        "roles": [group.role_label],
        "internalIP": instance.private_ip,
        "externalIP": instance.public_ip,
        "instanceGroup": group.name,
        "machineType": instance.machine_type,
        "state": "WarmPool" if instance.state.startswith("Warmed") else "",
    }


def _to_cells(row: Tree) -> list[str]:
    found = [row[key] for key in _COLUMNS.values()]
    return [", ".join(map(str, each)) if isinstance(each, list) else str(each) for each in found]
