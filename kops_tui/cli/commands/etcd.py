"""``etcd backups``, ``etcd restore`` and ``etcd withdraw``: etcd's backups, and restores by etcd-manager."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import EXIT_REFUSED
from kops_tui.cli import inputs
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo
from kops_tui.etcd_text import after_request, lost_control_warning, restore_consequence

if TYPE_CHECKING:
    from kops_core import EtcdBackup, EtcdBackups, EtcdClusters

_ETCD = click.argument("etcd", metavar="ETCD")


@click.group("etcd")
def command() -> None:
    """List etcd's backups, and have one restored."""


@command.command("backups")
@cluster_argument
@click.option("--etcd", "chosen", default="", metavar="ETCD", help="Only of this etcd cluster: main, events.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@common
@click.pass_context
def backups(ctx: click.Context, cluster: str | None, chosen: str, output: str) -> int:
    """List the backups that etcd-manager has made, the newest first."""
    clusters = _open_etcd(ctx.obj, cluster, write=False)
    rows = []
    for etcd in (chosen,) if chosen else clusters.names:
        store = clusters.backups(etcd)
        rows += [(etcd, each) for each in store.newest_first()]
        _warn_about(store, etcd)
    if output == "json":
        echo(json.dumps([_backup_data(etcd, each) for etcd, each in rows], indent=2))
    elif not rows:
        echo("there are no backups; etcd-manager makes the first one when etcd runs")
    else:
        cells = [
            [etcd, each.name, f"{each.at:%Y-%m-%d %H:%M} UTC" if each.at else "", each.problem or "complete"]
            for etcd, each in rows
        ]
        echo(table(["ETCD", "BACKUP", "MADE", "STATE"], cells), nl=False)
    return 0


@command.command("restore")
@_ETCD
@click.argument("backup", metavar="BACKUP")
@click.option("-y", "--yes", is_flag=True, help="Request it; without it only what that means is told.")
@common
@click.pass_context
def restore(ctx: click.Context, etcd: str, backup: str, yes: bool) -> int:
    """Request that etcd-manager restores a backup. It does so once its pods are restarted."""
    clusters = _open_etcd(ctx.obj, None, write=yes)
    found = clusters.backups(etcd).read(backup)
    echo(
        f"{found.name}: etcd {found.etcd_version or 'of unknown version'}, {found.members} members", err=True
    )
    if not yes:
        echo(restore_consequence(etcd, found), err=True)
        echo("to request it, add --yes", err=True)
        return EXIT_REFUSED
    clusters.stage_restore(etcd, backup)
    echo(f"requested the restore of {etcd} from {backup}")
    echo(after_request(etcd), err=True)
    return 0


@command.command("withdraw")
@_ETCD
@common
@click.pass_context
def withdraw(ctx: click.Context, etcd: str) -> int:
    """Take back a requested restore that has not been carried out."""
    taken = _open_etcd(ctx.obj, None, write=True).withdraw(etcd)
    echo(
        f"withdrew the restore of {', '.join(each.backup for each in taken)}"
        if taken
        else "none was requested"
    )
    return 0


def _open_etcd(given: Any, cluster: str | None, *, write: bool) -> EtcdClusters:
    if cluster:
        given["name"] = cluster
    return inputs.workspace(given, write=write).etcd_clusters()


def _warn_about(store: EtcdBackups, etcd: str) -> None:
    for each in store.staged():
        inputs.warn(f"a restore of {etcd} from {each.backup} is requested since {each.at:%Y-%m-%d %H:%M} UTC")
    if store.lost_control():
        inputs.warn(lost_control_warning(etcd, store.url))


def _backup_data(etcd: str, backup: EtcdBackup) -> dict[str, object]:
    at = backup.at.isoformat() if backup.at else None
    return {"etcd": etcd, "name": backup.name, "at": at, "problem": backup.problem}
