"""``get clusters|instancegroups|all``: what is in the state store, as table, YAML or JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from kops_core.errors import KopsError
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.commands.credentials import get_secrets, get_sshpublickeys
from kops_tui.cli.commands.get_assets import get_assets
from kops_tui.cli.commands.get_instances import get_instances
from kops_tui.cli.commands.keypairs import get_keypairs
from kops_tui.cli.options import alias, cluster_argument, common
from kops_tui.cli.streams import echo, echo_data

if TYPE_CHECKING:
    from kops_core import ClusterSummary, Engine, Tree
    from kops_tui.cli.settings import Given

_FORMS = click.Choice(["table", "yaml", "json"])
_NAMES = click.Choice(["table", "yaml", "json", "name"])
_CLUSTER_HEAD = ["NAME", "KUBERNETES", "NETWORK", "ZONES", "GROUPS", "APPLIED"]


class GetGroup(click.Group):
    """``get a.example.com`` lists all of a cluster, as old scripts for kOps have it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if "." in word and self.get_command(ctx, word) is None:  # names of clusters have a dot
            args = ["all", *args]
        return super().resolve_command(ctx, args)


@click.group("get", cls=GetGroup, invoke_without_command=True)
@click.option("-o", "--output", type=_FORMS, help="The form of any of them.")
@common
@click.pass_context
def command(ctx: click.Context, output: str | None) -> int:
    """List clusters, instance groups, instances, keypairs and secrets."""
    if output:
        ctx.default_map = {name: {"output": output} for name in command.commands}
    if ctx.invoked_subcommand is not None:
        return 0
    return _print_all(ctx.obj, output or "table")


for each in (get_assets, get_instances, get_keypairs, get_secrets, get_sshpublickeys):
    command.add_command(each)
alias(command, get_keypairs, "keypair")
alias(command, get_secrets, "secret")
alias(command, get_sshpublickeys, "sshpublickey", "ssh")


@command.command("clusters")
@click.argument("names", nargs=-1)
@click.option("-o", "--output", type=_NAMES, default="table", show_default=True)
@click.option("--full", is_flag=True, help="The completed specs instead of what you wrote.")
@common
@click.pass_context
def clusters(ctx: click.Context, names: tuple[str, ...], output: str, full: bool) -> int:
    """List the clusters of every configured store."""
    engine = inputs.engine(ctx.obj)
    if output == "name":  # told by the listing alone
        found = sorted(name for name in engine.fleet.names() if not names or name in names)
        echo("\n".join(found))
        return 0 if found or not names else 1
    # Instance groups are read where they are shown.
    rows = sorted(engine.fleet.clusters(groups=output == "json"), key=lambda row: (row.name, row.store))
    broken = [row for row in rows if not row.name]
    rows = [row for row in rows if row.name and (not names or row.name in names)]
    for row in broken:
        echo(f"error: {row.store}: {row.error}", err=True)
    if output == "table":
        echo(out.table(_CLUSTER_HEAD, map(_build_cells, rows)), nl=False)
    elif output == "json" and not full:
        echo(json.dumps([_as_json(row) for row in rows], indent=2))
    else:
        documents = []
        for row in rows:
            try:
                # What is stored is shown by the store alone: no account is asked for it.
                documents.append(_complete(engine, row.name) if full else _read_stored(engine, row.name))
            except KopsError as error:
                broken.append(row)
                echo(f"error: {error}", err=True)
        if documents or output == "json":
            echo_data(out.documents(documents, output, keep_unknown=not full))
    for warning in (each for row in rows for each in row.warnings):
        inputs.warn(warning)
    missing = [name for name in names if name not in {row.name for row in rows}]
    for name in missing:
        echo(f"error: there is no cluster {name}", err=True)
    return 1 if broken or missing else 0


@command.command("all")
@cluster_argument
@click.option("-o", "--output", type=_FORMS, default="table", show_default=True)
@common
@click.pass_context
def get_all(ctx: click.Context, cluster: str | None, output: str) -> int:
    """Show a cluster, its instance groups and its additional objects; replace -f takes the YAML back."""
    if cluster:
        ctx.obj["name"] = cluster
    return _print_all(ctx.obj, output)


def _print_all(given: Given, output: str) -> int:
    engine = inputs.engine(given)
    stored = engine.stored(inputs.cluster_of(engine))
    for warning in stored.warnings:
        inputs.warn(warning)
    for error in stored.errors:
        echo(f"error: {error}", err=True)
    if output != "table":
        trees = [stored.cluster] if stored.cluster else []
        trees += [*stored.instance_groups.values(), *stored.additional_objects]
        if output == "json":
            echo(json.dumps(trees, indent=2))
        else:
            echo_data(out.documents(trees, output, keep_unknown=True))
        return 1 if stored.errors else 0
    from kops_core import cluster_summary

    echo("Cluster")
    echo(out.table(_CLUSTER_HEAD, [_build_cells(cluster_summary("", stored))]))
    echo("Instance Groups")
    echo(_group_table(stored.instance_groups), nl=False)
    if stored.additional_objects:
        echo("\nAddon Objects")
        rows = [_identify(each) for each in stored.additional_objects]
        echo(out.table(["KIND", "NAMESPACE", "NAME"], rows), nl=False)
    return 1 if stored.errors else 0


@command.command("instancegroups")
@click.argument("names", nargs=-1)
@click.option("-o", "--output", type=_FORMS, default="table", show_default=True)
@common
@click.pass_context
def instancegroups(ctx: click.Context, names: tuple[str, ...], output: str) -> int:
    """List the instance groups of a cluster."""
    engine = inputs.engine(ctx.obj)
    stored = engine.stored(inputs.cluster_of(engine))
    for warning in stored.warnings:
        inputs.warn(warning)
    for error in stored.errors:
        echo(f"error: {error}", err=True)
    groups = {name: tree for name, tree in stored.instance_groups.items() if not names or name in names}
    missing = [name for name in names if name not in groups]
    for name in missing:
        echo(f"error: there is no instance group {name}", err=True)
    if output == "table":
        echo(_group_table(groups), nl=False)
    else:
        echo_data(out.documents(list(groups.values()), output, keep_unknown=True))
    return 1 if missing or stored.errors else 0


def _complete(engine: Engine, name: str) -> Tree:
    workspace = engine.open(name)
    workspace.read_facts()
    return workspace.inference.cluster


def _read_stored(engine: Engine, name: str) -> Tree:
    """What was written of a cluster. Raises InvalidSpec if that is no spec, with the text on stdout."""
    stored = engine.stored(name)
    if not stored.cluster:
        echo(stored.text("config").rstrip())
        raise stored.errors[0]
    return stored.cluster


alias(command, clusters, "cluster")
alias(command, instancegroups, "instancegroup", "ig")


def _group_table(groups: Mapping[str, Tree]) -> str:
    from kops_core import group_summary

    rows = [
        [
            group.name,
            group.role,
            group.machine_type or "-",
            str(group.minimum),
            str(group.maximum),
            ",".join(group.subnets),
        ]
        for group in (group_summary(name, tree) for name, tree in groups.items())
    ]
    return out.table(["NAME", "ROLE", "MACHINETYPE", "MIN", "MAX", "SUBNETS"], rows)


def _identify(document: Tree) -> list[str]:
    """Kind, namespace and name of an object of Kubernetes."""
    metadata = document.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return [str(each or "") for each in (document.get("kind"), named.get("namespace"), named.get("name"))]


def _build_cells(row: ClusterSummary) -> list[str]:
    if row.error and not row.group_count:
        return [row.name, "?", "?", "?", "?", row.error]
    return [
        row.name,
        row.kubernetes_version,
        row.networking,
        ",".join(row.zones),
        str(row.group_count),
        "yes" if row.applied else "never",
    ]


def _as_json(row: ClusterSummary) -> dict[str, object]:
    fields = dataclasses.asdict(row)
    fields["changed_at"] = row.changed_at.isoformat() if row.changed_at else None
    fields["applied_at"] = row.applied_at.isoformat() if row.applied_at else None
    return fields
