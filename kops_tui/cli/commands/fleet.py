"""``fleet``: every cluster of every store, and what each needs of its operator."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_CHANGES, EXIT_FAILED
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import ClusterStatus, ClusterSummary, Need, Value

_HEAD = ["NAME", "KUBERNETES", "CONTROL PLANE", "NODES", "NEEDS", "STORE"]


@click.command("fleet")
@click.option(
    "-o",
    "--output",
    type=click.Choice(["table", "yaml", "json", "ndjson"]),
    default="table",
    show_default=True,
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if any cluster needs something.")
@common
@click.pass_context
def command(ctx: click.Context, output: str, detailed_exitcode: bool) -> int:
    """Tell what each cluster needs: changes to apply, nodes to roll, operations that were cut off.

    Each account and region is asked once for all its clusters. Changes nothing.
    """
    engine = inputs.engine(ctx.obj)
    summaries = sorted(engine.fleet.clusters(), key=lambda row: (row.name, row.store))
    broken = [each for each in summaries if not each.name]
    summaries = [each for each in summaries if each.name]
    readable = [each for each in summaries if not each.error]
    statuses = {each.name: each for each in engine.fleet.glances(readable)}
    engine.fleet.cache.write(datetime.now(UTC), summaries, statuses.values())
    work = engine.fleet.work(summaries)
    needs = {each.name: work.needs(each, statuses.get(each.name)) for each in summaries}
    for each in broken:
        echo(f"error: {each.store}: {each.error}", err=True)
    rows = [_to_data(each, statuses.get(each.name), needs[each.name]) for each in summaries]
    if output == "table":
        cells = [_to_cells(each, statuses.get(each.name), needs[each.name]) for each in summaries]
        echo(out.table(_HEAD, cells), nl=False)
    elif output == "ndjson":
        for row in rows:
            echo(json.dumps(row))
    else:
        echo(out.values(list(rows), output), nl=False)
    if broken or any(each.error for each in statuses.values()):
        return EXIT_FAILED
    return EXIT_CHANGES if detailed_exitcode and any(needs.values()) else 0


def _to_cells(summary: ClusterSummary, status: ClusterStatus | None, needs: tuple[Need, ...]) -> list[str]:
    known = status is not None and not status.error
    control_plane, nodes = (status.control_plane, status.nodes) if known and status else (None, None)
    return [
        summary.name,
        summary.kubernetes_version or "?",
        f"{control_plane[0]}/{control_plane[1]}" if control_plane else "?",
        f"{nodes[0]}/{nodes[1]}" if nodes else "?",
        ", ".join(each.text for each in needs) or "-",
        summary.store,
    ]


def _to_data(
    summary: ClusterSummary, status: ClusterStatus | None, needs: tuple[Need, ...]
) -> dict[str, Value]:
    found: dict[str, Value] = {
        "name": summary.name,
        "store": summary.store,
        "kubernetesVersion": summary.kubernetes_version,
        "needs": [{"kind": each.kind.name.lower(), "text": each.text} for each in needs],
        "error": summary.error or (status.error if status is not None else ""),
    }
    if status is not None and not status.error:
        for name, pair in (("controlPlane", status.control_plane), ("nodes", status.nodes)):
            found[name] = {"ready": pair[0], "wanted": pair[1]}
        found["groupsToRoll"] = list(status.groups_to_roll)
    return found
