"""The commands by name, each imported only when it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from kops_core.version import KOPS_VERSION, __version__
from kops_tui.cli.options import common


@dataclass(frozen=True)
class CommandEntry:
    """A command that the help lists."""

    help: str
    load: Callable[[], click.Command]
    """Imports it."""


def _load_attach() -> click.Command:
    from kops_tui.cli.commands.operations import attach

    return attach


def _load_completion() -> click.Command:
    from kops_tui.cli.commands.completion import command

    return command


def _load_control() -> click.Command:
    from kops_tui.cli.commands.operations import control

    return control


def _load_create() -> click.Command:
    from kops_tui.cli.commands.create import command

    return command


def _load_delete() -> click.Command:
    from kops_tui.cli.commands.delete import command

    return command


def _load_diff() -> click.Command:
    from kops_tui.cli.commands.history import diff

    return diff


def _load_distrust() -> click.Command:
    from kops_tui.cli.commands.keypairs import distrust

    return distrust


def _load_drift() -> click.Command:
    from kops_tui.cli.commands.drift import command

    return command


def _load_edit() -> click.Command:
    from kops_tui.cli.commands.edit import command

    return command


def _load_etcd() -> click.Command:
    from kops_tui.cli.commands.etcd import command

    return command


def _load_explain() -> click.Command:
    from kops_tui.cli.commands.explain import command

    return command


def _load_export() -> click.Command:
    from kops_tui.cli.commands.kubeconfig import export

    return export


def _load_facts() -> click.Command:
    from kops_tui.cli.commands.facts import command

    return command


def _load_fleet() -> click.Command:
    from kops_tui.cli.commands.fleet import command

    return command


def _load_get() -> click.Command:
    from kops_tui.cli.commands.get import command

    return command


def _load_history() -> click.Command:
    from kops_tui.cli.commands.history import command

    return command


def _load_infer() -> click.Command:
    from kops_tui.cli.commands.infer import command

    return command


def _load_info() -> click.Command:
    from kops_tui.cli.commands.info import command

    return command


def _load_lock() -> click.Command:
    from kops_tui.cli.commands.lock import command

    return command


def _load_operations() -> click.Command:
    from kops_tui.cli.commands.operations import operations

    return operations


def _load_promote() -> click.Command:
    from kops_tui.cli.commands.keypairs import promote

    return promote


def _load_protect() -> click.Command:
    from kops_tui.cli.commands.protect import command

    return command


def _load_reconcile() -> click.Command:
    from kops_tui.cli.commands.reconcile import command

    return command


def _load_reconcile_mode() -> click.Command:
    from kops_tui.cli.commands.reconcile import reconcile

    return reconcile


def _load_replace() -> click.Command:
    from kops_tui.cli.commands.replace import command

    return command


def _load_restore() -> click.Command:
    from kops_tui.cli.commands.history import restore

    return restore


def _load_rolling_update() -> click.Command:
    from kops_tui.cli.commands.rolling import command

    return command


def _load_sandbox() -> click.Command:
    from kops_tui.cli.commands.sandbox import command

    return command


def _load_stop() -> click.Command:
    from kops_tui.cli.commands.operations import stop

    return stop


def _load_toolbox() -> click.Command:
    from kops_tui.cli.commands.toolbox import command

    return command


def _load_trust() -> click.Command:
    from kops_tui.cli.commands.keypairs import trust

    return trust


def _load_update() -> click.Command:
    from kops_tui.cli.commands.update import command

    return command


def _load_upgrade() -> click.Command:
    from kops_tui.cli.commands.upgrade import command

    return command


def _load_validate() -> click.Command:
    from kops_tui.cli.commands.validate import command

    return command


def _load_what_if() -> click.Command:
    from kops_tui.cli.commands.what_if import command

    return command


def _load_version() -> click.Command:
    from kops_tui.cli.commands.version import command

    return command


def _load_plan_mode() -> click.Command:
    from kops_tui.cli.commands.update import plan

    return plan


def _load_apply_mode() -> click.Command:
    from kops_tui.cli.commands.update import apply

    return apply


def _load_roll_mode() -> click.Command:
    from kops_tui.cli.commands.rolling import roll

    return roll


def _load_check_mode() -> click.Command:
    from kops_tui.cli.commands.validate_cluster import cluster

    return cluster


def _load_helpers() -> click.Command:
    from kops_tui.cli.commands.kubeconfig import helpers

    return helpers


COMMANDS: dict[str, CommandEntry] = {
    "attach": CommandEntry("Follow an operation that runs, or ran last, from any terminal.", _load_attach),
    "completion": CommandEntry("Print the code with which a shell completes.", _load_completion),
    "control": CommandEntry("Pause an operation, or skip a node of it, from any terminal.", _load_control),
    "create": CommandEntry(
        "Create a cluster, an instance group, objects from files, keypairs or secrets.", _load_create
    ),
    "delete": CommandEntry(
        "Delete a cluster, or an instance group, secrets or SSH public keys of one.", _load_delete
    ),
    "diff": CommandEntry("Compare specs with what was before a write, or with files.", _load_diff),
    "distrust": CommandEntry("Distrust keypairs of a keyset.", _load_distrust),
    "drift": CommandEntry("Tell what is not as the spec wants it, and since when.", _load_drift),
    "edit": CommandEntry("Change a cluster or instance group, by flags or in an editor.", _load_edit),
    "etcd": CommandEntry("List etcd's backups, and have one restored.", _load_etcd),
    "explain": CommandEntry("Tell what a field of a spec is, and which rule infers it.", _load_explain),
    "export": CommandEntry("Write kubeconfigs, with certificates for administrators.", _load_export),
    "facts": CommandEntry("Record what the cloud account holds.", _load_facts),
    "fleet": CommandEntry("Tell what each cluster of all stores needs.", _load_fleet),
    "get": CommandEntry("List clusters, instance groups, keypairs and secrets.", _load_get),
    "history": CommandEntry(
        "List what was done to a cluster, and what was written of its specs.", _load_history
    ),
    "infer": CommandEntry(
        "Print the completed spec of a cluster, and why each value is what it is.", _load_infer
    ),
    "info": CommandEntry("Tell versions, paths, and where each setting came from.", _load_info),
    "lock": CommandEntry("Show and remove a cluster's lock.", _load_lock),
    "operations": CommandEntry(
        "List operations that run, have ended, or were interrupted.", _load_operations
    ),
    "promote": CommandEntry("Make a keypair the one that signs.", _load_promote),
    "protect": CommandEntry("Guard a cluster or instance group against deletion.", _load_protect),
    "reconcile": CommandEntry(
        "Bring a whole cluster to its spec: control plane, nodes, pruning.", _load_reconcile
    ),
    "replace": CommandEntry("Replace objects in the state store from files.", _load_replace),
    "restore": CommandEntry("Store the specs as they were before a write, or in a backup.", _load_restore),
    "rolling-update": CommandEntry(
        "Replace the nodes whose configuration is out of date.", _load_rolling_update
    ),
    "sandbox": CommandEntry("Start, stop and use the embedded AWS.", _load_sandbox),
    "stop": CommandEntry("End an operation at its next safe point.", _load_stop),
    "toolbox": CommandEntry("Templates of specs, and other tools around clusters.", _load_toolbox),
    "trust": CommandEntry("Trust distrusted keypairs again.", _load_trust),
    "update": CommandEntry("Plan what a cluster needs, and apply it.", _load_update),
    "upgrade": CommandEntry("Move a cluster to a newer version of Kubernetes.", _load_upgrade),
    "validate": CommandEntry("Tell what is wrong with a spec or a cluster.", _load_validate),
    "version": CommandEntry("Print the version.", _load_version),
    "what-if": CommandEntry("Tell what another value would change, without setting it.", _load_what_if),
}
"""Commands by name, with their line in the help."""

MODES: dict[str, Callable[[], click.Command]] = {
    "plan": _load_plan_mode,
    "apply": _load_apply_mode,
    "roll": _load_roll_mode,
    "reconcile-mode": _load_reconcile_mode,
    "check": _load_check_mode,
    "helpers": _load_helpers,
}
"""Hidden commands: those behind ``--plan`` and the like, and what kubectl calls."""

FLAGS_OF_MODES = {
    "plan": "--plan",
    "apply": "--apply",
    "roll": "--rolling-update",
    "reconcile-mode": "--reconcile",
    "check": "--validate",
}
"""Hidden commands by the flags that people know them by."""


class Root(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in MODES:
            return MODES[cmd_name]()
        entry = COMMANDS.get(cmd_name)
        return entry.load() if entry is not None else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Errors name the flag that was typed, not the hidden command behind it."""
        name, found, rest = super().resolve_command(ctx, args)
        return FLAGS_OF_MODES.get(name or "", name), found, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])
        with formatter.section("For scripts and CI"):
            formatter.write_dl(
                [
                    ("--plan [-f FILE] [--out FILE]", "Plan; exit 2 if there are changes, 0 if not."),
                    ("--apply [PLAN]", "Plan and apply, or apply a saved plan."),
                    ("--rolling-update", "Replace the nodes that need it."),
                    ("--reconcile", "Update and roll the control plane, then the nodes, then prune."),
                    ("--validate [--wait 10m]", "Tell whether the running cluster works; exit 2 if not."),
                    ("attach [ID] --events ndjson", "Follow an operation that runs, or ran last."),
                ]
            )


@click.group(
    cls=Root,
    invoke_without_command=True,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message=f"%(prog)s %(version)s (compatible with kOps {KOPS_VERSION})")
@click.option("--sandbox", is_flag=True, help="Work in an embedded AWS with three clusters.")
@click.option("--strict", is_flag=True, help="With --sandbox: delays, limits and refusals as AWS has them.")
@click.option("--write", is_flag=True, help="Let the terminal UI change things.")
@click.option("--ascii", "ascii_only", is_flag=True, help="Draw with ASCII only.")
@common
@click.pass_context
def root(ctx: click.Context, sandbox: bool, strict: bool, write: bool, ascii_only: bool) -> int:
    """kOps clusters in a terminal. Without a command: the terminal UI."""
    if ctx.invoked_subcommand is not None:
        return 0
    from kops_tui.cli.interactive import open_ui

    if strict and not sandbox:
        raise click.UsageError("--strict is an option of --sandbox")
    return open_ui(ctx.obj, sandbox=sandbox, strict=strict, write=write, ascii_only=ascii_only)
