"""Reads the documents of a YAML file and checks them against the types of kops.k8s.io.

Nothing is dropped and nothing repaired: a file is read whole, or every error in it is
reported at once, each with line and field path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kops_core.api import check, yaml_reader
from kops_core.api.conversion.refused import refused
from kops_core.api.path import FieldPath, get
from kops_core.api.schema import nearest, schema
from kops_core.api.values import Tree
from kops_core.api.yaml_reader import RawDocument
from kops_core.errors import FieldError, InvalidSpec

API_VERSION: Final = "kops.k8s.io/v1alpha2"
LEGACY_API_VERSION: Final = "kops/v1alpha2"
V1ALPHA3: Final = "kops.k8s.io/v1alpha3"
_CLUSTER_LABEL: Final = "kops.k8s.io/cluster"
_UNKNOWN: Final = "Unknown field"
_READ: Final = (API_VERSION, LEGACY_API_VERSION, V1ALPHA3)
_GROUPS: Final = ("kops.k8s.io", "kops")


@dataclass(frozen=True)
class Document:
    """One object of a file."""

    kind: str
    apiVersion: str
    """As in the file."""
    name: str
    tree: Tree
    """The object as v1alpha2, or as in the file if it is not of kOps' kinds."""
    source: str
    """Name of the file, "" if unknown."""
    first_line: int
    """1-based line of the file where the object begins."""
    unknown: tuple[FieldError, ...] = ()
    """Fields that no type has; only with ``keep_unknown``."""

    @property
    def is_ours(self) -> bool:
        """Whether it is an object of kOps; others are kept as they are."""
        return self.apiVersion.partition("/")[0] in _GROUPS


def read_documents(data: bytes | str, source: str = "", *, keep_unknown: bool = False) -> list[Document]:
    """The objects of a file, in order. Raises InvalidSpec with every error in it.

    Fields that no type has are errors; with ``keep_unknown`` they stay in the tree and
    are listed in ``Document.unknown``. (kOps ignores them, and loses them
    when it writes.)
    """
    found: list[Document] = []
    first: dict[tuple[str, ...], Document] = {}
    errors: list[tuple[int, FieldPath, FieldError]] = []
    for position, raw in enumerate(yaml_reader.read(data, source)):
        document, findings = _document(raw, source)
        errors.extend((position, at, error) for at, error in findings)
        if document is not None:
            twin = first.setdefault(_identity(document), document)
            if twin is not document and document.is_ours:
                errors.append((position, ("metadata", "name"), _duplicate(document, twin)))
            found.append(document)
    if not errors:
        return found
    located = _located(errors, data, source)
    if not keep_unknown or any(error.kind != _UNKNOWN for _, error in located):
        raise InvalidSpec([error for _, error in located])
    return [
        replace(document, unknown=tuple(error for at, error in located if at == position))
        for position, document in enumerate(found)
    ]


def _document(raw: RawDocument, source: str) -> tuple[Document | None, list[check.Finding]]:
    tree = raw.value
    if not isinstance(tree, dict):
        message = "a document must be a mapping with apiVersion, kind, metadata and spec"
        return None, [((), FieldError("Invalid value", "", message))]
    missing: list[check.Finding] = [
        ((key,), FieldError("Required value", key, f"say the object's {key}"))
        for key in ("apiVersion", "kind")
        if not isinstance(tree.get(key), str) or not tree[key]
    ]
    if missing:
        return None, missing
    api_version, kind = str(tree["apiVersion"]), str(tree["kind"])
    metadata = tree.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    document = Document(
        kind, api_version, name if isinstance(name, str) else "", tree, source, raw.first_line
    )
    if not document.is_ours:
        return document, []
    unsupported = _unsupported(api_version, kind)
    if unsupported is not None:
        return None, [((unsupported.path,), unsupported)]
    findings = _checked_v1alpha3(tree, kind) if api_version == V1ALPHA3 else check.check(tree, kind)
    if not document.name:
        message = f"the {kind} needs a name"
        findings.append((("metadata", "name"), FieldError("Required value", "metadata.name", message)))
    readable = all(error.kind == _UNKNOWN for _, error in findings)
    if readable and api_version == V1ALPHA3:
        document = _converted(document)
    elif readable and kind == "Cluster":
        findings.extend(refused(tree))
    return replace(document, tree={**document.tree, "apiVersion": API_VERSION}), findings


def _checked_v1alpha3(tree: Tree, kind: str) -> list[check.Finding]:
    from kops_core.api.conversion.trees import has_place
    from kops_core.api.conversion.v1alpha3 import v1alpha3_schema

    return [
        (at, error)
        if error.kind != _UNKNOWN or has_place(kind, at)
        else (
            at,
            replace(error, kind="Forbidden", message=f"no type has it, and {API_VERSION} no place for it"),
        )
        for at, error in check.check(tree, kind, known=v1alpha3_schema())
    ]


def _converted(document: Document) -> Document:
    from kops_core.api.conversion.v1alpha3 import from_v1alpha3

    return replace(document, tree=from_v1alpha3(document.tree))


def _unsupported(api_version: str, kind: str) -> FieldError | None:
    if api_version not in _READ:
        message = f"kOps has no API version {api_version!r}; write {API_VERSION}"
        return FieldError("Unsupported value", "apiVersion", message)
    if kind not in schema().kinds:
        hint = nearest(kind, schema().kinds)
        return FieldError("Unsupported value", "kind", f"kOps has no kind {kind!r}", suggestion=hint)
    return None


def _identity(document: Document) -> tuple[str, ...]:
    """The identity of a document; instance groups and keys are named within their cluster."""
    cluster = get(document.tree, ("metadata", "labels", _CLUSTER_LABEL))
    group = "" if document.is_ours else document.apiVersion
    return group, document.kind, document.name, str(cluster)


def _duplicate(document: Document, twin: Document) -> FieldError:
    message = f"there is a second {document.kind} {document.name!r}; the first is in line {twin.first_line}"
    return FieldError("Duplicate value", "metadata.name", message)


def _located(
    errors: list[tuple[int, FieldPath, FieldError]], data: bytes | str, source: str
) -> list[tuple[int, FieldError]]:
    """The errors with their lines, which are only looked up here, so that a valid file costs nothing."""
    documents = yaml_reader.read(data, source, lines=True)
    located = []
    for position, at, error in errors:
        document = documents[position]
        near = next((at[:end] for end in range(len(at), 0, -1) if at[:end] in document.lines), ())
        line = document.lines.get(near, document.first_line)
        located.append((position, replace(error, source=source, line=line)))
    return located
