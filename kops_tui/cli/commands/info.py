"""``info``: versions, paths, and where each setting came from."""

from __future__ import annotations

import platform
from importlib.metadata import version

import click

from kops_core.version import KOPS_VERSION, __version__
from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.command("info")
@common
@click.pass_context
def command(ctx: click.Context) -> None:
    """Tell versions, paths, and where each setting came from."""
    settings = inputs.settings(ctx.obj)
    sources = settings.sources
    rows = [
        ("kops-tui", __version__, ""),
        ("compatible with kOps", KOPS_VERSION, ""),
        ("python", platform.python_version(), ""),
        *((name, version(name), "") for name in ("textual", "pydantic", "boto3")),
        ("state stores", ", ".join(settings.stores) or "none", sources.get("state", "")),
        ("cluster", settings.cluster or "none", sources.get("name", "")),
        ("cloud facts", str(settings.cloud_facts or "from the account"), sources.get("cloud_facts", "")),
        ("channel", settings.channel or "as the cluster says", sources.get("channel", "")),
        ("kOps version of nodes", settings.kops_version, sources.get("kops_version", "")),
        ("feature flags", ", ".join(settings.feature_flags) or "none", ""),
        ("operator", settings.operator, ""),
        ("journals and drafts", str(settings.state_dir), ""),
        ("kubeconfigs", str(settings.data_dir / "kubeconfig"), ""),
        ("cache", str(settings.cache_dir), ""),
    ]
    for name, value, source in rows:
        echo(f"{name:22} {value}" + (f"  ({source})" if source and source != "default" else ""))
