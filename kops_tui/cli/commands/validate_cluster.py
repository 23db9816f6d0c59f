"""``validate cluster`` and ``--validate``: whether a running cluster works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kops_core.errors import EXIT_INVALID, KopsError
from kops_tui.cli import inputs
from kops_tui.cli.cancel import cancel_on_signals
from kops_tui.cli.flags import CobraCommand, Duration, split
from kops_tui.cli.options import api_options, cluster_argument, common
from kops_tui.cli.output import table, values
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Tree, Validation, ValidationAttempt, ValidationFailure, Workspace


@click.command("cluster", cls=CobraCommand)
@cluster_argument
@click.option(
    "--wait", type=Duration(), default="0s", metavar="DURATION", help="Wait for it to become valid."
)
@click.option("--count", type=click.IntRange(0), default=0, help="Validations that have to pass in a row.")
@click.option(
    "--interval", type=Duration(), default="10s", show_default=True, metavar="DURATION", help="Between two."
)
@click.option(
    "--max-unready-nodes", type=click.IntRange(0), default=0, help="Worker nodes that may be unready."
)
@click.option(
    "--filter-instance-groups",
    "groups",
    multiple=True,
    metavar="NAME,...",
    help="Look at these instance groups only.",
)
@api_options
@click.option("--kubeconfig", default="", metavar="FILE", help="Sign in by this kubeconfig.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True
)
@common
@click.pass_context
def cluster(
    ctx: click.Context,
    cluster: str | None,
    wait: float,
    count: int,
    interval: float,
    max_unready_nodes: int,
    groups: tuple[str, ...],
    use_kubeconfig: bool,
    kubeconfig: str,
    api_server: str,
    output: str,
) -> int:
    """Validate a running cluster: its instances, nodes, and the pods that it can't do without.

    Exit code 0 if it is valid, 2 if it is not, 1 if that can't be found out. Changes nothing.
    """
    from kops_core import ApiAccess, ValidationRequest

    if cluster:
        ctx.obj["name"] = cluster
    workspace = inputs.workspace(ctx.obj)
    request = ValidationRequest(
        access=ApiAccess(use_kubeconfig, kubeconfig, api_server),
        groups=split(groups),
        wait=wait,
        count=count,
        interval=interval,
        max_unready=max_unready_nodes,
    )
    with cancel_on_signals() as cancel:
        found = workspace.validate(request, _report, cancel)
    if output == "table":
        _print_table(workspace, found)
    else:
        echo(values(_to_tree(found), output), nl=False)
    for name in found.tolerated:
        inputs.warn(f"{name} is not ready, and is let pass by --max-unready-nodes")
    return 0 if found.valid else EXIT_INVALID


def _report(attempt: ValidationAttempt) -> None:
    """Progress on stderr, while there is a next attempt."""
    if not attempt.next_in:
        return
    found = attempt.found
    if isinstance(found, KopsError):
        state = f"it can't be told whether the cluster is valid: {found.where}: {found.what}"
    elif found.failures:
        first, *more = found.failures
        state = f"not valid: {first.kind.value} {first.name}: {first.message}"
        state += f", and {len(more)} more" if more else ""
    else:
        state = f"valid {attempt.passed} {'time' if attempt.passed == 1 else 'times'} in a row"
    echo(f"{state}; again in {attempt.next_in:g} s", err=True)


def _print_table(workspace: Workspace, found: Validation) -> None:
    """The tables of kOps, and for each failure what kOps does not tell."""
    groups = [
        [
            each.name,
            each.role,
            each.machine_type,
            str(each.minimum),
            str(each.maximum),
            ",".join(each.subnets),
        ]
        for each in workspace.group_summaries()
    ]
    nodes = [[each.name, each.role.label, each.status] for each in found.nodes]
    echo("INSTANCE GROUPS")
    echo(table(["NAME", "ROLE", "MACHINETYPE", "MIN", "MAX", "SUBNETS"], groups))
    echo("NODE STATUS")
    echo(table(["NAME", "ROLE", "READY"], nodes))
    if found.valid:
        echo(f"Your cluster {workspace.name} is ready")
        return
    echo("VALIDATION ERRORS")
    head = ["KIND", "NAME", "INSTANCE GROUP", "SINCE", "BLOCKS ROLLING UPDATE OF", "MESSAGE"]
    echo(table(head, [_to_row(each) for each in found.failures]))
    echo("NEXT STEPS")
    steps: dict[str, list[str]] = {}
    for each in found.failures:
        steps.setdefault(each.next_step, []).append(each.name)
    for step, names in steps.items():
        echo(f"{', '.join(dict.fromkeys(names))}: {step}")
    echo(f"\nThe cluster {workspace.name} is not valid")


def _to_row(failure: ValidationFailure) -> list[str]:
    group = failure.group.name if failure.group else ""
    return [
        failure.kind.value,
        failure.name,
        group or "-",
        f"{failure.since:%Y-%m-%d %H:%M} UTC" if failure.since else "-",
        "all groups" if failure.blocks_every_roll else group,
        failure.message,
    ]


def _to_tree(found: Validation) -> Tree:
    """In kOps' form, with what kOps does not tell beside it. Empty lists are left out, as kOps does."""
    tree: Tree = {}
    if found.failures:
        tree["failures"] = [_to_entry(each) for each in found.failures]
    if found.nodes:
        tree["nodes"] = [
            {
                name: value
                for name, value in (
                    ("name", each.name),
                    ("zone", each.zone),
                    ("role", each.role.label),
                    ("hostname", each.hostname),
                    ("status", each.status),
                )
                if value
            }
            for each in found.nodes
        ]
    return tree


def _to_entry(failure: ValidationFailure) -> Tree:
    entry: Tree = {"type": failure.kind.value, "name": failure.name, "message": failure.message}
    if failure.group is not None:
        entry["instanceGroup"] = {
            "metadata": {"name": failure.group.name},
            "spec": {"role": failure.group.role.value},
        }
    if failure.since is not None:
        entry["since"] = failure.since.isoformat()
    entry["blocksRollingUpdateOf"] = (
        "all" if failure.group is None or failure.blocks_every_roll else failure.group.name
    )
    entry["nextStep"] = failure.next_step
    return entry
