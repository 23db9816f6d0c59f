"""``operations``, ``attach``, ``control`` and ``stop``: operations that run in processes of their own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_REFUSED, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.follow import follow, is_interactive
from kops_tui.cli.options import common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import OperationSummary


@click.command("operations")
@click.argument("cluster", required=False)
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", show_default=True)
@common
@click.pass_context
def operations(ctx: click.Context, cluster: str | None, output: str) -> int:
    """List the operations that you started on this machine: running, ended and interrupted ones."""
    engine = inputs.engine(ctx.obj)
    wanted = cluster or ctx.obj.get("name") or ""
    found = [each for each in engine.operations.all() if wanted in ("", each.handle.cluster)]
    rows = [_to_row(each) for each in found]
    if output == "json":
        echo(json.dumps(rows, indent=2))
    elif not rows:
        echo("no operation was started here")
    else:
        echo(table([name.upper() for name in rows[0]], [_to_cells(row) for row in rows]), nl=False)
    return 0


def _to_row(summary: OperationSummary) -> dict[str, str | int | None]:
    handle, progress = summary.handle, summary.progress
    return {
        "id": handle.id,
        "cluster": handle.cluster,
        "kind": handle.kind,
        "by": handle.by,
        "since": handle.at.isoformat(timespec="seconds"),
        "state": summary.state.value,
        "done": progress.done,
        "steps": progress.total,
        "exit": progress.exit_code,
        "message": summary.message or _describe_state(summary),
    }


def _describe_state(summary: OperationSummary) -> str:
    """What there is to say of an operation that has not told its end."""
    from kops_core import OperationState

    if summary.state is OperationState.INTERRUPTED:
        return f"its process ended in the middle: kops-tui attach {summary.handle.id} --resume goes on"
    return f"paused: {summary.progress.paused_for}" if summary.progress.paused_for else ""


def _to_cells(row: dict[str, str | int | None]) -> list[str]:
    return ["-" if value is None else str(value).partition("\n")[0] for value in row.values()]


@click.command("attach")
@click.argument("operation", required=False, default="", metavar="[ID]")
@click.option(
    "--events", type=click.Choice(["text", "ndjson"]), default=None, help="Without the terminal UI, as this."
)
@click.option("--resume", is_flag=True, help="Start an interrupted one again: it goes on where it stopped.")
@common
@click.pass_context
def attach(ctx: click.Context, operation: str, events: str | None, resume: bool) -> int:
    """Follow an operation, from its first step on: the one that runs, or the last one.

    On a terminal this is the screen as if it had never been left, in a session that is read-only but for
    this operation. Elsewhere the exit code is that of the operation. Leaving ends nothing.
    """
    engine = inputs.engine(ctx.obj)
    handle = engine.operations.find(operation)
    if resume:
        handle = engine.operations.resume(handle, interactive=is_interactive())
    if events is None:
        from kops_tui.cli.interactive import can_open_ui, open_operation

        if can_open_ui():
            open_operation(engine, handle)
    return follow(handle, events or "text")


@click.command("stop")
@click.argument("operation", required=False, default="", metavar="[ID]")
@click.option("--now", is_flag=True, help="Without waiting for the cloud, e.g. for a replacement instance.")
@common
@click.pass_context
def stop(ctx: click.Context, operation: str, now: bool) -> int:
    """End an operation at its next safe point. Started again, it goes on from there."""
    handle = inputs.engine(ctx.obj).operations.find(operation)
    handle.stop(at_once=now)
    echo(f"the {handle.kind} of {handle.cluster} ends at its next safe point: kops-tui attach {handle.id}")
    return 0


_OF_NODES = ("skip", "end-drain")
"""What is asked about a node of a roll."""


@click.command("control")
@click.argument("what", type=click.Choice(["pause", "continue", "skip", "end-drain"]))
@click.argument("node", required=False, default="")
@click.option("--operation", default="", metavar="ID", help="This one; else the one that runs.")
@click.option("-y", "--yes", is_flag=True, help="End a drain: pods that have not left are lost.")
@common
@click.pass_context
def control(ctx: click.Context, what: str, node: str, operation: str, yes: bool) -> int:
    """Pause an operation or let it go on; leave a node of a roll as it is, or end its drain.

    A node is named as the operation's events name it: by its instance's id.
    """
    handle = inputs.engine(ctx.obj).operations.find(operation)
    if (what in _OF_NODES) is not bool(node):
        remedy = f"name the node: kops-tui control {what} INSTANCE" if not node else "leave the node out"
        raise UsageError(
            f"{what} is {'about a node' if not node else 'about the whole operation'}", remedy=remedy
        )
    if what == "end-drain" and not yes:
        echo(
            f"the pods that are still on {node} would be lost with it; to end its drain, add --yes", err=True
        )
        return EXIT_REFUSED
    asked: Mapping[str, Callable[[], None]] = {
        "pause": handle.pause,
        "continue": handle.resume,
        "skip": partial(handle.skip, node),
        "end-drain": partial(handle.end_drain, node),
    }
    asked[what]()
    echo(f"asked the {handle.kind} of {handle.cluster} to {what.replace('-', ' its ')} {node}".rstrip())
    return 0
