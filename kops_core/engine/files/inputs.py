"""Builds the input of inference from files and settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from kops_core.api.documents import Document, read_documents
from kops_core.api.json_text import read_json
from kops_core.api.path import get
from kops_core.api.values import Tree
from kops_core.engine import channels
from kops_core.engine.settings import Settings
from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.infer.complete import infer, prepare
from kops_core.infer.inference import Inference, Inputs
from kops_core.store.backend import Backend
from kops_core.validate.supported import CLOUDS

Warn = Callable[[str], None]
"""A callback for warnings to the operator, a sentence each."""
STDIN = "stdin"
"""The file name of piped input, whose origin is unknown."""


def inference_of(files: Mapping[str, bytes], settings: Settings, warn: Warn) -> Inference:
    """The inference of documents by file name, with the facts in ``settings.cloud_facts``.

    Raises InvalidSpec, UsageError; MissingFact only when a value is read that needs one.
    """
    return infer(inputs_of(documents_of(files), settings, warn))


def inputs_of(documents: Sequence[Document], settings: Settings, warn: Warn) -> Inputs:
    """The input of inference for documents; no cloud is called. Raises UsageError."""
    cluster = next((document for document in documents if document.kind == "Cluster"), None)
    tree, sources = (cluster.tree, [cluster.source]) if cluster else ({}, [])
    channel = channel_of(tree, settings, offline=True, local=is_local(sources))
    if channel.warning:
        warn(channel.warning)
    return prepare(
        [document.tree for document in documents],
        facts=facts_of(settings),
        channel=channel.document,
        settings=settings_tree(settings),
    )


def documents_of(files: Mapping[str, bytes]) -> list[Document]:
    """The objects of several files. Raises InvalidSpec with the errors of all of them."""
    found: list[Document] = []
    errors: list[FieldError] = []
    for name, data in files.items():
        try:
            found.extend(read_documents(data, name))
        except InvalidSpec as invalid:
            errors.extend(invalid.errors)
    if errors:
        raise InvalidSpec(errors)
    return found


def read_files(names: Sequence[str], stdin: bytes = b"") -> dict[str, bytes]:
    """The files by name; ``-`` is stdin, a folder all its YAML and JSON files, also in folders below it.

    Raises UsageError for one that can't be read, and for a folder without any.
    """
    found: dict[str, bytes] = {}
    for name in names:
        try:
            if name == "-":
                found[STDIN] = stdin
            elif Path(name).is_dir():
                found |= {str(file): file.read_bytes() for file in _files_below(Path(name))}
            else:
                found[name] = Path(name).read_bytes()
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise UsageError("the file can't be read", where=name, remedy=why or "") from error
    return found


def _files_below(folder: Path) -> list[Path]:
    """The specs in a folder, by name; what is hidden, such as .git, is left out."""
    found = sorted(
        each
        for each in folder.rglob("*")
        if each.suffix in {".yaml", ".yml", ".json"}
        and each.is_file()
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
    )
    if not found:
        raise UsageError("the folder has no YAML or JSON files", where=str(folder))
    return found


def facts_of(settings: Settings) -> Tree:
    """The facts of the file that the settings name; empty without one. Raises UsageError."""
    if settings.cloud_facts is None:
        return {}
    file = settings.cloud_facts
    try:
        facts = read_json(file.read_bytes())
    except OSError as error:
        raise UsageError("the facts can't be read", where=str(file), remedy=error.strerror or "") from error
    except ValueError as error:
        raise UsageError(f"the facts are not JSON: {error}", where=str(file)) from error
    if not isinstance(facts, dict):
        raise UsageError("the facts are not a JSON object", where=str(file))
    return facts


def is_local(sources: Iterable[str]) -> bool:
    """Whether documents come from files of this machine."""
    return STDIN not in sources


def channel_of(
    cluster: Tree, settings: Settings, *, offline: bool, store: Backend | None = None, local: bool = False
) -> channels.Channel:
    """The channel of the settings, else of the cluster's spec.

    store: that of the cluster; local: its spec came from a file. Raises UsageError for a channel of the
    settings that can't be read.
    """
    offline = offline or settings.sandbox
    if settings.channel:
        return channels.load(settings.channel, settings.environment, offline=offline)
    named = get(cluster, ("spec", "channel"))
    name = named if isinstance(named, str) else ""
    return channels.load_of_spec(name, settings.environment, offline=offline, store=store, local=local)


def settings_tree(settings: Settings) -> Tree:
    """The settings for rules, as a tree."""
    tree: Tree = {
        "kopsVersion": settings.kops_version,
        "featureFlags": list(settings.feature_flags),
        # kOps only checks whether they are set, to any value.
        "runTooNewVersion": bool(settings.environment.get("KOPS_RUN_TOO_NEW_VERSION")),
        "runObsoleteVersion": bool(settings.environment.get("KOPS_RUN_OBSOLETE_VERSION")),
    }
    if settings.clouds != CLOUDS:
        tree["clouds"] = list(settings.clouds)
    if settings.base_url:
        tree["baseURL"] = settings.base_url
    if settings.stores:
        tree["stateStore"] = settings.stores[0]
    return tree
