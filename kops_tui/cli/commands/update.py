"""``update cluster``, ``--plan`` and ``--apply``: what a cluster needs, and doing it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import EXIT_CHANGES, EXIT_FAILED, Refused, UsageError
from kops_tui.cli import inputs
from kops_tui.cli.commands.kubeconfig import export_cluster, kubeconfig_options, options_of
from kops_tui.cli.flags import CobraCommand, split
from kops_tui.cli.follow import run_operation
from kops_tui.cli.options import cluster_argument, common, events_option
from kops_tui.cli.progress import print_event
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import KubeconfigOptions, Plan, Workspace

_TARGETS = click.Choice(["direct", "dryrun", "terraform"])
_FORMS = click.option(
    "-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True
)
_FILES = click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="FILE",
    help="Cluster and groups, instead of the store's; - is stdin. Nothing is stored.",
)
_PRUNE = click.option("--prune", is_flag=True, help="Delete what is otherwise only listed.")
_RESOURCES = click.option(
    "--target-resource",
    "resources",
    multiple=True,
    metavar="KIND/NAME",
    help="Only this change of the plan, with what it needs; may be repeated.",
)


@click.group("update")
def command() -> None:
    """Plan what a cluster needs, and apply it."""


@command.command("cluster", cls=CobraCommand)
@cluster_argument
@click.option("-y", "--yes", is_flag=True, help="Apply; without it only the plan is shown.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there are changes.")
@click.option(
    "--target", type=click.Choice(["direct", "dryrun", "terraform"]), default="direct", show_default=True
)
@click.option(
    "--out", metavar="DIR", default="out/terraform", show_default=True, help="Where Terraform goes."
)
@click.option("--phase", default="", metavar="PHASE", help="Only network, security or cluster.")
@click.option(
    "--lifecycle-overrides",
    "overrides",
    multiple=True,
    metavar="KIND=LIFECYCLE",
    envvar="KOPS_LIFECYCLE_OVERRIDES",
    help="What may be done with resources of a kind.",
)
@click.option("--instance-group", "groups", multiple=True, metavar="NAME", help="Only these groups.")
@click.option("--instance-group-roles", "roles", multiple=True, metavar="ROLE", help="Only groups of these.")
@click.option("--allow-kops-downgrade", "downgrade", is_flag=True, help="Also after a newer kOps applied it.")
@click.option(
    "--ignore-kubelet-version-skew",
    "ignore_skew",
    is_flag=True,
    help="Upgrade worker groups without waiting for the control plane.",
)
@click.option(
    "--use-kubeconfig", is_flag=True, help="Ask the control plane for its version by your kubeconfig."
)
@click.option("--create-kube-config", "export", is_flag=True, help="After applying, write a kubeconfig.")
@kubeconfig_options
@click.option("--ssh-public-key", default="", metavar="FILE", help="With -f: for the machines.")
@_FILES
@_PRUNE
@_FORMS
@events_option
@common
@click.pass_context
def update_cluster(
    ctx: click.Context,
    cluster: str | None,
    yes: bool,
    detailed_exitcode: bool,
    target: str,
    out: str,
    phase: str,
    overrides: tuple[str, ...],
    groups: tuple[str, ...],
    roles: tuple[str, ...],
    downgrade: bool,
    ignore_skew: bool,
    use_kubeconfig: bool,
    export: bool,
    admin: str,
    user: str,
    internal: bool,
    api_server: str,
    ssh_public_key: str,
    files: tuple[str, ...],
    prune: bool,
    output: str,
    events: str,
) -> int:
    """Show what would be done for a cluster; with --yes, do it. Terraform is written without --yes.

    --admin, --user and --internal imply --create-kube-config.
    """
    if cluster:
        ctx.obj["name"] = cluster
    from kops_core import ApiAccess, ApplyRequest, PlanRequest

    options = options_of(admin=admin, user=user, internal=internal, api_server=api_server)
    wanted = options if export or admin or user or internal else None
    if files and (yes or wanted):
        raise UsageError(
            "files are only looked at", remedy="store them with replace -f, then update the cluster"
        )
    access = ApiAccess(use_kubeconfig, api_server=api_server)
    if yes and target == "direct":
        engine = inputs.engine(ctx.obj, write=True)
        apply_request = ApplyRequest(
            inputs.cluster_of(engine),
            prune=prune,
            phase=phase,
            overrides=split(overrides),
            groups=split(groups),
            roles=split(roles),
            downgrade=downgrade,
            ignore_skew=ignore_skew,
            access=access,
        )
        return run_operation(engine, apply_request, events) or _export_kubeconfig(ctx.obj, wanted)
    workspace = _open_workspace(ctx.obj, files, ssh_public_key, write=target == "terraform")
    part = workspace.part(
        phase=phase,
        overrides=split(overrides),
        groups=split(groups),
        roles=split(roles),
    )
    request = PlanRequest(prune, part, downgrade, ignore_skew, access)
    if target == "terraform":
        _write_terraform(workspace.terraform(request), out, rehearsed=bool(files))
        return _export_kubeconfig(ctx.obj, wanted)
    plan = workspace.plan(request, emit=print_event).plan
    _print_plan(plan, output)
    if not plan.empty and not files:
        echo("to apply it, add --yes", err=True)
    return EXIT_CHANGES if detailed_exitcode and not plan.empty else 0


def _export_kubeconfig(given: Any, options: KubeconfigOptions | None) -> int:
    if options is not None:
        engine = inputs.engine(given)
        export_cluster(engine, inputs.cluster_of(engine), options)
    return 0


def _write_terraform(module: dict[str, bytes], out: str, *, rehearsed: bool) -> None:
    from kops_core import write_module

    write_module(module, Path(out))
    then = "" if rehearsed else f"; next: cd {out} && terraform init && terraform plan"
    echo(f"wrote {len(module)} files to {out}{then}", err=True)


@click.command("plan", hidden=True)
@click.option("--out", "file", metavar="FILE", help="Save the plan.")
@_FILES
@_PRUNE
@_RESOURCES
@_FORMS
@common
@click.pass_context
def plan(
    ctx: click.Context,
    file: str | None,
    files: tuple[str, ...],
    prune: bool,
    resources: tuple[str, ...],
    output: str,
) -> int:
    """Behind ``--plan``."""
    from kops_core import plan_to_json

    found = _make_plan(_open_workspace(ctx.obj, files), prune, resources)
    if file:
        Path(file).write_text(plan_to_json(found), encoding="utf-8")
        echo(f"saved plan {found.id} to {file}", err=True)
    _print_plan(found, output)
    if found.errors:
        return EXIT_FAILED
    return 0 if found.empty else EXIT_CHANGES


@click.command("apply", hidden=True)
@click.argument("saved", required=False, metavar="[PLAN]")
@click.option(
    "-f",
    "--filename",
    "files",
    multiple=True,
    metavar="DIR",
    help="Store a folder's clusters, and apply them.",
)
@click.option("--prune-instance-groups", "prune_groups", is_flag=True, help="With -f: groups that are gone.")
@click.option("--overwrite", is_flag=True, help="With -f: also over changes by hand.")
@_PRUNE
@_RESOURCES
@events_option
@common
@click.pass_context
def apply(
    ctx: click.Context,
    saved: str | None,
    files: tuple[str, ...],
    prune_groups: bool,
    overwrite: bool,
    prune: bool,
    resources: tuple[str, ...],
    events: str,
) -> int:
    """Behind ``--apply``."""
    if files:
        if saved is not None:
            raise UsageError(
                "a saved plan is of what is stored", where=saved, remedy="give either -f or a plan"
            )
        return _apply_folder(
            ctx.obj, files, overwrite=overwrite, prune_groups=prune_groups, prune=prune, events=events
        )
    if prune_groups or overwrite:
        raise UsageError("these flags are about a folder", remedy="name it with -f DIR")
    if resources and saved is not None:
        raise UsageError(
            "a saved plan says itself what it is limited to",
            where=saved,
            remedy="name the resources when it is made: --plan --target-resource KIND/NAME --out FILE",
        )
    return apply_now(ctx.obj, prune=prune, events=events, saved=saved, resources=resources)


def _apply_folder(
    given: Any, files: tuple[str, ...], *, overwrite: bool, prune_groups: bool, prune: bool, events: str
) -> int:
    """Store what the files say of each cluster, apply it, and then delete groups that are gone."""
    from kops_core import DeleteGroupRequest

    engine = inputs.engine(given, write=True)
    for result in engine.store_folder(inputs.files(files), overwrite=overwrite):
        for each in result.differences:
            echo(f"{result.cluster}: {each}", err=True)
        if result.kept and not prune_groups:
            inputs.warn(
                f"{result.cluster}: not in the folder, and kept: {', '.join(result.kept)}; "
                "--prune-instance-groups deletes them with their machines"
            )
        code = apply_now({**given, "name": result.cluster}, prune=prune, events=events)
        for group in result.kept if prune_groups else ():
            code = code or run_operation(engine, DeleteGroupRequest(result.cluster, group), events)
        if code:
            return code
    return 0


def apply_now(
    given: Any,
    *,
    prune: bool = False,
    events: str = "text",
    saved: str | None = None,
    resources: tuple[str, ...] = (),
) -> int:
    """Plan and apply; with a saved plan, exactly that one or nothing."""
    from kops_core import ApplyRequest, plan_from_json, plan_to_json

    shown = None
    if saved is not None:
        try:
            shown = plan_from_json(Path(saved).read_bytes())
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError("the plan can't be read", where=saved, remedy=why or "") from error
        except (UsageError, Refused) as wrong:
            raise type(wrong)(wrong.what, where=saved, remedy=wrong.remedy) from wrong
        given["name"] = given.get("name") or shown.cluster
        prune = prune or shown.prune
    engine = inputs.engine(given, write=True)
    if resources:
        shown = _make_plan(_open_workspace(given, (), write=True), prune, resources)
    kept = shown.pending if shown is not None and shown.left_out else ()
    request = ApplyRequest(
        inputs.cluster_of(engine),
        prune=prune,
        expected=plan_to_json(shown) if shown is not None else "",
        subject=shown.id[:8] if shown is not None else "",
        resources=tuple(str(change.key) for change in kept),
    )
    return run_operation(engine, request, events)


def _make_plan(workspace: Workspace, prune: bool, resources: Sequence[str]) -> Plan:
    """The plan, limited to some resources if any are named. Raises UsageError for one that it has not."""
    from kops_core import PlanRequest, read_resource_key

    targets = tuple(map(read_resource_key, resources))
    found = workspace.plan(PlanRequest(prune, resources=targets), emit=print_event).plan
    known = {change.key for change in found.changes}
    for each in targets:
        if each not in known:
            raise UsageError(f"the plan has no {each}", remedy="name a resource as the plan shows it")
    return found


def _open_workspace(
    given: Any, files: tuple[str, ...], ssh_public_key: str = "", *, write: bool = False
) -> Workspace:
    workspace = inputs.workspace(given, write=write, files_=files, ssh_public_key=ssh_public_key)
    if files and given.get("cloud_facts"):
        echo("no account was looked at: this is what an empty one would need", err=True)
    return workspace


def _print_plan(found: Plan, form: str) -> None:
    from kops_core import plan_to_json, plan_to_text

    echo(plan_to_json(found) if form == "json" else plan_to_text(found), nl=False)
