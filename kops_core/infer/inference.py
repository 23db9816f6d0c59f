"""The result of inference: the completed specs, and for every value where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kops_core.api.path import Part, Parts, drop, get, leaves, parse
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook
from kops_core.infer.sheet import BASE, VIEWS, YOURS, Cell, Sheet


class Source(Enum):
    """Where a value came from."""

    USER = "user"
    INFERRED = "inferred"
    CLOUD = "cloud"
    """Inferred by a rule that read a cloud fact."""
    CHANNEL = "channel"
    """Inferred by a rule that read the channel."""


@dataclass(frozen=True)
class Read:
    """One thing that a rule looked at."""

    path: Parts
    value: Maybe
    source: Source
    yours_only: bool = False
    """The rule looked at what the user wrote, past what would be inferred."""


@dataclass(frozen=True)
class Origin:
    """Why one value is what it is."""

    source: Source
    value: Maybe
    rule: str = ""
    """Name of the rule, e.g. ``kubelet.cgroup_driver``; "" for a user's value."""
    because: str = ""
    reads: tuple[Read, ...] = ()
    yours: Maybe = UNSET
    """What the user wrote, where a rule changed its form or value."""


@dataclass(frozen=True)
class Inputs:
    """All that inference may look at. Trees are never changed."""

    cluster: Tree
    """The user's Cluster document, normalised (``kops_core.api``)."""
    instance_groups: Mapping[str, Tree]
    """The user's InstanceGroup documents by name, in the user's order."""
    facts: Tree = field(default_factory=dict)
    """Cloud facts (``kops_core.infer.facts``)."""
    channel: Tree = field(default_factory=dict)
    """The channel document."""
    settings: Tree = field(default_factory=dict)
    """``kopsVersion``, ``featureFlags``, ``baseURL`` and the like."""

    def tree(self) -> Tree:
        """The roots of the sheet."""
        return {
            **{
                key: value
                for key, value in self.cluster.items()
                if key not in ("apiVersion", "kind", "status")
            },
            "instanceGroups": {
                name: {key: value for key, value in group.items() if key not in ("apiVersion", "kind")}
                for name, group in self.instance_groups.items()
            },
            "facts": self.facts,
            "channel": self.channel,
            "settings": self.settings,
        }


class Inference:
    """Completed specs, computed on demand. Not shared between threads."""

    def __init__(self, inputs: Inputs, book: RuleBook, *, sheet: Sheet | None = None) -> None:
        self.inputs = inputs
        self._book = book
        self._sheet = sheet or Sheet(inputs.tree(), book)

    @property
    def cluster(self) -> Tree:
        """The completed Cluster document."""
        done = _head(self.inputs.cluster)
        for key in ("metadata", "spec"):
            value = self.value((key,))
            if value is not UNSET:
                done[key] = value
        return done

    @property
    def instance_groups(self) -> dict[str, Tree]:
        """The completed InstanceGroup documents by name."""
        done: dict[str, Tree] = {}
        for name, written in self.inputs.instance_groups.items():
            whole = self.value(("instanceGroups", name))
            done[name] = {**_head(written), **(whole if isinstance(whole, dict) else {})}
        return done

    def value(self, path: Parts | str) -> Maybe:
        """The completed value at a path; instance groups lie below ``instanceGroups.<name>``."""
        return self._sheet.value(_parts(path))

    @property
    def source(self) -> Tree:
        """What was put in: the user's documents, facts, channel and settings, as one tree."""
        return self._sheet.source

    def rule_at(self, path: Parts | str) -> str:
        """Name of the rule that yields a path, even where the user's value stands before it; "" if none."""
        node = self._book.node(_parts(path))
        return node.rule.name if node is not None and node.rule is not None else ""

    def reader(self) -> Reader:
        """A fresh view that records what is read, for validation and the model."""
        return Reader(self._sheet)

    def origin(self, path: Parts | str) -> Origin:
        """Where the value at a path came from, and what was read for it."""
        parts = _parts(path)
        cell = self._sheet.cell(parts)
        owner = cell if cell.rule is not None else self._ruled_above(parts)
        yours = get(self._sheet.source, parts)
        if owner is None or (cell.rule is None and yours is not UNSET):
            return Origin(Source.USER, cell.value, reads=self._reads(cell))
        assert owner.rule is not None  # noqa: S101 - chosen above for having one
        reads = self._reads(owner)
        return Origin(_source(reads), cell.value, owner.rule.name, owner.rule.because, reads, yours)

    def origins(self) -> dict[Parts, Origin]:
        """The origin of every leaf of the completed cluster and instance groups."""
        roots: Tree = {}
        for key in ("metadata", "spec", "instanceGroups"):
            value = self.value((key,))
            if isinstance(value, dict):
                roots[key] = value
        return {path: self.origin(path) for path, _ in leaves(roots)}

    def would_be(self, path: Parts | str) -> Maybe:
        """What would be inferred at a path if the user's value there were removed."""
        parts = _parts(path)
        source = drop(self._sheet.source, parts)
        return self._sheet.without_stale(source, [parts]).value(parts)

    def after(self, inputs: Inputs) -> Inference:
        """The inference of changed inputs; computes again only what read something that changed."""
        source = inputs.tree()
        changed = _differences(self._sheet.source, source)
        return Inference(inputs, self._book, sheet=self._sheet.without_stale(source, changed))

    def moved(self, before: Inference) -> dict[Parts, tuple[Maybe, Maybe]]:
        """The completed leaves that differ from those of another inference: before and after."""
        mine, theirs = self._leaves(), before._leaves()
        return {
            path: (theirs.get(path, UNSET), mine.get(path, UNSET))
            for path in {**theirs, **mine}
            if theirs.get(path, UNSET) != mine.get(path, UNSET)
        }

    def _leaves(self) -> dict[Parts, Value]:
        spec = self.value(("spec",))
        groups = self.value(("instanceGroups",))
        tree: Tree = {}
        if isinstance(spec, dict):
            tree["spec"] = spec
        if isinstance(groups, dict):
            tree["instanceGroups"] = groups
        return dict(leaves(tree))

    def _ruled_above(self, parts: Parts) -> Cell | None:
        for depth in range(len(parts) - 1, 0, -1):
            cell = self._sheet.cell(parts[:depth])
            if cell.rule is not None:
                return cell
        return None

    def _reads(self, cell: Cell) -> tuple[Read, ...]:
        found: list[Read] = []
        for address in cell.reads:
            head = address[0]
            if head == BASE and cell.rule is None:
                continue
            plain = address[1:] if head in VIEWS else address
            source = self._source_of(plain)
            found.append(Read(plain, self._sheet.value(address), source, head == YOURS))
        return tuple(found)

    def _source_of(self, address: Parts) -> Source:
        if address[0] == "facts":
            return Source.CLOUD
        if address[0] == "channel":
            return Source.CHANNEL
        return Source.INFERRED if self._sheet.cell(address).rule is not None else Source.USER


def _head(document: Tree) -> Tree:
    return {key: document[key] for key in ("apiVersion", "kind") if key in document}


def _source(reads: tuple[Read, ...]) -> Source:
    kinds = {read.source for read in reads}
    if Source.CLOUD in kinds:
        return Source.CLOUD
    return Source.CHANNEL if Source.CHANNEL in kinds else Source.INFERRED


def _parts(path: Parts | str) -> Parts:
    return parse(path) if isinstance(path, str) else path


def _differences(one: Value, other: Value, prefix: Parts = ()) -> list[Parts]:
    """The paths at which two trees differ, as deep as they can be told apart."""
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        keys: dict[Part, None] = dict.fromkeys([*one, *other])
        return [
            path
            for key in keys
            for path in (
                _differences(one[str(key)], other[str(key)], (*prefix, key))
                if key in one and key in other
                else [(*prefix, key)]
            )
        ]
    return [prefix]
