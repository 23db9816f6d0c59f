"""Objects of a store as trees, and back: the one place of this room that knows YAML."""

from __future__ import annotations

import io

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from kops_core.api.values import Tree, Value
from kops_core.errors import FieldError, InvalidSpec


def decode(data: bytes, source: str) -> list[Tree]:
    """The documents in an object, empty ones left out. Raises InvalidSpec, naming ``source``."""
    try:
        documents: list[Value] = list(YAML(typ="safe").load_all(data.decode()))
    except (UnicodeDecodeError, YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise InvalidSpec([FieldError("Invalid value", "", str(error), source, line)]) from error
    trees: list[Tree] = []
    for document in documents:
        if document is None:
            continue
        if not isinstance(document, dict):
            raise InvalidSpec([FieldError("Invalid value", "", "the document is not a mapping", source)])
        trees.append(document)
    return trees


def encode(tree: Tree) -> bytes:
    """A document in kOps' own form: keys sorted, lists not indented."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 1 << 30
    buffer = io.BytesIO()
    yaml.dump(tree, buffer)
    return buffer.getvalue()
