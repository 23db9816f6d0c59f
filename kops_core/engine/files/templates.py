"""Renders templates of cluster specs with values, as ``kops toolbox template`` does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.api import yaml_reader
from kops_core.api.canonical import emit
from kops_core.engine import channels
from kops_core.errors import InvalidSpec, UsageError
from kops_core.templating.assignments import assign
from kops_core.templating.errors import TemplateError
from kops_core.templating.evaluation import Template
from kops_core.templating.functions import channel_functions, go_functions
from kops_core.templating.sprig import sprig_functions
from kops_core.templating.values import Data, shown

if TYPE_CHECKING:
    from kops_core.api.values import Tree
    from kops_core.engine.settings import Settings

_BETWEEN = "---\n"


@dataclass(frozen=True)
class TemplateRequest:
    """The options of ``toolbox template``. Paths are of files, or of folders with files."""

    templates: Sequence[str] = ()
    snippets: Sequence[str] = ()
    values: Sequence[str] = ()
    sets: Sequence[str] = ()
    """Values as ``--set`` gives them."""
    set_strings: Sequence[str] = ()
    fail_on_missing: bool = True
    format_yaml: bool = False
    """Whether the documents are written again as YAML, sorted; else they stay as they are."""


def values_of(request: TemplateRequest, cluster: str) -> dict[str, Data]:
    """I/O. The values for templates; ``clusterName`` is the cluster's unless they have one.

    Raises UsageError, InvalidSpec, TemplateError.
    """
    merged: dict[str, Data] = {}
    for file in _expand(request.values):
        found = next((each.value for each in yaml_reader.read(_read(file), str(file))), None)
        if found is not None and not isinstance(found, dict):
            raise UsageError("the values are no mapping", where=str(file))
        merged = _merged(merged, _as_json(found or {}))
    for text in request.sets:
        assign(text, merged, strings=False)
    for text in request.set_strings:
        assign(text, merged, strings=True)
    if not isinstance(merged.get("clusterName"), str):
        merged["clusterName"] = cluster
    return merged


def value_of(request: TemplateRequest, cluster: str, name: str) -> str:
    """I/O. One value as text; ``null`` if there is none. Raises UsageError, InvalidSpec, TemplateError."""
    found = values_of(request, cluster)
    return shown(found[name]) if name in found else "null"


def render_templates(request: TemplateRequest, settings: Settings) -> str:
    """I/O. The documents of all templates in one stream. Raises UsageError, InvalidSpec, TemplateError."""
    values = values_of(request, settings.cluster)
    snippets = {file.name: _read(file) for file in _expand(request.snippets)}
    environment = settings.environment
    functions = {
        **go_functions(),
        **sprig_functions(environment),
        **channel_functions(lambda: _channel(settings), settings.kops_version),
    }
    documents: list[str] = []
    for file in _expand(request.templates):
        template = Template(
            str(file),
            _read(file),
            snippets=snippets,
            functions=functions,
            fail_on_missing=request.fail_on_missing,
        )
        text = template.render(values)
        if text:
            parts = text.split(_BETWEEN)
            documents += _formatted(parts, str(file)) if request.format_yaml else parts
    return _BETWEEN.join(documents)


def _channel(settings: Settings) -> Tree:
    offline = settings.cloud_facts is not None or settings.sandbox
    return channels.load(settings.channel, settings.environment, offline=offline).document


def _formatted(parts: Sequence[str], where: str) -> Iterator[str]:
    for part in parts:
        try:
            found = [each.value for each in yaml_reader.read(part, where)]
        except InvalidSpec as invalid:
            raise TemplateError(
                f"the template yields no YAML: {invalid.errors[0].message}", where=where
            ) from invalid
        yield from (emit(each) for each in found if each)


def _expand(paths: Sequence[str]) -> Iterator[Path]:
    """The files, and those in the folders, in the order of their paths. Raises UsageError."""
    for each in paths:
        path = Path(each).expanduser()
        if path.is_dir():
            yield from sorted(found for found in path.rglob("*") if found.is_file())
        else:
            yield path


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError("the file can't be read", where=str(file), remedy=why or "") from error


def _as_json(value: Data) -> Data:
    """A value as kOps reads it: numbers are floats, as in JSON."""
    if isinstance(value, dict):
        return {str(key): _as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _merged(one: dict[str, Data], other: dict[str, Data]) -> dict[str, Data]:
    made = dict(one)
    for key, value in other.items():
        known = made.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            made[key] = _merged(known, value)
        else:
            made[key] = value
    return made
