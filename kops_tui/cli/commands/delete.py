"""``delete``: what is removed from the state store, and clusters with all that they have in the cloud."""

from __future__ import annotations

import click

from kops_core.errors import EXIT_CHANGES, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.commands.credentials import delete_secret, delete_sshpublickey
from kops_tui.cli.commands.delete_group import delete_instancegroup
from kops_tui.cli.commands.delete_instance import delete_instance
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import alias, cluster_argument, common, events_option
from kops_tui.cli.streams import echo


@click.group("delete", invoke_without_command=True)
@click.option(
    "-f", "--filename", "files", multiple=True, metavar="FILE", help="Delete the clusters in a file."
)
@click.option("-y", "--yes", is_flag=True, help="Delete; without it only what would be.")
@common
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...], yes: bool) -> int:
    """Delete a cluster, or an instance group, secrets or SSH public keys of one."""
    if ctx.invoked_subcommand is not None:
        return 0
    if not files:
        raise UsageError("nothing to delete", remedy="name a command, or the objects with -f FILE")

    code = 0
    for name in inputs.engine(ctx.obj).clusters_in(inputs.files(files)):
        ctx.obj["name"] = name
        code = code or _delete(ctx.obj, yes=yes)
    return code


@command.command("cluster")
@cluster_argument
@click.option("-y", "--yes", is_flag=True, help="Delete; without it only what would be is shown.")
@click.option("--unregister", is_flag=True, help="Only forget the cluster; its cloud stays.")
@click.option("--external", is_flag=True, help="A cluster that is in no state store, by its tags.")
@click.option("--region", default="", metavar="REGION", help="Of a cluster that is in no state store.")
@click.option("--wait", default="10m", metavar="DURATION", help="How long to go on, in all.")
@click.option("--interval", default="10s", metavar="DURATION", help="The longest pause between two attempts.")
@click.option(
    "--count", default=0, metavar="N", help="Attempts in a row at all that is left, before giving up."
)
@click.option(
    "--yes-delete-keys-in",
    "keys_in",
    multiple=True,
    metavar="URL",
    help="Also delete the cluster's keys and secrets there, outside of its own folder.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to delete.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@events_option
@common
@click.pass_context
def delete_cluster(
    ctx: click.Context,
    cluster: str | None,
    yes: bool,
    unregister: bool,
    external: bool,
    region: str,
    wait: str,
    interval: str,
    count: int,
    keys_in: tuple[str, ...],
    detailed_exitcode: bool,
    output: str,
    events: str,
) -> int:
    """Show all that a cluster has, and what of it is shared; with --yes, delete it and its state."""
    if cluster:
        ctx.obj["name"] = cluster
    if external and not region:
        raise UsageError("--external needs --region")
    return _delete(
        ctx.obj,
        yes=yes,
        unregister=unregister,
        external=external,
        region=region,
        wait=wait,
        interval=interval,
        count=count,
        keys_in=keys_in,
        detailed=detailed_exitcode,
        output=output,
        events=events,
    )


def _delete(
    given: object,
    *,
    yes: bool,
    unregister: bool = False,
    external: bool = False,
    region: str = "",
    wait: str = "10m",
    interval: str = "10s",
    count: int = 0,
    keys_in: tuple[str, ...] = (),
    detailed: bool = False,
    output: str = "table",
    events: str = "text",
) -> int:
    from kops_core import DeleteRequest, parse_duration, plan_to_json, plan_to_text

    second = 1_000_000_000
    whole = parse_duration(wait) / second or float("inf")
    longest = parse_duration(interval) / second
    engine = inputs.engine(given, write=yes)  # type: ignore[arg-type]  # click's context object
    name = engine.settings.cluster
    if not name:
        raise UsageError("no cluster", remedy="name it: kops-tui delete cluster NAME")
    if yes:
        request = DeleteRequest(
            name,
            region=region,
            external=external,
            unregister=unregister,
            keys_in=keys_in,
            deadline=whole,
            total_timeout=whole,
            interval=longest,
            no_progress=count,
        )
        return run_operation(engine, request, events)
    deletion = engine.deletion(name, region=region, external=external, unregister=unregister)
    plan = deletion.plan()
    echo(plan_to_json(plan) if output == "json" else plan_to_text(plan), nl=False)
    guards = deletion.protected()
    if guards:
        echo(f"protected: {', '.join(guards)}", err=True)
    echo("to delete it, and its state, add --yes", err=True)
    return EXIT_CHANGES if detailed else 0


for each in (delete_instance, delete_instancegroup, delete_secret, delete_sshpublickey):
    command.add_command(each)
alias(command, delete_instancegroup, "instancegroups", "ig")
alias(command, delete_cluster, "clusters")
