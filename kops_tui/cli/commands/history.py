"""``history``, ``diff`` and ``restore``: what was done to a cluster, what differs now, and going back."""

from __future__ import annotations

import json
from typing import Any

import click

from kops_core.errors import EXIT_CHANGES, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo


@click.command("history")
@cluster_argument
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@common
@click.pass_context
def command(ctx: click.Context, cluster: str | None, output: str) -> int:
    """List what was done to a cluster from this machine, and what was written of its specs from any."""
    engine = inputs.engine(_with_name(ctx.obj, cluster))
    name = inputs.cluster_of(engine)
    rows = [
        (each.at, "operation", each.by, each.what, each.result, "", each.id) for each in engine.history(name)
    ]
    rows += [
        (each.at, "backup" if each.backup else "revision", each.by, each.what, "", each.command, each.id)
        for each in engine.spec_history(name).writes()
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    names = ("at", "kind", "by", "what", "result", "command", "id")
    shown = [dict(zip(names, (row[0].isoformat(timespec="seconds"), *row[1:]), strict=True)) for row in rows]
    if output == "json":
        echo(json.dumps(shown, indent=2))
    elif not shown:
        echo("nothing was done to it from this machine, and nothing was written of it by kops-tui")
    else:
        cells = [[row[key] for key in names if key != "command"] for row in shown]
        echo(table([each.upper() for each in names if each != "command"], cells), nl=False)
    return 0


@click.command("diff")
@cluster_argument
@click.option("--before", "write", default="", metavar="ID", help="Specs before a write of the history.")
@click.option("-f", "--filename", "files", multiple=True, metavar="FILE", help="Specs in files; - is stdin.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if anything differs.")
@common
@click.pass_context
def diff(
    ctx: click.Context, cluster: str | None, write: str, files: tuple[str, ...], detailed_exitcode: bool
) -> int:
    """Compare the specs in the store with those before a write (--before), or in files (-f)."""
    if bool(write) == bool(files):
        raise UsageError("compared with what?", remedy="give either --before ID or -f FILE")
    engine = inputs.engine(_with_name(ctx.obj, cluster))
    if write:
        found = engine.spec_history(inputs.cluster_of(engine)).differences(write)
    else:
        found = engine.file_differences(inputs.files(files))
    _print_differences(found)
    return EXIT_CHANGES if found and detailed_exitcode else 0


@click.command("restore")
@cluster_argument
@click.option("--before", "write", default="", metavar="ID", help="The specs before a write of the history.")
@click.option("--backup", default="", metavar="ID", help="The specs of a backup.")
@click.option("--keys", is_flag=True, help="With --backup: its keysets and secrets, too.")
@click.option("--prune-instance-groups", "prune", is_flag=True, help="Remove groups that were not there.")
@click.option("-y", "--yes", is_flag=True, help="Restore; without it only the difference is shown.")
@common
@click.pass_context
def restore(
    ctx: click.Context, cluster: str | None, write: str, backup: str, keys: bool, prune: bool, yes: bool
) -> int:
    """Store the specs as they were before a write. The cloud changes with the next apply."""
    if bool(write) == bool(backup):
        raise UsageError("restored to what?", remedy="give either --before ID or --backup ID, see history")
    if keys and not backup:
        raise UsageError("only backups hold keysets and secrets", where="--keys", remedy="give --backup ID")
    engine = inputs.engine(_with_name(ctx.obj, cluster), write=yes)
    history = engine.spec_history(inputs.cluster_of(engine))
    moment = write or backup
    if not yes:
        _print_differences(history.differences(moment))
        echo("to restore what was before these differences, add --yes", err=True)
        return 0
    _print_differences(history.restore(moment, prune_groups=prune))
    for key in history.restore_keys(backup) if keys else ():
        echo(f"restored {key}")
    echo("next: look at the plan with kops-tui update cluster", err=True)
    return 0


def _print_differences(found: list[str]) -> None:
    from kops_core import printable

    for each in found:
        echo(printable(each))
    if not found:
        echo("nothing differs")


def _with_name(given: Any, cluster: str | None) -> Any:
    if cluster:
        given["name"] = cluster
    return given
