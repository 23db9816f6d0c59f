"""``get clusters|instancegroups``: what is in the state store, as table, YAML or JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import click

from kops_tui.cli.commands.credentials import get_secrets, get_sshpublickeys
from kops_tui.cli.commands.keypairs import get_keypairs
from kops_tui.cli.root import alias, common
from kops_tui.cli.streams import echo, echo_data

if TYPE_CHECKING:
    from kops_core import ClusterSummary, Tree, Workspace

_FORMS = click.Choice(["table", "yaml", "json"])


@click.group("get")
def command() -> None:
    """List clusters, instance groups, keypairs and secrets."""


for each in (get_keypairs, get_secrets, get_sshpublickeys):
    command.add_command(each)
alias(command, get_keypairs, "keypair")
alias(command, get_secrets, "secret")
alias(command, get_sshpublickeys, "sshpublickey", "ssh")


@command.command("clusters")
@click.argument("names", nargs=-1)
@click.option("-o", "--output", type=_FORMS, default="table", show_default=True)
@click.option("--full", is_flag=True, help="The completed specs instead of what you wrote.")
@common
@click.pass_context
def clusters(ctx: click.Context, names: tuple[str, ...], output: str, full: bool) -> int:
    """List the clusters of every configured store."""
    from kops_tui.cli import inputs
    from kops_tui.cli import output as out

    engine = inputs.engine(ctx.obj)
    rows = sorted(engine.clusters(), key=lambda row: (row.name, row.store))
    broken = [row for row in rows if not row.name]
    rows = [row for row in rows if row.name and (not names or row.name in names)]
    for row in broken:
        echo(f"error: {row.store}: {row.error}", err=True)
    if output == "table":
        echo(
            out.table(["NAME", "KUBERNETES", "NETWORK", "ZONES", "NODES", "APPLIED"], map(_cells, rows)),
            nl=False,
        )
    elif output == "json" and not full:
        echo(json.dumps([_as_json(row) for row in rows], indent=2))
    else:
        documents = [_document(engine.open(row.name), full) for row in rows]
        echo_data(out.documents(documents, output))
    missing = [name for name in names if name not in {row.name for row in rows}]
    for name in missing:
        echo(f"error: there is no cluster {name}", err=True)
    return 1 if broken or missing else 0


@command.command("instancegroups")
@click.argument("names", nargs=-1)
@click.option("-o", "--output", type=_FORMS, default="table", show_default=True)
@common
@click.pass_context
def instancegroups(ctx: click.Context, names: tuple[str, ...], output: str) -> None:
    """List the instance groups of a cluster."""
    from kops_tui.cli import inputs
    from kops_tui.cli import output as out

    workspace = inputs.workspace(ctx.obj)
    groups = {
        name: tree
        for name, tree in workspace.documents.items()
        if name != "cluster" and (not names or name in names)
    }
    if output == "table":
        rows = [
            [
                group.name,
                group.role,
                group.machine_type or "-",
                str(group.minimum),
                str(group.maximum),
                ",".join(group.subnets),
            ]
            for group in workspace.group_summaries()
            if group.name in groups
        ]
        echo(out.table(["NAME", "ROLE", "MACHINETYPE", "MIN", "MAX", "SUBNETS"], rows), nl=False)
    else:
        echo_data(out.documents(list(groups.values()), output))


def _cells(row: ClusterSummary) -> list[str]:
    if row.error and not row.groups:
        return [row.name, "?", "?", "?", "?", row.error]
    nodes = [group for group in row.groups if group.role == "Node"]
    low, high = sum(group.minimum for group in nodes), sum(group.maximum for group in nodes)
    return [
        row.name,
        row.kubernetes_version,
        row.networking,
        ",".join(row.zones),
        str(low) if low == high else f"{low}-{high}",
        "yes" if row.applied else "never",
    ]


def _as_json(row: ClusterSummary) -> dict[str, object]:
    fields = dataclasses.asdict(row)
    fields["changed_at"] = row.changed_at.isoformat() if row.changed_at else None
    return fields


def _document(workspace: Workspace, full: bool) -> Tree:
    return workspace.inference.cluster if full else workspace.documents["cluster"]
