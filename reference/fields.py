"""The pages of a kind's fields: type, known values, description, and the rule that infers each."""

from __future__ import annotations

from collections.abc import Iterator

from kops_core import FieldReference, field_reference, render_path
from kops_core.api.schema import patterns
from kops_tui.cli.commands.explain import inference_lines


def page(kind: str) -> str:
    """The page of a kind: its structures as sections, the fields of each as a table."""
    every = [field_reference(kind, path) for path, _ in patterns(kind)]
    lines = [
        f"# {kind}",
        f"The {len(every)} fields of a {kind}, as `kops-tui explain` tells them. `[*]` is any item of a list, `*`"
        " any key of a map. What one of your clusters has in a field, and why, tells"
        " `kops-tui infer --explain PATH`.",
        "",
    ]
    for section, fields in _sections(every):
        lines += [f"## {section}", "", "| field | type | |", "|---|---|---|"]
        lines += [_row(each) for each in fields]
        lines.append("")
    return "\n".join(lines)


def _sections(every: list[FieldReference]) -> Iterator[tuple[str, list[FieldReference]]]:
    """Fields by the structure in ``spec`` that they belong to; single ones under ``spec`` itself."""
    found: dict[str, list[FieldReference]] = {}
    structures = {each.path[:2] for each in every if len(each.path) > 2}
    for each in every:
        section = each.path[:1] == ("spec",) and each.path[:2] in structures
        above = each.path[:2] if section else ("spec",) if each.path[0] == "spec" else ("metadata",)
        found.setdefault(render_path(above), []).append(each)
    return iter(found.items())


def _row(field: FieldReference) -> str:
    told = [field.about]
    if field.allowed:
        told.append("Known values: " + ", ".join(f"`{each}`" for each in field.allowed) + ".")
    if field.rule or field.inferred_below:
        told += inference_lines(field)
    return f"| `{render_path(field.path)}` | {field.type} | {_cell(' '.join(filter(None, told)))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
