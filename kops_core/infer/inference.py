"""The input and the result of inference: completed specs, and the origin of each value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from kops_core.api.path import FieldPath, differences, get, leaves, parse, unset_at
from kops_core.api.values import UNSET, Maybe, Tree, Value
from kops_core.errors import FactsNotRead
from kops_core.infer.reader import Reader
from kops_core.infer.rules import RuleBook
from kops_core.infer.sheet import BASE_VIEW, SHAPE_VIEW, USER_VIEW, VIEWS, Cell, Sheet, parts_of


class Source(Enum):
    """The kind of origin of a value."""

    USER = "user"
    INFERRED = "inferred"
    CLOUD = "cloud"
    """Inferred by a rule that read a cloud fact."""
    CHANNEL = "channel"
    """Inferred by a rule that read the channel."""


@dataclass(frozen=True)
class Read:
    """One value that a rule read."""

    path: FieldPath
    value: Maybe
    source: Source
    user_only: bool = False
    """The rule read the user's value only, not an inferred one."""


@dataclass(frozen=True)
class Origin:
    """The origin of a value: its rule, the reason, and what the rule read."""

    source: Source
    value: Maybe
    rule: str = ""
    """Name of the rule, e.g. ``kubelet.cgroup_driver``; "" for a user's value."""
    because: str = ""
    reads: tuple[Read, ...] = ()
    user_value: Maybe = UNSET
    """The user's value, if a rule changed its form or value."""


@dataclass(frozen=True)
class Inputs:
    """The input of inference. Trees are never changed."""

    cluster: Tree
    """The user's Cluster document in the form of kOps' types (``kops_core.api.canonical``)."""
    instance_groups: Mapping[str, Tree]
    """The user's InstanceGroup documents by name, in the user's order."""
    facts: Tree | None = field(default_factory=dict)
    """Cloud facts (``kops_core.infer.facts``); None before they were read; reading one then raises
    FactsNotRead.
    """
    channel: Tree = field(default_factory=dict)
    """The channel document."""
    settings: Tree = field(default_factory=dict)
    """``kopsVersion``, ``featureFlags``, ``baseURL`` and the like."""

    def known_facts(self) -> Tree:
        """The cloud facts. Raises FactsNotRead before they were read from the cloud."""
        if self.facts is None:
            raise FactsNotRead("facts")
        return self.facts

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
        self.sheet = sheet or Sheet(inputs.tree(), book)
        """The cells computed so far."""

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

    def value(self, path: FieldPath | str) -> Maybe:
        """The completed value at a path; instance groups are below ``instanceGroups.<name>``.

        UNSET below an item that its list does not have.
        """
        return _value(self.sheet, _parts(path))

    @property
    def source(self) -> Tree:
        """The input as one tree: the user's documents, facts, channel and settings."""
        return self.sheet.source

    def rule_at(self, path: FieldPath | str) -> str:
        """Name of the rule for a path, even if the user's value takes precedence; "" if there is none."""
        node = self._book.node(_parts(path))
        return node.rule.name if node is not None and node.rule is not None else ""

    def reader(self) -> Reader:
        """A new reader that records what is read, for validation and the model."""
        return Reader(self.sheet)

    def origin(self, path: FieldPath | str) -> Origin:
        """The origin of the value at a path.

        If a rule yields a whole structure, it is the origin of each value in it, and its reads are narrowed
        to that value if possible: ``spec.kubelet.maxPods`` instead of ``spec.kubelet``.
        """
        parts = _parts(path)
        value = self.sheet.value(parts)
        yours = get(self.sheet.source, parts)
        owner = self._owner(parts)
        if owner is None or (yours is not UNSET and yours == value):
            return Origin(Source.USER, value)
        depth, cell = owner
        assert cell.rule is not None  # noqa: S101 - an owner has one
        reads = tuple(self._nearest(read, parts[depth:]) for read in self._reads(cell))
        because = cell.reason or cell.rule.because
        return Origin(_source(reads), value, cell.rule.name, because, reads, yours)

    def origins(self) -> dict[FieldPath, Origin]:
        """The origin of every leaf of the completed cluster and instance groups."""
        roots: Tree = {}
        for key in ("metadata", "spec", "instanceGroups"):
            value = self.value((key,))
            if isinstance(value, dict):
                roots[key] = value
        return {path: self.origin(path) for path, _ in leaves(roots)}

    def would_be(self, path: FieldPath | str) -> Maybe:
        """The value that would be inferred at a path without the user's."""
        parts = _parts(path)
        source = unset_at(self.sheet.source, parts)
        # Removing an item of a list moves those after it.
        changed = parts[:-1] if isinstance(parts[-1], int) else parts
        return _value(self.sheet.invalidated(source, [changed]), parts)

    def after(self, inputs: Inputs) -> Inference:
        """The inference of changed inputs; computes again only what read something that changed."""
        source = inputs.tree()
        changed = differences(self.sheet.source, source)
        return Inference(inputs, self._book, sheet=self.sheet.invalidated(source, changed))

    def moved(self, before: Inference) -> dict[FieldPath, tuple[Maybe, Maybe]]:
        """The completed leaves that differ from those of another inference, with both values."""
        mine, theirs = self._leaves(), before._leaves()
        return {
            path: (theirs.get(path, UNSET), mine.get(path, UNSET))
            for path in {**theirs, **mine}
            if theirs.get(path, UNSET) != mine.get(path, UNSET)
        }

    def _leaves(self) -> dict[FieldPath, Value]:
        spec = self.value(("spec",))
        groups = self.value(("instanceGroups",))
        tree: Tree = {}
        if isinstance(spec, dict):
            tree["spec"] = spec
        if isinstance(groups, dict):
            tree["instanceGroups"] = groups
        return dict(leaves(tree))

    def _owner(self, parts: FieldPath) -> tuple[int, Cell] | None:
        """The nearest rule at or above a path that yielded its value, and its depth."""
        for depth in self._book.ruled(parts):
            cell = self.sheet.cell((BASE_VIEW, *parts[:depth]))
            if cell.rule is not None:
                return depth, cell
        return None

    def _reads(self, cell: Cell) -> tuple[Read, ...]:
        """The reads of a rule, without the structure that contains its own field."""
        return tuple(map(self._read_of, cell.asked))

    def _read_of(self, address: FieldPath) -> Read:
        path = address[1:] if address[0] in VIEWS else address
        value, yours = self.sheet.value(address), get(self.sheet.source, path)
        if address[0] == SHAPE_VIEW:
            yours = UNSET if yours is UNSET else parts_of(yours)
        source = Source.USER if address[0] == USER_VIEW else self._source_of(path, value, yours)
        return Read(path, value, source, address[0] == USER_VIEW)

    def _nearest(self, read: Read, below: FieldPath) -> Read:
        found = get(read.value, below) if below and isinstance(read.value, dict) else UNSET
        if found is UNSET:
            return read
        path = (*read.path, *below)
        source = read.source
        if source is Source.INFERRED:
            source = self._source_of(path, found, get(self.sheet.source, path))
        return Read(path, found, source, read.user_only)

    def _source_of(self, path: FieldPath, value: Maybe, yours: Maybe) -> Source:
        if path[0] == "facts":
            return Source.CLOUD
        if path[0] == "channel":
            return Source.CHANNEL
        if yours is UNSET:
            return Source.USER if value is UNSET and self._owner(path) is None else Source.INFERRED
        return Source.USER if yours == value else Source.INFERRED


def _value(sheet: Sheet, path: FieldPath) -> Maybe:
    """The value at a path that comes from outside; rules count on the items of lists that they are for."""
    for depth, part in enumerate(path):
        if isinstance(part, int) and not _has_part(sheet.value((SHAPE_VIEW, *path[:depth])), part):
            return UNSET
    return sheet.value(path)


def _has_part(shape: Maybe, part: int) -> bool:
    return isinstance(shape, list) and part in shape


def _head(document: Tree) -> Tree:
    return {key: document[key] for key in ("apiVersion", "kind") if key in document}


def _source(reads: tuple[Read, ...]) -> Source:
    kinds = {read.source for read in reads}
    if Source.CLOUD in kinds:
        return Source.CLOUD
    return Source.CHANNEL if Source.CHANNEL in kinds else Source.INFERRED


def _parts(path: FieldPath | str) -> FieldPath:
    return parse(path) if isinstance(path, str) else path
