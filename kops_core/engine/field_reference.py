"""The reference of a field: its type, description and allowed values, and the rules that infer it.

Both come from what the program works with, the compiled types and the book of rules, so that the reference
says what happens. It is about all clusters; `workspace.explanation` is about one.
"""

from __future__ import annotations

from dataclasses import dataclass

from kops_core.api.path import ANY, FieldPath
from kops_core.api.schema import FieldDescription, describe
from kops_core.engine.workspace.draft import GROUPS
from kops_core.errors import UsageError
from kops_core.infer.complete import rule_book
from kops_core.infer.rules import Node, Rule

KINDS = ("Cluster", "InstanceGroup")
"""The kinds whose fields are inferred, and have a reference."""


@dataclass(frozen=True)
class FieldRule:
    """A rule that infers a field."""

    name: str
    """Module and function or field, e.g. ``kubelet.cluster_dns``, as ``infer --explain`` prints it."""
    sets: FieldPath
    """What it infers: the field, or a structure that the field lies in."""
    because: str
    """The reason, as a clause."""
    conditional: bool
    """The rule has a condition; where it does not hold the field stays unset."""
    over_user: bool
    """The rule may change a value that the user wrote, e.g. into the form that kOps stores."""
    tidies: bool
    """All it does is to drop or rewrite what the user wrote."""


@dataclass(frozen=True)
class FieldReference:
    """All that holds for a field in every cluster."""

    kind: str
    path: FieldPath
    """With ``*`` for any key and ``ANY`` for any position."""
    type: str
    """E.g. ``string``, ``map of string``, ``list of EtcdClusterSpec``."""
    allowed: tuple[str, ...]
    about: str
    children: tuple[FieldPath, ...]
    """The known fields below: of a structure, or of the items of a list or map of structures; of a map of
    values, the keys that rules add."""
    rule: FieldRule | None
    """The nearest rule, of the field or of a structure that it lies in."""
    inferred_below: bool
    """Whether rules infer fields below it."""


def field_reference(kind: str, path: FieldPath) -> FieldReference:
    """The reference of a field. Raises UsageError, with the nearest name, if there is none."""
    if kind not in KINDS:
        raise UsageError(f"there is no reference of {kind!r}", remedy=f"it is one of {', '.join(KINDS)}")
    return _reference(kind, describe(kind, path))


def _reference(kind: str, known: FieldDescription) -> FieldReference:
    node: Node | None = rule_book().root
    above: FieldPath = (GROUPS, "*") if kind == "InstanceGroup" else ()
    rule: FieldRule | None = None
    for depth, part in enumerate((*above, *known.path), start=1 - len(above)):
        node = node.child(part) if node else None
        if node and node.rule and (depth == len(known.path) or not _tidies(node.rule)):
            rule = _rule(node.rule, known.path[:depth])
    items, type_ = known.path, known.type
    while inner := type_.item or type_.value:
        items = (*items, ANY if type_.item else "*")
        type_ = inner
    keys = known.children or (() if known.type.value is None or not node else [*node.names(())])
    return FieldReference(
        kind=kind,
        path=known.path,
        type=known.type_text,
        allowed=known.allowed,
        about=known.about,
        children=tuple((*(items if known.children else known.path), each) for each in keys),
        rule=rule,
        inferred_below=bool(node and node.children),
    )


def _tidies(rule: Rule) -> bool:
    """Whether a rule only drops or rewrites what the user wrote, and infers nothing below its field."""
    return rule.name.startswith("normalization.")


def _rule(rule: Rule, sets: FieldPath) -> FieldRule:
    return FieldRule(rule.name, sets, rule.because, rule.when is not None, rule.over_user, _tidies(rule))
