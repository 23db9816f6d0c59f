"""Adopts texts in account and store that are equivalent to the desired ones.

kOps compares texts, and we write the same texts if possible. For others (custom resource definitions, whose
descriptions we omit, and the boot script) a cluster that kOps applied must not look changed: an equivalent
text is kept, and hashes over it are those of the kept one. An existing boot script can also get a new
configuration.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from kops_core.api import yaml_reader
from kops_core.api.canonical import emit
from kops_core.api.values import Tree, Value
from kops_core.errors import InvalidSpec
from kops_core.model.addons.crd.facts import same_definition
from kops_core.model.build import DesiredState
from kops_core.model.resource import Resource
from kops_core.model.store_resources import AddonManifest, BootstrapChannel, ManagedFile
from kops_core.model.template import Content, Derived, Digest, Key, Ref, Template
from kops_core.plan.changes import Action, Plan
from kops_core.plan.snapshot import Snapshot
from kops_core.plan.user_data import adopt_configuration, same_user_data, without_nulls

_HASH = re.compile(r"^( *manifestHash: )\"?(\w+)\"?$", re.MULTILINE)
_DEFINITION = "CustomResourceDefinition"
_SCRIPT = "userData"
"""Field of user data in objects such as Karpenter's node classes."""
KNOWN_EQUIVALENT = {
    # Cilium's agent in ENI mode: removes rules that another network plugin left on the node.
    "bfb6cc450a119057622e2ed886f5900a53d445d58169d00ff8a2988bdf30b799": (
        "6dbf68cc0062aa8bc2033687620876e3c57d6708413363f1015bcf75dc1aa17a"
    ),
    # Metrics of NVIDIA's exporter, each with a help text.
    "40768778da0647d92fcfa660075b1812375f340e69eccb5428ad8f4eed232ea9": (
        "658ba5c299c6196cca49a43d1765e3d95ebc6cdddad20f5ca5961a8b72e5f263"
    ),
}
"""Equivalent texts of kOps and ours inside objects, by SHA-256. Neither may change unnoticed."""


def plan_with_equivalents(
    desired: DesiredState, snapshot: Snapshot, make: Callable[[DesiredState], Plan]
) -> tuple[Plan, DesiredState]:
    """The plan, and the desired state with equivalent texts adopted, to be applied with it."""
    replaced: frozenset[Key] = frozenset()
    while True:
        state = adopt_equivalent(desired, snapshot, replaced)
        plan = make(state)
        found = {change.key for change in plan.changes if change.action is Action.REPLACE}
        if found <= replaced:
            return plan, state
        # Texts that refer to these will change, so they can't be kept.
        replaced |= found


def adopt_equivalent(
    desired: DesiredState, snapshot: Snapshot, replaced: frozenset[Key] = frozenset()
) -> DesiredState:
    """The desired state with equivalent texts of the account adopted.

    replaced: resources that will be replaced, so that references to them are unknown.
    """

    def lookup(ref: Ref) -> str | None:
        return None if ref.key in replaced else snapshot.lookup(ref)

    checked = set(_checked_texts(desired))
    kept: dict[Key, Resource] = {}
    hashes: dict[str, str] = {}
    for resource in desired.resources:
        found = snapshot.resources.get(resource.key)
        there = found.resource if found is not None else None
        scripts = _scripts(resource, there, lookup) if there is not None else {}
        if scripts:
            kept[resource.key] = replace(resource, **scripts)  # type: ignore[arg-type]  # its own fields
        elif (
            isinstance(resource, ManagedFile)
            and isinstance(there, ManagedFile)
            and not isinstance(resource, BootstrapChannel)
            and resource.contents not in checked
        ):
            text = _kept(resource.contents, there.contents, lookup)
            if text is not None:
                kept[resource.key] = replace(resource, contents=text)
                if isinstance(resource, AddonManifest):
                    hashes[_sha256(_known(resource.contents, lookup) or "")] = _sha256(text)
    for resource in desired.resources:
        if isinstance(resource, BootstrapChannel):
            kept[resource.key] = _with_hashes(resource, snapshot, lookup, hashes)
    return replace(desired, resources=tuple(kept.get(each.key, each) for each in desired.resources))


def _scripts(wanted: Resource, there: Resource, lookup: Callable[[Ref], str | None]) -> dict[str, Content]:
    """The boot scripts in a resource's fields, with equivalent ones adopted."""
    found: dict[str, Content] = {}
    for name, info, value in wanted.attributes():
        text = getattr(there, name)
        if info.form == "script" and value is not None and isinstance(text, str):
            script = _adopt_configuration(value, text, lookup)
            if script is not None:
                found[name] = script
    return found


def _adopt_configuration(wanted: Content, there: str, lookup: Callable[[Ref], str | None]) -> Content:
    """User data in the words of the script that is there, if it asks for the same or another configuration.

    Unknown parts, such as a hash over a new certificate, stay unknown. None if the desired text is used.
    """
    text = wanted if isinstance(wanted, Template) else Template.of(wanted or "")
    known = text.resolve_known(lookup)
    later = [part for part in known.parts if not isinstance(part, str)]
    marks = {f"{_MARK}{number}{_MARK}": part for number, part in enumerate(later)}
    names = iter(marks)
    whole = "".join(part if isinstance(part, str) else next(names) for part in known.parts)
    found = adopt_configuration(whole, there)
    if found is None or found == whole or not all(mark in found for mark in marks):
        return None
    if not marks:
        return found
    pieces = re.split(f"({_MARK}[0-9]+{_MARK})", found)
    return Template.of(*(marks.get(piece, piece) for piece in pieces if piece))


_MARK = "\ue000"
"""Private-use character that encloses the number of an unknown part; scripts do not contain it."""


def _checked_texts(desired: DesiredState) -> Iterator[Content]:
    """Texts that are verified by a hash, as by machines that read them, and so must not differ by a byte."""
    for resource in desired.resources:
        if not isinstance(resource, BootstrapChannel):
            for _, _, value in resource.attributes():
                if isinstance(value, Template):
                    yield from _digested(value)


def _digested(text: Template) -> Iterator[Template]:
    for part in text.parts:
        if isinstance(part, Digest):
            yield part.of
        if isinstance(part, Derived):
            yield from _digested(part.of)


def _kept(wanted: Content, there: Content, lookup: Callable[[Ref], str | None]) -> str | None:
    """The live text, if it differs and is equivalent."""
    text = _known(wanted, lookup)
    if text is None or not isinstance(there, str) or text == there or not _same_file(text, there):
        return None
    return there


def _known(content: Content, lookup: Callable[[Ref], str | None]) -> str | None:
    return content.resolve(lookup) if isinstance(content, Template) else content


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _with_hashes(
    channel: BootstrapChannel,
    snapshot: Snapshot,
    lookup: Callable[[Ref], str | None],
    hashes: Mapping[str, str],
) -> BootstrapChannel:
    """The channel with the hashes of the adopted manifests."""
    wanted = _known(channel.contents, lookup)
    if wanted is None:
        return channel
    text = _HASH.sub(lambda line: f"{line[1]}{_scalar(hashes.get(line[2], line[2]))}", wanted)
    found = snapshot.resources.get(channel.key)
    there = found.resource if found is not None else None
    if isinstance(there, BootstrapChannel) and isinstance(there.contents, str):
        text = there.contents if semantically_equal(text, there.contents) else text
    return channel if text == wanted else replace(channel, contents=text)


def _same_file(wanted: str, there: str) -> bool:
    return semantically_equal(wanted, there) or same_user_data(wanted, there)


def _scalar(text: str) -> str:
    return emit(text).removesuffix("\n")


def semantically_equal(wanted: str, there: str) -> bool:
    """Whether two texts have equivalent documents: null is unset, definitions are compared by facts."""
    one, other = _documents(wanted), _documents(there)
    if one is None or other is None or len(one) != len(other):
        return False
    return all(_same(wanted_one, there_one) for wanted_one, there_one in zip(one, other, strict=True))


def _documents(text: str) -> list[Value] | None:
    """The documents of YAML or JSON that is structured; None for other text."""
    try:
        found = [without_nulls(each.value) for each in yaml_reader.read(text)]
    except InvalidSpec:
        return None
    return found if all(isinstance(each, dict | list) for each in found) else None


def _same(wanted: Value, there: Value) -> bool:
    if isinstance(wanted, dict) and isinstance(there, dict):
        if wanted.get("kind") == there.get("kind") == _DEFINITION:
            return _same_definition(wanted, there)
        return wanted.keys() == there.keys() and all(
            _same(item, there[name]) or (name == _SCRIPT and _same_user_data(item, there[name]))
            for name, item in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(there, list):
        return len(wanted) == len(there) and all(
            _same(item, other) for item, other in zip(wanted, there, strict=True)
        )
    return type(wanted) is type(there) and (wanted == there or _alike(wanted, there))


def _alike(wanted: Value, there: Value) -> bool:
    if not isinstance(wanted, str) or not isinstance(there, str) or "\n" not in there:
        return False
    return KNOWN_EQUIVALENT.get(_sha256(there)) == _sha256(wanted)


def _same_user_data(wanted: Value, there: Value) -> bool:
    return isinstance(wanted, str) and isinstance(there, str) and same_user_data(wanted, there)


def _same_definition(wanted: Tree, there: Tree) -> bool:
    """Whether two definitions are equivalent; the live one may have more labels and annotations."""
    return (
        wanted.get("apiVersion") == there.get("apiVersion")
        and _covered(wanted.get("metadata"), there.get("metadata"))
        and same_definition(wanted, there)
    )


def _covered(wanted: Value, there: Value) -> bool:
    """Whether the live entries contain the desired ones."""
    if isinstance(wanted, dict) and isinstance(there, dict):
        return all(name in there and _covered(item, there[name]) for name, item in wanted.items())
    return type(wanted) is type(there) and wanted == there
