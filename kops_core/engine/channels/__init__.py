"""Channels: which versions and images are recommended, fetched or as they ship with the package.

The copies here hold what matters for AWS and supported versions, as of the date in each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from kops_core.api.values import Tree
from kops_core.errors import UsageError

BASE = "https://raw.githubusercontent.com/kubernetes/kops/master/channels"
"""Where kOps publishes its channels."""
_PATIENCE = 3.0
"""Seconds to wait for a channel that has a copy here."""


@dataclass(frozen=True)
class Channel:
    """A channel's document, and a word to the user if it is not the one they asked for."""

    document: Tree
    source: str
    warning: str = ""


def shipped(name: str) -> Channel:
    """The copy of a short-named channel in this package. Raises UsageError if there is none."""
    file = resources.files(__name__) / f"{name}.json"
    if not file.is_file():
        raise UsageError(f"no channel {name!r} ships with this program", remedy="try stable or alpha")
    return Channel(json.loads(file.read_text()), f"{name}, as shipped")


def load(name: str, environ: Mapping[str, str], *, offline: bool) -> Channel:
    """The channel that a short name, a URL or a file names; the one named ``none`` recommends nothing.

    ``offline`` takes short names from the package. Otherwise one that can't be fetched comes
    from the package with a warning; a URL or file that can't be read raises UsageError.
    """
    name = name or "stable"
    if name == "none":
        return Channel({}, name)
    base = environ.get("KOPS_CHANNEL_BASE", "")
    if "://" in name or Path(name).suffix:
        return _read(name if "://" in name else Path(name).resolve().as_uri())
    if base:
        return _read(
            f"{base.rstrip('/')}/{name}" if "://" in base else (Path(base) / name).resolve().as_uri()
        )
    if offline:
        return shipped(name)
    try:
        return _read(f"{BASE}/{name}")
    except UsageError as unreachable:
        copy = shipped(name)
        warning = (
            f"{unreachable.what}; using the copy of {copy.document.get('asOf')} that ships with this program"
        )
        return Channel(copy.document, copy.source, warning)


def _read(url: str) -> Channel:
    if urlsplit(url).scheme not in ("https", "http", "file"):
        raise UsageError("a channel is at https://, http:// or file://", where=url)
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - schemes checked above
            text = answer.read(1 << 22)
    except OSError as error:
        raise UsageError("the channel can't be fetched", where=url, remedy=str(error)) from error
    from kops_core.api import yaml_reader

    document = yaml_reader.read(text, url)[0].value
    if not isinstance(document, dict):
        raise UsageError("the channel is not a mapping", where=url)
    return Channel(document, url)
