"""Results as text: what goes to stdout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kops_core.errors import UsageError

if TYPE_CHECKING:
    from kops_core import FieldPath, Inference, Maybe, Origin, Tree, Value


def documents(trees: Sequence[Tree], form: str, *, keep_unknown: bool = False) -> str:
    """Documents as a YAML stream in kOps' own form, or as JSON (a list if there are several).

    keep_unknown: also the fields that no type has.
    """
    if form == "json":
        return json.dumps(trees[0] if len(trees) == 1 else list(trees), indent=2) + "\n"
    from kops_core import to_yaml

    return "---\n".join(to_yaml(tree, keep_unknown=keep_unknown) for tree in trees)


def values(found: Value, form: str) -> str:
    """Any data as YAML in Kubernetes' form, or as JSON."""
    if form == "json":
        return json.dumps(found, indent=2) + "\n"
    from kops_core import emit_yaml

    return emit_yaml(found)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns aligned by spaces, as kubectl prints them."""
    from kops_core import printable

    lines = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def explanations(inference: Inference, wanted: str, form: str) -> str:
    """For a path, or every leaf (``*``): the value, where it came from and what was read for it."""
    from kops_core import UNSET, leaves, parse_path, render_path

    if wanted == "*":
        origins = inference.origins()
    else:
        path = parse_path(wanted)
        value = inference.value(path)
        if value is UNSET:
            raise UsageError("nothing is set there, by you or by a rule", where=wanted)
        origins = {
            found: inference.origin(found) for found in ((*path, *below) for below, _ in leaves(value))
        }
    rows = [
        (render_path(path), origin, _value_without_user(inference, path, origin))
        for path, origin in origins.items()
    ]
    if form == "json":
        return json.dumps([_as_json(*row) for row in rows], indent=2) + "\n"
    return "".join(_as_text(*row) for row in rows)


def _value_without_user(inference: Inference, path: FieldPath, origin: Origin) -> Maybe:
    """What would be inferred without the user's value; UNSET if nothing can be."""
    from kops_core import UNSET, KopsError

    if origin.rule or not inference.rule_at(path):
        return UNSET
    try:
        return inference.would_be(path)
    except KopsError:
        return UNSET


def _as_text(path: str, origin: Origin, otherwise: Maybe) -> str:
    from kops_core import UNSET, render_path

    lines = [f"{path}: {shown(origin.value)}"]
    if origin.rule:
        lines.append(f"  {origin.source.value} by {origin.rule} because {origin.because}")
        lines += [
            f"    read {render_path(read.path)} = {shown(read.value)} ({read.source.value})"
            for read in origin.reads
        ]
        if origin.user_value is not UNSET:
            lines.append(f"  you wrote {shown(origin.user_value)}")
    else:
        lines.append("  set by you")
        if otherwise is not UNSET:
            lines.append(f"  without it: {shown(otherwise)}")
    return "\n".join(lines) + "\n"


def _as_json(path: str, origin: Origin, otherwise: Maybe) -> dict[str, object]:
    from kops_core import UNSET, render_path

    row: dict[str, object] = {"path": path, "value": origin.value, "source": origin.source.value}
    if origin.rule:
        row |= {
            "rule": origin.rule,
            "because": origin.because,
            "reads": [
                {
                    "path": render_path(read.path),
                    "value": None if read.value is UNSET else read.value,
                    "source": read.source.value,
                }
                for read in origin.reads
            ],
        }
    elif otherwise is not UNSET:
        row["otherwise"] = otherwise
    return row


def shown(value: Maybe) -> str:
    """A value on one line; long ones are cut with an ellipsis."""
    from kops_core import UNSET, printable

    text = printable("unset" if value is UNSET else value if isinstance(value, str) else json.dumps(value))
    return text if len(text) <= 100 else text[:99] + "…"
