"""Sets a field of a document from the text that an operator types."""

from __future__ import annotations

from kops_core.api import check
from kops_core.api.path import FieldPath, render, set_at
from kops_core.api.set_expression import value_from_text
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec, UsageError


def with_field(document: Tree, kind: str, path: FieldPath, text: str) -> Tree:
    """A document with a field set from text: lists take commas, maps ``key=value`` by comma.

    Raises InvalidSpec for a text that does not fit the field.
    """
    try:
        changed = set_at(document, path, value_from_text(kind, path, text.strip()))
    except UsageError as wrong:
        message = ". ".join(part for part in (wrong.what, wrong.remedy) if part)
        raise InvalidSpec([FieldError("Invalid value", render(path), message)]) from wrong
    findings = [error for at, error in check.check(changed, kind) if at[: len(path)] == path]
    if findings:
        raise InvalidSpec(findings)
    return changed
