"""Channels: lists of recommended versions and images, fetched or shipped with the package.

The allowed locations depend on who names the channel. The operator may name any file or URL, with a flag or
in the environment. A spec may have been written by somebody else: it may name a shipped channel, one at
http:// or https://, or one in the cluster's own store; a file only if the spec came from a file itself. The
copies here contain the supported clouds and versions, as of the date in each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kops_core.api.values import Tree
from kops_core.engine.channels.fetching import fetch
from kops_core.errors import InvalidSpec, KopsError, UsageError
from kops_core.store.backend import Backend

BASE = "https://raw.githubusercontent.com/kubernetes/kops/master/channels"
"""The URL of kOps' channels."""
SHIPPED = ("alpha", "stable")
"""The channels that have a copy in this package."""
DEFAULT, NONE = "stable", "none"
"""kOps' default channel, and the empty channel."""
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LARGEST = 1 << 20
"""Bytes of a channel; kOps' own have 10,000."""


@dataclass(frozen=True)
class Channel:
    """A channel's document, with a warning if it is not the requested one."""

    document: Tree
    source: str
    warning: str = ""


def shipped(name: str) -> Channel:
    """The copy of a short-named channel in this package. Raises UsageError if there is none."""
    if name not in SHIPPED:
        raise UsageError(f"no channel {_quoted(name)} ships with this program", remedy="try stable or alpha")
    text = (resources.files(__name__) / f"{name}.json").read_text()
    return Channel(json.loads(text), f"{name}, as shipped")


def load(name: str, environ: Mapping[str, str], *, offline: bool) -> Channel:
    """The channel that the operator names: by a short name, a URL or a file.

    ``offline`` takes short names from the package. Otherwise one that can't be fetched is taken from the
    package, with a warning; a URL or file that can't be read raises UsageError.
    """
    name = name or DEFAULT
    if name == NONE:
        return Channel({}, name)
    if "://" not in name and not Path(name).suffix and _SHORT.fullmatch(name):
        return _short(name, environ, offline=offline)
    return _parsed(_read_channel(name), name)


def load_of_spec(
    name: str, environ: Mapping[str, str], *, offline: bool, store: Backend | None = None, local: bool = False
) -> Channel:
    """The channel that a spec names.

    One that may not or can't be read is empty, with a warning. store: that of the cluster. local: the spec
    came from a file of the operator's.
    """
    name = name or DEFAULT
    if name == NONE:
        return Channel({}, name)
    try:
        if "://" not in name and _SHORT.fullmatch(name):
            return _short(name, environ, offline=offline)
        inside = _key_in(store, name)
        if store is not None and inside:
            return _parsed(store.read(inside).data, name)
        if _scheme(name) in ("http", "https"):
            if offline:
                raise UsageError("it is not fetched by a command that works offline")
            return _parsed(_read_channel(name), name)
        if not local:
            raise UsageError(
                "a spec may name stable, alpha, a URL at https:// or http://, or a file in its own store"
            )
        return _parsed(_read_channel(name), name)
    except KopsError as refused:
        return Channel(
            {},
            name,
            f"spec.channel: {_quoted(name)} recommends no versions and images: {refused.what}; "
            "name another with --channel",
        )


def _short(name: str, environ: Mapping[str, str], *, offline: bool) -> Channel:
    base = environ.get("KOPS_CHANNEL_BASE", "").rstrip("/")
    if base:
        place = f"{base}/{name}"
        return _parsed(_read_channel(place), place)
    if offline:
        return shipped(name)
    try:
        return _parsed(_read_channel(f"{BASE}/{name}"), f"{BASE}/{name}")
    except UsageError as unreachable:
        copy = shipped(name)
        as_of = copy.document.get("asOf")
        return Channel(
            copy.document,
            copy.source,
            f"{unreachable.what}; using the copy of {as_of} that ships with this program",
        )


def _key_in(store: Backend | None, name: str) -> str:
    """The key of a URL in a store; "" if it is elsewhere."""
    if store is None or not name.startswith(f"{store.url}/"):
        return ""
    return name.removeprefix(f"{store.url}/")


def _read_channel(place: str) -> bytes:
    scheme = _scheme(place)
    if scheme in ("http", "https"):
        return fetch(place, _LARGEST)
    if scheme != "file":
        raise UsageError("a channel is at https://, http:// or file://", where=_quoted(place))
    try:
        path = unquote(urlsplit(place).path) if "://" in place else place
        with Path(path).open("rb") as file:
            found = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError("the channel can't be read", where=_quoted(place), remedy=why or "") from error
    if len(found) > _LARGEST:
        raise UsageError(f"the channel is larger than {_LARGEST >> 20} MiB", where=_quoted(place))
    return found


def _scheme(place: str) -> str:
    """The scheme of a URL, ``file`` for a plain path. Raises UsageError for anything else."""
    try:
        if place.isprintable():
            return urlsplit(place).scheme if "://" in place else "file"
    except ValueError:
        pass
    raise UsageError("it is neither a URL nor a path", where=_quoted(place))


def _parsed(text: bytes, place: str) -> Channel:
    from kops_core.api import yaml_reader

    try:
        found = yaml_reader.read(text, place)
    except InvalidSpec as broken:
        raise UsageError(
            "the channel is not YAML", where=_quoted(place), remedy=str(broken.errors[0].message)
        ) from broken
    document = found[0].value if found else None
    if not isinstance(document, dict):
        raise UsageError("the channel is not a mapping", where=_quoted(place))
    return Channel(document, place)


def _quoted(name: str) -> str:
    """A name of any content, quoted for display."""
    return repr(name if len(name) <= 100 else f"{name[:99]}…")
