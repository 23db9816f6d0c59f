"""``lock show`` and ``lock release``: who works on a cluster, and taking a lock away that nobody needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import EXIT_REFUSED
from kops_tui.cli import inputs
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import LockStatus

_FORMS = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
)


@click.group("lock")
def command() -> None:
    """Show and remove a cluster's lock."""


@command.command("show")
@cluster_argument
@_FORMS
@common
@click.pass_context
def show(ctx: click.Context, cluster: str | None, output: str) -> int:
    """Tell who works on a cluster, since when, at what, and whether they still do."""
    engine = inputs.engine(_with_name(ctx.obj, cluster))
    found = engine.lock(inputs.cluster_of(engine))
    if output == "json":
        echo(json.dumps(None if found is None else _lock_data(found), indent=2))
    else:
        echo("nobody has the lock" if found is None else _describe_lock(found))
    return 0


@command.command("release")
@cluster_argument
@click.option("-y", "--yes", is_flag=True, help="Remove it; without it only what that breaks is told.")
@common
@click.pass_context
def release(ctx: click.Context, cluster: str | None, yes: bool) -> int:
    """Remove a cluster's lock, whoever has it."""
    from kops_core import StoreError

    engine = inputs.engine(_with_name(ctx.obj, cluster), write=True)
    name = inputs.cluster_of(engine)
    found = None
    try:
        found = engine.lock(name)
    except StoreError:
        if not yes:
            raise
    else:
        if found is None:
            echo("nobody has the lock")
            return 0
        echo(_describe_lock(found), err=True)
        if not yes:
            echo(f"to remove it, add --yes; {found.breaks}", err=True)
            return EXIT_REFUSED
    engine.break_lock(name, found)
    echo("the lock is removed")
    return 0


def _with_name(given: Any, cluster: str | None) -> Any:
    if cluster:
        given["name"] = cluster
    return given


def _describe_lock(found: LockStatus) -> str:
    holder = found.holder
    until = "expired at" if found.expired else "until"
    return (
        f"{holder.by} holds the lock for {holder.operation}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC, "
        f"{until} {holder.until:%H:%M:%S}; {found.process.value}"
    )


def _lock_data(found: LockStatus) -> dict[str, object]:
    holder = found.holder
    return {
        "by": holder.by,
        "operation": holder.operation,
        "since": holder.since.isoformat(),
        "until": holder.until.isoformat(),
        "expired": found.expired,
        "process": found.process.name.lower(),
    }
