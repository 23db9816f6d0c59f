"""Faults that can be put into a module: mutmut's operators and two of ours, where they mean something.

mutmut's own runner leaves out decorated functions and tables at the level of modules: all rules of inference
and most of the AWS kinds. So its operators are applied here to each node of the syntax tree.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

Operator: TypeAlias = "Callable[[Any], Iterable[cst.CSTNode]]"

LEFT_OUT: Sequence[tuple[str, m.BaseMatcherNode]] = (
    ("types are mypy's", m.Annotation()),
    ("types are mypy's", m.AnnAssign(annotation=m.Annotation(m.Name("TypeAlias")))),
    ("types are mypy's", m.Call(func=m.Name("TypeVar") | m.Name("NewType") | m.Name("cast"))),
    ("types are mypy's", m.If(test=m.Name("TYPE_CHECKING"))),
    ("types are mypy's", m.ClassDef(bases=[m.ZeroOrMore(), m.Arg(m.Name("Protocol")), m.ZeroOrMore()])),
    ("imports are ruff's", m.Import() | m.ImportFrom()),
    ("imports are ruff's", m.Assign(targets=[m.AssignTarget(m.Name("__all__"))])),
    ("no effect", m.Expr(m.SimpleString() | m.ConcatenatedString() | m.Ellipsis())),
    ("frozen, slots and sizes of caches", m.Decorator(m.Call(m.Name("dataclass") | m.Name("lru_cache")))),
    ("an encoding's name has several forms", m.Arg(keyword=m.Name("encoding"))),
    ("equal lengths are asserted", m.Arg(keyword=m.Name("strict"))),
    ("a text for people", m.Arg(keyword=m.Name("because") | m.Name("doing") | m.Name("note"))),
    ("cannot happen", m.Raise(m.Call(m.Name("AssertionError") | m.Name("NotImplementedError")) | m.Name())),
    ("cannot happen", m.Assert()),
)
"""Nodes that no fault is put into, with the reason."""

_SAYS = m.Raise() | m.Call(
    func=m.Name(value=m.MatchIfTrue(lambda name: name.endswith(("Error", "Ready", "Undecided"))))
    | m.Attribute(
        attr=m.OneOf(
            *map(
                m.Name, ("because", "forbidden", "invalid", "required", "duplicate", "not_found", "too_many")
            )
        )
    )
)
"""An error or explanation: its texts are for people, its conditions are not."""

_PROSE = re.compile(r"""["'][A-Za-z]+[a-z',;:.()-]*( [A-Za-z0-9',;:.()-]+){2,}["']""")
"""A text of three or more words, which is for people."""


def _condition(node: cst.If) -> Iterator[cst.CSTNode]:
    """The opposite of an ``if``'s condition."""
    inner = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), inner))


def _statement(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """A statement for its effect, left out."""
    if isinstance(node.value, cst.Call | cst.Yield | cst.Await):
        yield cst.Pass()


_OPERATORS: Sequence[tuple[type, Operator]] = (
    *mutation_operators,
    (cst.If, _condition),
    (cst.Expr, _statement),
)


@dataclass(frozen=True)
class Fault:
    """A module with one fault in it."""

    file: str
    """From the top of the repository."""
    line: int
    code: str
    before: str
    """The lines that differ, without their indentation."""
    after: str

    @property
    def diff(self) -> str:
        """Both, to be read."""
        lines = [f"- {each}" for each in self.before.splitlines()]
        return "\n".join([*lines, *(f"+ {each}" for each in self.after.splitlines())])


class _Places(cst.CSTVisitor):
    """Collects (node, operator's name, what it can become, line)."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[cst.CSTNode, str, list[cst.CSTNode], int]] = []
        self._saying = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if any(m.matches(node, pattern) for _, pattern in LEFT_OUT):
            return False
        self._saying += m.matches(node, _SAYS)
        for kind, operator in _OPERATORS:
            if not isinstance(node, kind) or self._for_people(node, operator):
                continue
            made = [each for each in operator(node) if not _absent_as_text(node, each)]
            position = self.get_metadata(PositionProvider, node, None)
            if made and position is not None:
                self.found.append((node, operator.__name__, made, position.start.line))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        self._saying -= m.matches(original_node, _SAYS)

    def _for_people(self, node: cst.CSTNode, operator: Operator) -> bool:
        if operator is operator_string and _PROSE.fullmatch(getattr(node, "value", "")):
            return True
        return self._saying > 0 and operator in (operator_string, operator_arg_removal)


def _absent_as_text(node: cst.CSTNode, made: cst.CSTNode) -> bool:
    """Whether None becomes "": as false as before, and refused by mypy."""
    return isinstance(node, cst.Assign | cst.AnnAssign) and m.matches(
        made, m.Assign(value=m.SimpleString('""')) | m.AnnAssign(value=m.SimpleString('""'))
    )


def faults(tree: Path, files: Iterable[str], seed: str) -> Iterator[Fault]:
    """Faults in files, in an order drawn by a seed: each place once, with one of what it can become.

    A place is drawn by its line's text, so that an edit elsewhere leaves the sample as it was.
    """
    drawn = []
    for file in sorted(files):
        wrapper = MetadataWrapper(cst.parse_module((tree / file).read_text(encoding="utf-8")))
        visitor = _Places()
        wrapper.visit(visitor)
        lines = wrapper.module.code.splitlines()
        seen: Counter[str] = Counter()
        for node, operator, made, line in visitor.found:
            place = f"{seed} {file} {operator} {lines[line - 1].strip()}"
            seen[place] += 1
            number = int(hashlib.sha256(f"{place} {seen[place]}".encode()).hexdigest(), 16)
            drawn.append((number, file, line, wrapper.module, node, made[number % len(made)]))
    for _, file, line, module, node, instead in sorted(drawn, key=lambda each: each[0]):
        mutated = module.deep_replace(node, instead)
        assert isinstance(mutated, cst.Module)
        yield _fault(file, line, module.code, mutated.code)


def _fault(file: str, line: int, before: str, after: str) -> Fault:
    diff = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[2:]
    removed = [each[1:].strip() for each in diff if each.startswith("-")]
    added = [each[1:].strip() for each in diff if each.startswith("+")]
    return Fault(file, line, after, "\n".join(removed), "\n".join(added))
