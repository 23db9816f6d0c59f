"""Semantic comparison of user data: kOps' boot script and ours differ only in their text."""

from __future__ import annotations

import gzip
import re
import shlex
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_string

from kops_core.api import yaml_reader
from kops_core.api.values import Value
from kops_core.errors import InvalidSpec

_CONFIGURATION = re.compile(r"<< ?'__EOF_KUBE_ENV'\n(.*?)\n__EOF_KUBE_ENV$", re.DOTALL | re.MULTILINE)
_PACKED = re.compile(r'^\s*echo "([A-Za-z0-9+/=]+)" \| base64 -d \| gzip -d', re.MULTILINE)
_PLACES = re.compile(r"^NODEUP_URLS?_(AMD64|ARM64)=(.*)$", re.MULTILINE)
_HASHES = re.compile(r"^NODEUP_(?:HASH|SHA256)_(AMD64|ARM64)=(.*)$", re.MULTILINE)
_EXPORTS = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)
_FOR_ALL = re.compile(r'^\s*echo "(https?_proxy|no_proxy|NO_PROXY)=(.*)"$', re.MULTILINE)
"""The line of kOps' script that sets a proxy's variables."""
_SCRIPT = "nodeup.sh"
"""Name of kOps' or our own part of user data; the others are the user's."""


@dataclass(frozen=True)
class Boot:
    """The meaning of a boot script."""

    configuration: Value
    """The boot configuration, parsed."""
    places: Mapping[str, str]
    """URLs of nodeup by architecture, joined by commas."""
    hashes: Mapping[str, str]
    variables: Mapping[str, str]
    """Environment variables of nodeup."""


def same_user_data(one: str, other: str) -> bool:
    """Whether two texts of user data are equivalent.

    The user's own parts have to be equal; texts that are not boot scripts are never equivalent.
    """
    parts, others = _parts(one), _parts(other)
    if [name for name, _ in parts] != [name for name, _ in others]:
        return False
    return all(
        _same_script(text, other_text) if name == _SCRIPT else text == other_text
        for (name, text), (_, other_text) in zip(parts, others, strict=True)
    )


def adopt_configuration(wanted: str, there: str) -> str | None:
    """The live user data with the desired configuration; None if more differs than that."""
    if same_user_data(wanted, there):
        return there
    ours, theirs = _CONFIGURATION.search(wanted), _CONFIGURATION.search(there)
    if ours is None or theirs is None:
        return None
    text = there[: theirs.start(1)] + ours[1] + there[theirs.end(1) :]
    return text if same_user_data(wanted, text) else None


def changed_settings(one: str, other: str) -> tuple[str, ...]:
    """The names of settings that differ between two texts of user data; their values may be secret.

    Empty if the difference is in no setting of a boot script.
    """
    parts, others = dict(_parts(one)), dict(_parts(other))
    names = sorted(name for name in parts.keys() ^ others.keys() | _changed(parts, others) if name != _SCRIPT)
    before, after = boot_of(parts.get(_SCRIPT, "")), boot_of(others.get(_SCRIPT, ""))
    if before is None or after is None:
        return tuple(names)
    settings = [
        name
        for old, new in (
            (before.configuration, after.configuration),
            (before.variables, after.variables),
        )
        if isinstance(old, Mapping) and isinstance(new, Mapping)
        for name in sorted(old.keys() ^ new.keys() | _changed(old, new))
    ]
    nodeup = ["nodeup"] if (before.places, before.hashes) != (after.places, after.hashes) else []
    return (*settings, *nodeup, *names)


def _changed(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    return {name for name in one.keys() & other.keys() if one[name] != other[name]}


def _same_script(one: str, other: str) -> bool:
    boot = boot_of(one)
    return boot is not None and boot == boot_of(other)


def boot_of(script: str) -> Boot | None:
    """The meaning of a script; None if it is not a boot script, or can't be parsed."""
    configuration = _configuration(script)
    places, hashes = dict(_PLACES.findall(script)), dict(_HASHES.findall(script))
    if configuration is None or not places or places.keys() != hashes.keys():
        return None
    try:
        (document,) = yaml_reader.read(configuration)
        return Boot(
            without_nulls(document.value),
            {name: _word(text) for name, text in places.items()},
            {name: _word(text) for name, text in hashes.items()},
            {name: _word(text) for name, text in _EXPORTS.findall(script)} | dict(_FOR_ALL.findall(script)),
        )
    except (InvalidSpec, ValueError):
        return None


def _configuration(script: str) -> str | None:
    found = _CONFIGURATION.search(script)
    if found is not None:
        return found[1]
    packed = _PACKED.search(script)
    if packed is None:
        return None
    try:
        return gzip.decompress(b64decode(packed[1])).decode()
    except (ValueError, OSError, EOFError):
        return None


def _word(text: str) -> str:
    """Parses a word of the shell. Raises ValueError for several words, or quotes left open."""
    words = shlex.split(text)
    if len(words) > 1:
        raise ValueError("several words")
    return words[0] if words else ""


def _parts(user_data: str) -> list[tuple[str, str]]:
    """The parts of user data, as name and text; a single script has the name of its part."""
    if not user_data.startswith("Content-Type: multipart/"):
        return [(_SCRIPT, user_data)]
    message = message_from_string(user_data)
    return [
        (each.get_filename(""), f"{each.get_payload()}")
        if each.get_filename("") == _SCRIPT
        else (each.get_filename(""), str(each))
        for each in message.walk()
        if not each.is_multipart()
    ]


def without_nulls(value: Value) -> Value:
    """A tree without null entries, which are unset."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
