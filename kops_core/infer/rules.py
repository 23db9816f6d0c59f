"""Rules: functions that infer fields that the user did not set.

    @rule("spec.kubelet.cgroupDriver", because="kubelet and containerd both use systemd's cgroups")
    def cgroup_driver(c: Reader) -> Value:
        return "systemd"

A rule reads what it needs through ``c``, and only through ``c``. It returns the
value, or None to leave the field unset. It is asked only where the user left the
field unset, unless its ``over_user`` says otherwise. A field has one rule. A rule with
several reasons says with ``c.because`` which one holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from kops_core.api.path import ANY, FieldPath, Part, parse, render
from kops_core.api.values import Maybe, Value

if TYPE_CHECKING:
    from kops_core.infer.reader import Reader

Compute: TypeAlias = "Callable[[Reader], Maybe]"
Condition: TypeAlias = "Callable[[Reader], bool]"


@dataclass(frozen=True)
class Rule:
    """The rule of one field, or of the same field of several objects."""

    name: str
    """Module and function or field, e.g. ``kubelet.cluster_dns``; shown to operators."""
    patterns: tuple[FieldPath, ...]
    because: str
    """The reason as a clause that an operator can read: "... because <this>"."""
    compute: Compute
    when: Condition | None
    """A condition that is checked first; if false, the field stays unset."""
    over_user: bool
    """The rule is asked even where the user set a value, which it may read with ``c.user_value``.
    None then keeps the user's value, UNSET removes it."""


def rule(
    *paths: str, because: str, when: Condition | None = None, over_user: bool = False
) -> Callable[[Compute], Rule]:
    """Decorates a function as the rule of ``paths`` (patterns of ``kops_core.api.path``)."""

    def declare(compute: Compute) -> Rule:
        name = f"{compute.__module__.rpartition('.')[2]}.{compute.__name__}"
        return Rule(name, tuple(map(parse, paths)), because, compute, when, over_user)

    return declare


def fixed(
    module: str,
    above: str,
    fields: Mapping[str, tuple[Value, str]],
    *also: str,
    when: Condition | None = None,
) -> tuple[Rule, ...]:
    """Rules for the fields of a structure that have a constant value.

    module: ``__name__`` of the caller; above: the path of the structure; fields: value
    and ``because`` by field; also: paths of further structures with the same fields.
    """
    name = module.rpartition(".")[2]
    return tuple(
        Rule(
            f"{name}.{field}",
            tuple(parse(f"{each}.{field}") for each in (above, *also)),
            because,
            _always(value),
            when,
            over_user=False,
        )
        for field, (value, because) in fields.items()
    )


def _always(value: Value) -> Compute:
    return lambda _: value


@dataclass
class Node:
    """A node of the tree of rules: the rules at and below one path."""

    rule: Rule | None = None
    children: dict[Part, Node] = field(default_factory=dict)

    def child(self, part: Part) -> Node | None:
        """The child for a key or position; a literal one takes precedence over a pattern."""
        found = self.children.get(part)
        return found if found is not None else self.children.get(ANY if isinstance(part, int) else "*")

    def names(self, present: Iterable[Part]) -> Iterator[Part]:
        """The keys below this node: those present, then those that rules add."""
        seen = dict.fromkeys(present)
        yield from seen
        for part in self.children:
            if part not in seen and part not in (ANY, "*"):
                yield part


class RuleBook:
    """All rules by the path that they yield. Raises ValueError if two yield the same path."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self.root = Node()
        for each in self.rules:
            for pattern in each.patterns:
                node = self.root
                for part in pattern:
                    node = node.children.setdefault(part, Node())
                if node.rule is not None:
                    raise ValueError(f"{render(pattern)} has two rules: {node.rule.name}, {each.name}")
                node.rule = each

    @classmethod
    def of_modules(cls, modules: Iterable[ModuleType]) -> RuleBook:
        """The rules that are attributes of modules, alone or in tuples, in order of definition."""
        return cls(
            each
            for module in modules
            for value in vars(module).values()
            for each in (value if isinstance(value, tuple) else (value,))
            if isinstance(each, Rule)
        )

    def node(self, parts: FieldPath) -> Node | None:
        """The node at a path; None if no rule yields it or anything below it."""
        node: Node | None = self.root
        for part in parts:
            if node is None:
                return None
            node = node.child(part)
        return node

    def place(self, parts: FieldPath) -> tuple[Node | None, int]:
        """The node at a path, or None, and the depth of the nearest rule above it, or 0."""
        node = self.root
        ruled = 0
        for depth, part in enumerate(parts, start=1):
            if node.rule is not None:
                ruled = depth - 1
            below = node.child(part)
            if below is None:
                return None, ruled
            node = below
        return node, ruled

    def ruled(self, parts: FieldPath) -> list[int]:
        """The depths along a path that have rules, the deepest first."""
        node = self.root
        found: list[int] = []
        for depth, part in enumerate(parts, start=1):
            below = node.child(part)
            if below is None:
                break
            node = below
            if node.rule is not None:
                found.append(depth)
        return found[::-1]
