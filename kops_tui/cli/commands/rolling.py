"""``rolling-update cluster`` and ``--rolling-update``: replace the nodes that are out of date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kops_core.errors import EXIT_CHANGES, EXIT_DECLINED
from kops_tui.cli import inputs
from kops_tui.cli.flags import ADMIN_LIFETIME, CobraCommand, Duration, split
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import api_options, common, decorated, events_option
from kops_tui.cli.output import table, values
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import ApiAccess, Event, GroupStatus, OperationHandle, RollingSettings, Tree, Workspace


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _duration(flag: str, *others: str, default: str, text: str) -> Any:
    return click.option(
        flag, *others, type=Duration(), default=default, show_default=True, metavar="DURATION", help=text
    )


def validation_options(function: _Command) -> _Command:
    """kOps' options of what follows on the drain of a node: validation, and what ends in failure."""
    options = (
        _duration("--post-drain-delay", default="5s", text="Wait after the drain of a node."),
        click.option(
            "--validate-count",
            type=click.IntRange(0),
            default=2,
            show_default=True,
            help="Validations that have to pass in a row; 0 for none.",
        ),
        _duration("--validation-timeout", default="15m", text="Wait for the cluster to become valid."),
        click.option(
            "--fail-on-drain-error",
            type=bool,
            default=True,
            show_default=True,
            help="End if a node can't be drained.",
        ),
        click.option(
            "--fail-on-validate-error",
            type=bool,
            default=True,
            show_default=True,
            help="End if the cluster does not become valid.",
        ),
        click.option(
            "--cloudonly", is_flag=True, help="Neither drain nor validate: pods are lost without notice."
        ),
    )
    return decorated(api_options(function), options)


def pace_options(function: _Command) -> _Command:
    """kOps' options of how fast instances are replaced, and ours; with those of validation."""
    options = (
        _duration("--bastion-interval", default="15s", text="Between two bastions."),
        _duration(
            "--control-plane-interval",
            "--master-interval",
            default="15s",
            text="Between two nodes of the control plane.",
        ),
        _duration("--node-interval", default="15s", text="Between two other nodes."),
        _duration("--drain-timeout", default="15m", text="For the drain of a node; 0 for no end."),
        click.option(
            "--parallel-groups",
            type=click.IntRange(1),
            default=1,
            show_default=True,
            help="Groups of nodes that are rolled side by side.",
        ),
        click.option(
            "--max-unavailable-nodes",
            type=click.IntRange(1),
            default=1,
            show_default=True,
            help="Nodes that may be missing at once, of all groups side by side.",
        ),
    )
    return decorated(validation_options(events_option(function)), options)


def _options(function: _Command) -> _Command:
    """kOps' options of ``rolling-update cluster``, and ours."""
    options = (
        click.option(
            "--instance-group",
            "--ig",
            "--instance-groups",
            "groups",
            multiple=True,
            metavar="NAME,...",
            help="Only these groups.",
        ),
        click.option(
            "--instance-group-roles",
            "--instance-group-role",
            "--role",
            "--roles",
            "roles",
            multiple=True,
            metavar="ROLE,...",
            help="Only groups of these roles.",
        ),
        click.option("--force", is_flag=True, help="Replace nodes that are up to date, too."),
        click.option(
            "--clean-up",
            is_flag=True,
            help="Replace nothing: only undo what an interrupted update did to nodes.",
        ),
        click.option("-i", "--interactive", is_flag=True, help="Ask after each node."),
        click.option(
            "--admin",
            type=Duration(),
            default=ADMIN_LIFETIME,
            metavar="DURATION",
            help="Accepted as kOps does: certificates are issued for an hour at a time, and renewed.",
        ),
    )
    return decorated(pace_options(function), options)


@click.group("rolling-update")
def command() -> None:
    """Replace the nodes whose configuration is out of date."""


@command.command("cluster", cls=CobraCommand)
@click.argument("cluster", required=False)
@click.option("-y", "--yes", is_flag=True, help="Roll; without it only the table is shown.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if nodes need it.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table", show_default=True
)
@_options
@common
@click.pass_context
def rolling_update_cluster(
    ctx: click.Context,
    /,
    cluster: str | None,
    yes: bool,
    detailed_exitcode: bool,
    output: str,
    groups: tuple[str, ...],
    roles: tuple[str, ...],
    **options: Any,
) -> int:
    """Show which nodes need to be replaced, and why; with --yes, replace them.

    Exit code 0 if nothing failed, 1 if something did, 3 if a question was answered with no.
    """
    if cluster:
        ctx.obj["name"] = cluster
    if yes:
        return _roll_groups(ctx.obj, groups, roles, options)
    workspace = inputs.workspace(ctx.obj)
    if options["clean_up"]:
        return _print_leftovers(workspace, access_of(options), output, detailed_exitcode=detailed_exitcode)
    access = None if options["cloudonly"] else access_of(options)
    found = workspace.groups_to_roll(split(groups), split(roles), access, warn=inputs.warn)
    if output == "table":
        _print_groups(found, with_nodes=access is not None)
    else:
        echo(values([_to_tree(each) for each in found], output), nl=False)
    if not options["force"] and not any(group.outdated or group.waits_for for group in found):
        echo("no rolling update is needed", err=True)
        return 0
    echo("to roll, add --yes", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0


@click.command("roll", hidden=True, cls=CobraCommand)
@_options
@common
@click.pass_context
def roll(ctx: click.Context, /, groups: tuple[str, ...], roles: tuple[str, ...], **options: Any) -> int:
    """Behind ``--rolling-update``."""
    return _roll_groups(ctx.obj, groups, roles, options)


def _roll_groups(given: Any, groups: tuple[str, ...], roles: tuple[str, ...], options: dict[str, Any]) -> int:
    from kops_core import RollRequest

    engine = inputs.engine(given, write=True)
    request = RollRequest(
        inputs.cluster_of(engine),
        split(groups),
        split(roles),
        settings=settings_of(options),
        access=access_of(options),
    )
    asker = _Asker()
    code = run_operation(engine, request, options["events"], asker.take if options["interactive"] else None)
    return EXIT_DECLINED if asker.declined else code


class _Asker:
    """Asks whether to go on each time that an interactive update pauses."""

    def __init__(self) -> None:
        self._always = False
        self.declined = False

    def take(self, event: Event, handle: OperationHandle) -> None:
        """Asks if the update has paused for an answer, and passes the answer on."""
        from kops_core import Paused

        if not isinstance(event, Paused) or not event.by_operator:
            return
        text = "Continue? (Y)es, (N)o, (A)lways"
        answer = "a" if self._always else click.prompt(text, default="y", err=True).strip().lower()
        self._always = answer.startswith("a")
        self.declined = answer.startswith("n")
        if self.declined:
            handle.stop()
        else:
            handle.resume()


def settings_of(options: dict[str, Any]) -> RollingSettings:
    """The settings in the options of a command, which may have only some of them."""
    from kops_core import RollingSettings

    given = {**options, "cloud_only": options["cloudonly"]}
    return RollingSettings(
        **{each.name: given[each.name] for each in fields(RollingSettings) if each.name in given}
    )


def access_of(options: dict[str, Any]) -> ApiAccess:
    """How the options of a command sign in."""
    from kops_core import ApiAccess

    return ApiAccess(use_kubeconfig=options["use_kubeconfig"], api_server=options["api_server"])


def _print_leftovers(workspace: Workspace, access: ApiAccess, output: str, *, detailed_exitcode: bool) -> int:
    found = workspace.roll_leftovers(access)
    rows = [[each.kind.value, each.instance, each.node, each.group] for each in found]
    if output == "table":
        echo(table(["LEFT", "INSTANCE", "NODE", "GROUP"], rows), nl=False)
    else:
        names = ("kind", "instance", "node", "group")
        echo(values([dict(zip(names, row, strict=True)) for row in rows], output), nl=False)
    if not found:
        echo("no update has left anything", err=True)
        return 0
    echo("to take marks off nodes, add --yes; a rolling update replaces detached instances", err=True)
    return EXIT_CHANGES if detailed_exitcode else 0


def _status(group: GroupStatus) -> str:
    return "NeedsUpdate" if group.outdated else "Ready" if group.exists else "Missing"


def _print_groups(groups: list[GroupStatus], *, with_nodes: bool) -> None:
    """kOps' table, and below it what kOps does not tell: why each instance needs an update."""
    rows = [
        [
            group.name,
            _status(group),
            str(group.outdated),
            str(len(group.instances) - group.outdated),
            *(str(number) for number in (group.minimum, group.wanted, group.maximum)),
            *([str(sum(bool(each.node) for each in group.instances))] if with_nodes else []),
        ]
        for group in groups
    ]
    columns = ["NAME", "STATUS", "NEEDUPDATE", "READY", "MIN", "TARGET", "MAX"]
    echo(table([*columns, "NODES"] if with_nodes else columns, rows), nl=False)
    for group in groups:
        if group.waits_for:
            echo(f"  {group.name} waits for {group.waits_for}")
        for each in group.instances:
            if each.reason:
                echo(f"  {group.name} {each.node or each.id}: {each.reason}")


def _to_tree(group: GroupStatus) -> Tree:
    return {
        "name": group.name,
        "role": group.role,
        "status": _status(group),
        "needUpdate": group.outdated,
        "ready": len(group.instances) - group.outdated,
        "minSize": group.minimum,
        "targetSize": group.wanted,
        "maxSize": group.maximum,
        "waitsFor": group.waits_for,
        "instances": [
            {
                "id": each.id,
                "node": each.node,
                "state": each.state,
                "zone": each.zone,
                "machineType": each.machine_type,
                "privateIP": each.private_ip,
                "reason": each.reason,
            }
            for each in group.instances
        ],
    }
