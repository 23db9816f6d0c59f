"""Parses Go's template syntax into a tree.

{{ .a.b | indent 2 }}   {{- trim -}}   {{/* comment */}}   {{ $x := 1 }}   {{ (f .a).b }}
{{ if }} {{ else if }} {{ else }} {{ end }}   {{ range $i, $e := .list }}   {{ with }}
{{ define "name" }}   {{ template "name" . }}   {{ block "name" . }}   {{ break }} {{ continue }}
"""

from __future__ import annotations

from typing import Final

from kops_core.templating.errors import TemplateError
from kops_core.templating.tokens import Action, number_of, split_actions, unescaped, unquoted
from kops_core.templating.tree import (
    Call,
    Expression,
    Fields,
    If,
    Include,
    Leave,
    Literal,
    Node,
    Output,
    Parsed,
    Pipe,
    Range,
    Text,
    Variable,
)


def parse(text: str) -> Parsed:
    """Parses a template. Raises TemplateError, with ``line N`` as its place."""
    parser = _Parser(list(split_actions(text)))
    body, end = parser.nodes(())
    assert end is None  # noqa: S101 - without words to end at, only the end of the text ends it
    return Parsed(body, parser.defined)


class _Parser:
    def __init__(self, pieces: list[Text | Action]) -> None:
        self._pieces = pieces
        self._at = 0
        self.defined: dict[str, tuple[Node, ...]] = {}

    def nodes(self, ends: tuple[str, ...], opened: int = 0) -> tuple[tuple[Node, ...], _Line | None]:
        """The nodes up to an action that begins with one of the words, and that action."""
        found: list[Node] = []
        while self._at < len(self._pieces):
            piece = self._pieces[self._at]
            self._at += 1
            if isinstance(piece, Text):
                found.append(piece)
                continue
            action = _Line(piece)
            word = action.keyword()
            if word in ends:
                return tuple(found), action
            if word in ("end", "else"):
                raise action.error(f"there is nothing for this {word} to end")
            node = self._node(word, action)
            if node is not None:
                found.append(node)
        if ends:
            raise TemplateError("it has no {{ end }}", where=f"line {opened}", remedy="add one")
        return tuple(found), None

    def _node(self, word: str, action: _Line) -> Node | None:
        match word:
            case "if" | "with":
                return self._branch(action, moves_dot=word == "with")
            case "range":
                over = action.output()
                body, otherwise = self._bodies(action.line)
                return Range(action.line, over, body, otherwise)
            case "define" | "block":
                name = action.name()
                dot = action.pipe() if word == "block" else None
                action.expect_end()
                body, end = self.nodes(("end",), action.line)
                if end is not None:
                    end.expect_end()
                self.defined[name] = body
                return Include(action.line, name, dot) if word == "block" else None
            case "template":
                name = action.name()
                dot = None if action.ended else action.pipe()
                action.expect_end()
                return Include(action.line, name, dot)
            case "break" | "continue":
                action.expect_end()
                return Leave(action.line, word)
            case _:
                return action.output()

    def _branch(self, action: _Line, *, moves_dot: bool) -> If:
        test = action.output()
        then, end = self.nodes(("else", "end"), action.line)
        otherwise: tuple[Node, ...] = ()
        if end is not None and end.word == "else":
            again = end.keyword()
            if again in ("if", "with"):
                otherwise = (self._branch(end, moves_dot=again == "with"),)
            else:
                end.expect_end()
                otherwise, last = self.nodes(("end",), action.line)
                if last is not None:
                    last.expect_end()
        elif end is not None:
            end.expect_end()
        return If(action.line, test, then, otherwise, moves_dot)

    def _bodies(self, line: int) -> tuple[tuple[Node, ...], tuple[Node, ...]]:
        body, end = self.nodes(("else", "end"), line)
        otherwise: tuple[Node, ...] = ()
        if end is not None:
            end.expect_end()
            if end.word == "else":
                otherwise, _ = self.nodes(("end",), line)
        return body, otherwise


_KEYWORDS: Final = frozenset(
    {"if", "with", "range", "define", "block", "template", "else", "end", "break", "continue"}
)


class _Line:
    """The tokens of one action."""

    def __init__(self, action: Action) -> None:
        self.line = action.line
        self.word = ""
        """The last keyword that was read."""
        self._tokens = list(action.tokens)
        self._skip()

    def error(self, what: str) -> TemplateError:
        return TemplateError(what, where=f"line {self.line}", remedy="see Go's text/template for the syntax")

    def keyword(self) -> str:
        """Reads a keyword; "" if there is none."""
        if self._tokens and self._tokens[0].kind == "word" and self._tokens[0].text in _KEYWORDS:
            self.word = self._tokens.pop(0).text
            self._skip()
            return self.word
        return ""

    def name(self) -> str:
        """Reads the name of a template."""
        if not self._tokens or self._tokens[0].kind not in ("string", "raw"):
            raise self.error("a template has a name in quotes")
        found = unquoted(self._tokens.pop(0))
        self._skip()
        return found

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return not self._tokens

    def expect_end(self) -> None:
        """Raises TemplateError if something is left."""
        if self._tokens:
            raise self.error(f"{self._tokens[0].text!r} is too much here")

    def output(self) -> Output:
        """Reads a pipeline, with the variables that it sets."""
        names: list[str] = []
        rest = list(self._tokens)
        while self._tokens and self._tokens[0].kind == "variable":
            names.append(self._tokens.pop(0).text[1:])
            self._skip()
            if self._tokens and self._tokens[0].text == ",":
                self._tokens.pop(0)
                self._skip()
                continue
            break
        if names and self._tokens and self._tokens[0].kind == "assign":
            declares = self._tokens.pop(0).text == ":="
            self._skip()
        else:
            names, declares, self._tokens = [], False, rest
        value = self.pipe()
        self.expect_end()
        return Output(self.line, value, tuple(names), declares)

    def pipe(self) -> Pipe:
        """Reads a pipeline."""
        commands = [self._command()]
        while self._tokens and self._tokens[0].text == "|":
            self._tokens.pop(0)
            self._skip()
            commands.append(self._command())
        return Pipe(tuple(commands))

    def _command(self) -> Expression:
        if not self._tokens:
            raise self.error("a value is missing")
        if self._tokens[0].kind == "word" and self._tokens[0].text not in ("true", "false", "nil"):
            name = self._tokens.pop(0).text
            self._skip()
            arguments: list[Expression] = []
            while (
                self._tokens
                and self._tokens[0].text not in ("|", ")", ",")
                and self._tokens[0].kind != "assign"
            ):
                arguments.append(self._operand())
            return Call(name, tuple(arguments))
        return self._operand()

    def _operand(self) -> Expression:
        token = self._tokens.pop(0)
        found: Expression
        match token.kind:
            case "string" | "raw":
                found = Literal(unquoted(token))
            case "char":
                found = Literal(ord(unescaped(token.text[1:-1])))
            case "number":
                found = Literal(number_of(token.text))
            case "variable":
                return self._with_skip(Variable(token.text[1:], self._fields()))
            case "field":
                return self._with_skip(Fields((token.text[1:], *self._fields())))
            case "word" if token.text in ("true", "false", "nil"):
                found = Literal({"true": True, "false": False, "nil": None}[token.text])
            case "word":  # a function without arguments
                found = Call(token.text)
            case "mark" if token.text == ".":
                found = Fields(())
            case "mark" if token.text == "(":
                self._skip()
                inner = self.pipe()
                if not self._tokens or self._tokens.pop(0).text != ")":
                    raise self.error("a ( has no )")
                names = self._fields()
                found = Fields(names, inner) if names else inner
            case _:
                raise self.error(f"{token.text!r} is no value")
        return self._with_skip(found)

    def _fields(self) -> tuple[str, ...]:
        names: list[str] = []
        while self._tokens and self._tokens[0].kind == "field":
            names.append(self._tokens.pop(0).text[1:])
        return tuple(names)

    def _with_skip(self, found: Expression) -> Expression:
        self._skip()
        return found

    def _skip(self) -> None:
        while self._tokens and self._tokens[0].kind == "blank":
            self._tokens.pop(0)
