"""Builds custom resource definitions from a field table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources

from kops_core.model.addons.crd.notation import Line, Scanner, read_lines
from kops_core.model.addons.crd.schema import Shapes, fill
from kops_core.model.addons.objects import Object, Words, fields, thing
from kops_core.model.documents import Document

HOME = "kops_core.model.addons"
_NAME = re.compile(r"[A-Z][A-Za-z0-9]*\Z", re.ASCII)
_SHAPE = re.compile(r"([A-Z][A-Za-z0-9]*):(?: |\Z)", re.ASCII)
_ROOT: Object = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
"""Fields of every object, which the API server itself checks."""


@cache
def read_table(name: str, package: str = HOME) -> Table:
    """The table of a file below a package of add-ons, e.g. ``calico/calico``; read once.

    Raises TableError with file and line if the table has an error.
    """
    file = resources.files(package).joinpath(f"{name}.crd")
    return Table(file.read_text(encoding="utf-8"), f"{name}.crd")


class Table:
    """A field table; its lines are checked when a definition is built."""

    def __init__(self, text: str, source: str) -> None:
        self.shapes = Shapes()
        self._kinds: dict[str, Line] = {}
        for line in read_lines(text, source):
            word, _, rest = line.text.partition(" ")
            if word == "use":
                self.shapes.include(read_table(line.leaf().partition(" ")[2]).shapes, line)
            elif word == "words":
                self._add_words(rest, line)
            elif word == "shape" and (found := _SHAPE.match(rest)):
                self.shapes.add(found[1], line)
            elif word == "kind" and _NAME.match(rest) and rest not in self._kinds:
                self._kinds[rest] = line
            else:
                raise line.error("expected use, words, shape or kind and a name of its own")

    def _add_words(self, text: str, line: Line) -> None:
        """Declares ``words NAME: A, B``, with the lines below it."""
        name, colon, first = text.partition(":")
        if not colon or not _NAME.match(name) or name in self.shapes.words:
            raise line.error("expected words NAME: and a name that is free")
        listed = " ".join([first.strip(), *(each.leaf() for each in line.children)]).strip()
        self.shapes.words[name] = Scanner(line, f"({listed})").names(self.shapes.words)

    @property
    def kinds(self) -> Sequence[str]:
        """The kinds that it defines, in its order."""
        return tuple(self._kinds)

    def definitions(self, labels: Words | None = None) -> list[Object]:
        """All its definitions."""
        return [self.definition(kind, labels) for kind in self._kinds]

    def definition(self, kind: str, labels: Words | None = None) -> Object:
        """The definition of a kind. Raises KeyError if the table has none."""
        line = self._kinds[kind]
        said, annotations, versions = self._parse_kind(line)
        plural = said.get("plural", [f"{kind.lower()}s"])[0]
        (group,) = said.get("group") or [""]
        if not group or not versions:
            raise line.error("a kind has a group and at least one version")
        names = fields(
            kind=kind,
            listKind=None if "unlisted" in said else f"{kind}List",
            plural=plural,
            singular=said.get("singular", [kind.lower()])[0],
            shortNames=said.get("short"),
            categories=said.get("categories"),
        )
        scope = "Cluster" if "cluster" in said else "Namespaced"
        return thing(
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            f"{plural}.{group}",
            None,
            labels=labels,
            annotations=annotations or None,
            spec={"group": group, "names": names, "scope": scope, "versions": versions},
        )

    def _parse_kind(self, line: Line) -> tuple[dict[str, list[str]], dict[str, str], list[Document]]:
        """The lines of a kind: words by the first one, annotations, versions."""
        said: dict[str, list[str]] = {}
        annotations: dict[str, str] = {}
        versions: list[Document] = []
        for each in line.children:
            word, _, rest = each.text.partition(" ")
            if word == "version":
                versions.append(self._version(each))
            elif word == "annotation":
                name, _, annotations[name] = each.leaf().partition(" ")[2].partition(" ")
            elif word in _NUMBER_OF_WORDS and word not in said:
                said[word] = each.words()[1:]
                fits = len(said[word]) == _NUMBER_OF_WORDS[word] or _NUMBER_OF_WORDS[word] < 0 < len(rest)
                if not fits:
                    raise each.error(f"another number of words was expected after {word}")
            else:
                raise each.error(f"a kind has no {word!r}, or not twice")
        return said, annotations, versions

    def _version(self, line: Line) -> Object:
        _, name, *flags = line.text.split()
        if unknown := set(flags) - {"unserved", "unstored", "deprecated"}:
            raise line.error(f"a version is not {', '.join(sorted(unknown))}")
        columns: list[Document] = []
        selectable: list[Document] = []
        subresources: dict[str, Document] = {}
        warning: str | None = None
        root: Object = {"type": "object", "properties": _ROOT}
        rest: list[Line] = []
        for each in line.children:
            word = each.text.partition(" ")[0]
            if word == "column":
                columns.append(_column(each))
            elif word == "selectable":
                selectable += [{"jsonPath": path} for path in each.words()[1:]]
            elif each.text == "status" and "status" not in subresources:
                each.leaf()
                subresources["status"] = {}
            elif word == "scale" and "scale" not in subresources:
                subresources["scale"] = _scale(each)
            elif word == "warning" and "deprecated" in flags:
                warning = each.leaf().partition(" ")[2]
            elif each.text == "needs metadata" and "required" not in root:
                root["required"] = ["metadata"]
            elif each.text == "open":
                root["x-kubernetes-preserve-unknown-fields"] = True
            else:
                rest.append(each)
        fill(root, rest, self.shapes)
        return fields(
            name=name,
            served="unserved" not in flags,
            storage="unstored" not in flags,
            deprecated=True if "deprecated" in flags else None,
            deprecationWarning=warning,
            additionalPrinterColumns=columns or None,
            schema={"openAPIV3Schema": root},
            selectableFields=selectable or None,
            subresources=subresources or None,
        )


_NUMBER_OF_WORDS = {
    "group": 1,
    "plural": 1,
    "singular": 1,
    "short": -1,
    "categories": -1,
    "cluster": 0,
    "unlisted": 0,
}
"""The number of words that follow; -1 for at least one."""


def _column(line: Line) -> Object:
    """``column NAME TYPE PATH [PRIORITY]``; a path may have blanks in it."""
    try:
        _, name, kind, rest = line.leaf().split(" ", 3)
    except ValueError as error:
        raise line.error("expected column NAME TYPE PATH") from error
    path, _, priority = rest.rpartition(" ")
    if not priority.isdecimal():
        path, priority = rest, ""
    return fields(name=name, type=kind, jsonPath=path, priority=int(priority) if priority else None)


def _scale(line: Line) -> Object:
    """``scale SPEC STATUS``: the paths of the desired and of the actual number of replicas."""
    words = line.words()
    if len(words) != 3:
        raise line.error("expected scale SPEC STATUS")
    return {"specReplicasPath": words[1], "statusReplicasPath": words[2]}
