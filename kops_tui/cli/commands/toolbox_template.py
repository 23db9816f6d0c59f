"""``toolbox template``: specs from Go templates and values."""

from __future__ import annotations

from pathlib import Path

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli.flags import CobraCommand, split
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.streams import echo, echo_data


@click.command("template", cls=CobraCommand)
@cluster_argument
@click.option(
    "--template", "templates", multiple=True, metavar="PATH,...", help="Templates: files or folders."
)
@click.option(
    "--snippets", multiple=True, metavar="PATH,...", help="Templates that others include, by file name."
)
@click.option("--values", multiple=True, metavar="PATH,...", help="Values as YAML; later ones win.")
@click.option("--set", "sets", multiple=True, metavar="KEY=VALUE,...", help="Values, over those of files.")
@click.option(
    "--set-string", "set_strings", multiple=True, metavar="KEY=VALUE,...", help="The same, all as texts."
)
@click.option("--config-value", default="", metavar="KEY", help="Only print one of the values.")
@click.option(
    "--fail-on-missing/--no-fail-on-missing",
    default=True,
    show_default=True,
    help="Fail on values that are missing.",
)
@click.option("--format-yaml", is_flag=True, help="Write the documents again as sorted YAML.")
@click.option("--out", default="", metavar="FILE", help="Write there instead of to stdout.")
@common
@click.pass_context
def template(
    ctx: click.Context,
    cluster: str | None,
    templates: tuple[str, ...],
    snippets: tuple[str, ...],
    values: tuple[str, ...],
    sets: tuple[str, ...],
    set_strings: tuple[str, ...],
    config_value: str,
    fail_on_missing: bool,
    format_yaml: bool,
    out: str,
) -> None:
    """Fill Go templates of specs with values; replace -f and --apply -f take the result."""
    from kops_core import TemplateRequest, render_templates, template_value

    if cluster:
        ctx.obj["name"] = cluster
    request = TemplateRequest(
        templates=split(templates),
        snippets=split(snippets),
        values=split(values),
        sets=sets,
        set_strings=set_strings,
        fail_on_missing=fail_on_missing,
        format_yaml=format_yaml,
    )
    settings = inputs.settings(ctx.obj)
    if config_value:
        echo(template_value(request, settings.cluster, config_value))
        return
    if not templates:
        raise UsageError("there is no template", where="--template", remedy="name a file or a folder")
    text = render_templates(request, settings)
    if not out:
        echo_data(text)
        return
    try:
        Path(out).expanduser().write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError("the file can't be written", where=out, remedy=error.strerror or "") from error
