"""``drift``: last applied, desired and live values, compared three ways."""

from __future__ import annotations

import json

import click

from kops_core.errors import EXIT_CHANGES, EXIT_FAILED
from kops_tui.cli import inputs
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.progress import print_event
from kops_tui.cli.streams import echo


@click.command("drift")
@cluster_argument
@click.option("--detailed-exitcode", is_flag=True, hidden=True, help="Always so: exit 2 with findings.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@common
@click.pass_context
def command(ctx: click.Context, cluster: str | None, detailed_exitcode: bool, output: str) -> int:
    """Tell what of a cluster is not as its spec wants it, and whether spec or account was changed.

    The last applied values are compared with the desired and the live ones. Changes nothing.
    Exit code 2 if there is anything.
    """
    from kops_core import drift_to_json, drift_to_text

    if cluster:
        ctx.obj["name"] = cluster
    report = inputs.workspace(ctx.obj).drift(emit=print_event)
    if output == "json":
        applied = report.applied
        told = {
            "cluster": report.plan.cluster,
            "last_apply": {"at": applied.at.isoformat(), "by": applied.by} if applied else None,
            "note": report.note,
            "drift": drift_to_json(report.found),
            "errors": list(report.plan.errors),
        }
        echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        echo(drift_to_text(report.found, report.plan), nl=False)
        if report.applied is not None:
            applied = report.applied
            echo(f"Last applied by {applied.by} at {applied.at:%Y-%m-%d %H:%M} UTC.")
        if not report.found:
            echo(f"{report.plan.cluster} is as its spec wants it.")
        for warning in report.plan.warnings:
            echo(f"warning: {warning}", err=True)
        for error in report.plan.errors:
            echo(f"error: {error}", err=True)
        if report.note:
            echo(report.note, err=True)
    if report.plan.errors:
        return EXIT_FAILED
    return EXIT_CHANGES if report.found else 0
