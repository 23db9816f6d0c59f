"""The tree of a parsed template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Literal:
    """A constant; None is ``nil``."""

    value: str | int | float | bool | None


@dataclass(frozen=True)
class Fields:
    """``.a.b``: fields of the dot, or of what ``of`` yields."""

    names: tuple[str, ...]
    of: Expression | None = None


@dataclass(frozen=True)
class Variable:
    """``$x.a``; the name has no dollar: that of ``$`` is ""."""

    name: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Pipe:
    """Commands, each of which gets the value of the one before as its last argument."""

    commands: tuple[Expression, ...]


Expression: TypeAlias = "Literal | Fields | Variable | Call | Pipe"


@dataclass(frozen=True)
class Text:
    """Text between actions."""

    text: str


@dataclass(frozen=True)
class Output:
    """``{{ pipeline }}``, printed unless it sets variables."""

    line: int
    value: Expression
    sets: tuple[str, ...] = ()
    declares: bool = False


@dataclass(frozen=True)
class If:
    """``if`` or ``with``: the latter moves the dot."""

    line: int
    test: Output
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]
    moves_dot: bool = False


@dataclass(frozen=True)
class Range:
    """``range``."""

    line: int
    over: Output
    body: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True)
class Include:
    """``{{ template "name" pipeline }}``."""

    line: int
    name: str
    dot: Expression | None


@dataclass(frozen=True)
class Leave:
    """``break`` or ``continue``."""

    line: int
    word: str


Node: TypeAlias = "Text | Output | If | Range | Include | Leave"


@dataclass(frozen=True)
class Parsed:
    """A template and those that it defines, by name."""

    body: tuple[Node, ...]
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)
