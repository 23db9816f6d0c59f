"""``export kubeconfig``, and what kubectl calls for a certificate (``helpers kubectl-auth``)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli.flags import ADMIN_LIFETIME, CobraCommand
from kops_tui.cli.options import alias, cluster_argument, common, decorated
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import Engine, KubeconfigOptions

_Command = TypeVar("_Command", bound=Callable[..., Any])

_PLUGIN_LIFETIME = timedelta(hours=1)
"""How long a certificate lives that kubectl asks for: it asks again when it needs to (kOps' value)."""


def kubeconfig_options(function: _Command) -> _Command:
    """The options of what writes a kubeconfig."""
    options = (
        click.option(
            "--admin",
            default="",
            metavar="[=DURATION]",
            help=f"Issue a certificate for an administrator, for {ADMIN_LIFETIME} unless told.",
        ),
        click.option("--user", default="", metavar="NAME", help="Use a user that the kubeconfig has."),
        click.option("--internal", is_flag=True, help="Use the API's internal name."),
        click.option("--api-server", default="", metavar="URL", help="Where the API is reached."),
    )
    return decorated(function, options)


@click.group("export")
def export() -> None:
    """Write kubeconfigs, with certificates for administrators."""


@export.command("kubeconfig", cls=CobraCommand)
@cluster_argument
@click.option("--all", "every", is_flag=True, help="Every cluster of the state store.")
@click.option("--kubeconfig", "file", default="", metavar="FILE", help="Write there; what it has stays.")
@click.option("--auth-plugin", is_flag=True, help="Let kubectl ask this program for a certificate each time.")
@kubeconfig_options
@common
@click.pass_context
def export_kubeconfig(
    ctx: click.Context,
    cluster: str | None,
    every: bool,
    file: str,
    auth_plugin: bool,
    admin: str,
    user: str,
    internal: bool,
    api_server: str,
) -> None:
    """Write a kubeconfig for a cluster: to a file of its own, or into --kubeconfig or KUBECONFIG."""
    if every and cluster:
        raise UsageError("--all and a cluster's name can't go together")
    if cluster:
        ctx.obj["name"] = cluster
    options = options_of(
        admin=admin, user=user, internal=internal, api_server=api_server, auth_plugin=auth_plugin, file=file
    )
    engine = inputs.engine(ctx.obj)
    names = sorted(engine.fleet.names()) if every else [inputs.cluster_of(engine)]
    for name in names:
        export_cluster(engine, name, options)


alias(export, export_kubeconfig, "kubecfg")


def options_of(
    *,
    admin: str,
    user: str,
    internal: bool,
    api_server: str,
    auth_plugin: bool = False,
    file: str = "",
) -> KubeconfigOptions:
    """The options as the engine takes them. Raises UsageError."""
    from kops_core import KubeconfigOptions, admin_lifetime

    return KubeconfigOptions(
        admin=admin_lifetime(admin),
        user=user,
        internal=internal,
        auth_plugin=auth_plugin,
        api_server=api_server,
        file=file,
    ).checked()


def export_cluster(engine: Engine, name: str, options: KubeconfigOptions) -> None:
    """Write one cluster, and say where to and what for, on stderr."""
    done = engine.export_kubeconfig(name, options)
    for warning in done.warnings:
        echo(f"warning: {warning}", err=True)
    echo(f"wrote {name} ({done.server}) to {done.file}", err=True)
    if done.expires_at is not None:
        echo(f"its certificate ends at {done.expires_at:%Y-%m-%d %H:%M} UTC; keep the file safe", err=True)
    if not done.signed_in:
        echo("it does not say who you are: add --admin, --user or --auth-plugin", err=True)
    if done.own:
        echo(f"use it with: export KUBECONFIG={done.file}", err=True)


@click.group("helpers", hidden=True)
def helpers() -> None:
    """What other programs call."""


@helpers.command("kubectl-auth")
@click.option("--cluster", required=True, metavar="NAME")
@common
@click.pass_context
def kubectl_auth(ctx: click.Context, cluster: str) -> None:
    """Issue a certificate for kubectl, on stdout, in the form that it asks for (ExecCredential)."""
    made = inputs.engine(ctx.obj).client_certificate(cluster, _PLUGIN_LIFETIME)
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "kind": "ExecCredential",
        "status": {
            "clientCertificateData": made.certificate.decode(),
            "clientKeyData": made.private_key.reveal().decode(),
            "expirationTimestamp": f"{made.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        },
    }
    echo(json.dumps(credential))
