"""The sheet of inference: each cell is a field, computed when it is read, and cached.

A cell keeps what was read to compute it. That is its origin, and it tells which cells an edit
invalidates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from kops_core.api.path import FieldPath, get, render
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import FactsNotRead, KopsError
from kops_core.infer.reader import Reader
from kops_core.infer.rules import Node, Rule, RuleBook

USER_VIEW = "@yours"
"""First part of the addresses of the user's values, without rules."""
BASE_VIEW = "@base"
"""First part of the addresses of structures without the fields that rules add below."""
SHAPE_VIEW = "@shape"
"""First part of the addresses of the keys or positions below a path."""
VIEWS = (USER_VIEW, BASE_VIEW, SHAPE_VIEW)


class RuleCycle(KopsError):
    """Rules read each other in a circle; the message names their paths."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One computed address."""

    value: Maybe
    reads: tuple[FieldPath, ...] = ()
    """Addresses read to compute it, in order, each once."""
    asked: tuple[FieldPath, ...] = ()
    """The reads of the rule itself."""
    rule: Rule | None = None
    """The rule that yielded it; None for a user's value and for assembled structures."""
    reason: str = ""
    """The reason that the rule chose; "" if it has only one."""


@dataclass
class Sheet:
    """The cells of one input. Not shared between threads."""

    source: Tree
    """Roots: ``metadata``, ``spec``, ``instanceGroups`` (by name), ``facts``, ``channel``, ``settings``."""
    book: RuleBook
    cells: dict[FieldPath, Cell] = field(default_factory=dict)
    _computing: dict[FieldPath, None] = field(default_factory=dict)

    def value(self, address: FieldPath) -> Maybe:
        """The value at an address: the user's, or inferred; UNSET if there is none."""
        return self.cell(address).value

    def cell(self, address: FieldPath) -> Cell:
        """The cell at an address, computed if necessary. Raises RuleCycle."""
        known = self.cells.get(address)
        if known is not None:
            return known
        if address in self._computing:
            ring = [*self._computing][[*self._computing].index(address) :]
            raise RuleCycle(
                "rules read each other in a circle: "
                + " -> ".join(render(each) for each in (*ring, address)),
                remedy="this is a fault of the program: report it with your cluster spec",
            )
        self._computing[address] = None
        try:
            cell = self._compute(address)
        finally:
            del self._computing[address]
        self.cells[address] = cell
        return cell

    def _compute(self, address: FieldPath) -> Cell:
        head, plain = address[0], address[1:]
        if head == USER_VIEW:
            return Cell(get(self.source, plain))
        if head == BASE_VIEW:
            return self._base(plain)
        base_at = (BASE_VIEW, *(plain if head == SHAPE_VIEW else address))
        base = self.cell(base_at)
        if head == SHAPE_VIEW:
            return Cell(parts_of(base.value), (base_at,))
        node = self.book.node(address)
        return self._assemble(address, node, base) if node is not None and node.children else base

    def _base(self, address: FieldPath) -> Cell:
        """The value at an address, before rules add fields below it."""
        node, ruled = self.book.place(address)
        written, reads = self._written(address, ruled)
        rule = node.rule if node is not None else None
        if rule is None or (written is not UNSET and not rule.over_user):
            return Cell(written, reads)
        reader = Reader(self, address)
        result: Maybe = None
        if rule.when is None or rule.when(reader):
            result = rule.compute(reader)
        asked = reader.seen()
        if result is None or result == written:
            return Cell(written, (*reads, *asked))
        return Cell(result, (*reads, *asked), asked, rule, reader.reason)

    def _written(self, address: FieldPath, ruled: int) -> tuple[Maybe, tuple[FieldPath, ...]]:
        """The user's value, or the part of the result of the rule at depth ``ruled``."""
        if not ruled:
            if address[0] == "facts" and self.source.get("facts") is None:
                raise FactsNotRead(render(address))
            found = get(self.source, address)
            return (UNSET if found is None else found), ()
        owner = (BASE_VIEW, *address[:ruled])
        whole = self.cell(owner).value
        found = UNSET if whole is UNSET else get(whole, address[ruled:])
        return (UNSET if found is None else found), (owner,)

    def _assemble(self, address: FieldPath, node: Node, base: Cell) -> Cell:
        """Assembles a structure from its base and the cells of the fields that rules add below it."""
        value = base.value
        reads: list[FieldPath] = [(BASE_VIEW, *address)]
        result: Maybe = value
        if isinstance(value, list):
            items: list[Value] = []
            for position, item in enumerate(value):
                if node.child(position) is None:
                    items.append(item)
                    continue
                reads.append((*address, position))
                found = self.value((*address, position))
                items.append(None if found is UNSET else found)
            result = items
        elif value is UNSET or isinstance(value, dict):
            present: Tree = value if isinstance(value, dict) else {}
            table: Tree = {}
            for part in node.names(present):
                found = present.get(str(part))
                if node.child(part) is not None:
                    reads.append((*address, part))
                    found = self.value((*address, part))
                if found is not UNSET and found is not None:
                    table[str(part)] = found
            result = UNSET if value is UNSET and not table else table
        return Cell(result, tuple(reads))

    def invalidated(self, source: Tree, changed: Collection[FieldPath]) -> Sheet:
        """A sheet over another source that keeps the cells that do not depend on the changed addresses."""
        touched = _PathSet(changed)
        stale: set[FieldPath] = set()
        kept: dict[FieldPath, Cell] = {}
        # A cell is stored after all that it read, so one pass in order finds every dependent.
        for address, cell in self.cells.items():
            plain = address[1:] if address[0] in VIEWS else address
            if touched.overlaps(plain) or not stale.isdisjoint(cell.reads):
                stale.add(address)
            else:
                kept[address] = cell
        return Sheet(source, self.book, kept)


class _PathSet:
    """A set of paths, and whether it overlaps with another path."""

    def __init__(self, paths: Collection[FieldPath]) -> None:
        self._above = {path[:depth] for path in paths for depth in range(len(path))}
        self._by_length: dict[int, set[FieldPath]] = {}
        for path in paths:
            self._by_length.setdefault(len(path), set()).add(path)

    def overlaps(self, path: FieldPath) -> bool:
        return path in self._above or any(path[:size] in paths for size, paths in self._by_length.items())


def parts_of(value: Maybe) -> Value:
    """The keys of a mapping, or the positions of a list."""
    if isinstance(value, Mapping):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []
