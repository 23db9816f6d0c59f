"""``create instancegroup``: a new instance group, from options and an editor."""

from __future__ import annotations

from functools import partial

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.editor import edit_until_valid
from kops_tui.cli.flags import CobraCommand
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo, echo_data


@click.command("instancegroup", cls=CobraCommand)
@click.argument("group")
@click.option(
    "--role", default="node", show_default=True, metavar="ROLE", help="node, control-plane or bastion."
)
@click.option("--subnet", "subnets", multiple=True, metavar="NAME,...", help="Subnets for its machines.")
@click.option("--zone", "zones", multiple=True, metavar="ZONE,...", help="Zones for its machines.")
@click.option("--edit/--no-edit", default=True, show_default=True, help="Open an editor with the defaults.")
@click.option("--dry-run", is_flag=True, help="Print it and store nothing; needs --output.")
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), help="How to print it.")
@common
@click.pass_context
def create_instancegroup(
    ctx: click.Context,
    group: str,
    role: str,
    subnets: tuple[str, ...],
    zones: tuple[str, ...],
    edit: bool,
    dry_run: bool,
    output: str | None,
) -> int:
    """Add an instance group to a cluster's spec; machines start with the next update."""
    from kops_core import GroupOptions, to_yaml

    if dry_run and output is None:
        raise UsageError("--dry-run needs a form", where="--output", remedy="add -o yaml")
    engine = inputs.engine(ctx.obj, write=not dry_run)
    cluster = inputs.cluster_of(engine)
    made = engine.make_group(cluster, GroupOptions(group, role, _split(subnets), _split(zones)))
    if dry_run:
        echo_data(out.documents([made], output or "yaml"))
        return 0
    text, store = to_yaml(made), partial(engine.store_group, cluster)
    stored = edit_until_valid(group, text, store, store_unchanged=True) if edit else store(text)
    echo(f"created the instance group {stored}")
    echo(f"see what it needs with: kops-tui update cluster {cluster}", err=True)
    if role.lower() not in ("node", "nodes", "bastion", "bastions"):
        echo(
            "a control-plane node also needs a member in each of spec.etcdClusters:"
            f" kops-tui edit cluster {cluster}",
            err=True,
        )
    return 0


def _split(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for each in given for name in each.split(",") if name)
