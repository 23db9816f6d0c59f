"""``explain``: what a field of a spec is, and which rule infers it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from kops_core.errors import UsageError
from kops_tui.cli.streams import echo

if TYPE_CHECKING:
    from kops_core import FieldReference

_KINDS = {"cluster": "Cluster", "ig": "InstanceGroup", "instancegroup": "InstanceGroup"}


@click.command("explain")
@click.argument("field")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(field: str, output: str) -> None:
    """Tell what a field of a spec is: its type, its allowed values, and which rule infers it.

    FIELD is a path such as spec.kubelet.maxPods, of clusters and of instance groups; with cluster. or
    instancegroup. before it, of one of them. What a cluster of yours has there, and why, tells
    infer --explain.
    """
    found = _references(field)
    if output == "json":
        echo(json.dumps([_to_data(each) for each in found], indent=2))
    else:
        echo("\n".join("\n".join(_lines(each)) + "\n" for each in found), nl=False)


def _references(field: str) -> list[FieldReference]:
    """The field in each kind that has it. Raises UsageError if none has."""
    from kops_core import field_reference, parse_path

    path = parse_path(field)
    named = _KINDS.get(str(path[0]).lower()) if path else None
    found, problems = [], []
    for kind in [named] if named else ["Cluster", "InstanceGroup"]:
        try:
            found.append(field_reference(kind, path[1:] if named else path))
        except UsageError as problem:
            problems.append(problem)
    if not found:
        raise problems[0]
    return found


def _lines(found: FieldReference) -> Iterator[str]:
    from kops_core import field_reference, render_path

    yield f"{found.kind} {render_path(found.path)}  <{found.type}>"
    if found.about:
        yield f"  {found.about}"
    if found.allowed:
        yield f"  Known values: {', '.join(found.allowed)}"
    yield from (f"  {each}" for each in inference_lines(found))
    if found.children:
        yield "  Fields:"
        names = [str(each[-1]) for each in found.children]
        longest = max(map(len, names))
        for name, path in zip(names, found.children, strict=True):
            child = field_reference(found.kind, path)
            mark = "  inferred" if child.rule or child.inferred_below else ""
            yield f"    {name:<{longest}}  <{child.type}>{mark}"


def inference_lines(found: FieldReference) -> Iterator[str]:
    """Whether and by which rule the field is inferred, in sentences."""
    from kops_core import render_path

    rule = found.rule
    if rule and rule.tidies:
        yield f"The rule {rule.name} may drop or rewrite a value of yours, because {rule.because}."
    elif rule:
        within = "" if rule.sets == found.path else f", which sets {render_path(rule.sets)},"
        sometimes = " on a condition" if rule.conditional else ""
        yield f"Inferred{sometimes} by the rule {rule.name}{within} because {rule.because}."
        if rule.over_user:
            yield "The rule may change a value of yours."
    elif found.inferred_below:
        yield "Rules infer fields below it."
    else:
        yield "Not inferred: it has the value that you write, or none."


def _to_data(found: FieldReference) -> dict[str, object]:
    from kops_core import render_path

    rule = found.rule
    return {
        "kind": found.kind,
        "path": render_path(found.path),
        "type": found.type,
        "about": found.about,
        "allowed": list(found.allowed),
        "fields": [str(each[-1]) for each in found.children],
        "rule": rule
        and {
            "name": rule.name,
            "sets": render_path(rule.sets),
            "because": rule.because,
            "conditional": rule.conditional,
            "overUser": rule.over_user,
        },
    }
