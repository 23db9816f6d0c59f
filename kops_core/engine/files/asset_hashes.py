"""Hashes of downloads: from tables, from a cache, or published beside the download."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from kops_core.api.json_text import read_json
from kops_core.engine.settings import Settings
from kops_core.errors import UsageError

_PATIENCE = 10.0
"""Timeout in seconds for a hash."""
_HASH = re.compile(r"[0-9a-f]{64}")
_ENDINGS = (".sha256", ".sha256sum")
"""Suffixes of the file with a hash, after the name of the download; containerd uses the latter."""

_KNOWN = Path(__file__).with_name("known_hashes.json")
"""SHA-256 of releases by base URL and name, as their projects publish them, the ones that kOps 1.37 has too.

Not all publish a hash beside each download (runc and nerdctl don't), and a bastion may not reach those
that do.
"""

AssetHash = Callable[[str, str], str | None]
"""From a download's canonical URL, and the one it is fetched from, to its SHA-256 (hex); None if unknown."""


def asset_hashes(settings: Settings) -> AssetHash:
    """The lookup for the settings: a folder of hash files, known releases, and hashes beside downloads.

    The copy in a file repository has its own hash beside it; the original's host is not asked then.

    In the sandbox nothing is downloaded, so the hash of the URL replaces those that are in neither.
    """
    known = _releases()
    if settings.asset_hashes:
        known |= _from_folder(settings.asset_hashes)
    if settings.sandbox:
        return lambda url, place: known.get(url) or hashlib.sha256(url.encode()).hexdigest()
    published = Published(settings.cache_dir / "asset-hashes.json")
    return lambda url, place: known.get(url) or published.hash_of(place)


class Published:
    """Hashes that are published beside downloads, each fetched once and cached in a file."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._known: dict[str, str] = {}
        self._silent: set[str] = set()
        """Hosts that could not be reached: they are not tried again."""
        try:
            kept = read_json(cache.read_bytes())
        except (OSError, ValueError):
            kept = None
        # A damaged cache entry is fetched again.
        for url, sha256 in kept.items() if isinstance(kept, dict) else ():
            if isinstance(sha256, str) and _HASH.fullmatch(sha256):
                self._known[url] = sha256

    def hash_of(self, url: str) -> str | None:
        """The published hash, or None if it can't be fetched."""
        host = urlsplit(url).netloc
        with self._lock:
            found = self._known.get(url)
            silent = host in self._silent
        if found is not None or silent:
            return found
        for ending in _ENDINGS:
            match = _HASH.search(self._fetch_text(f"{url}{ending}", host))
            if match:
                with self._lock:
                    self._known[url] = match[0]
                    self._cache.parent.mkdir(parents=True, exist_ok=True)
                    self._cache.write_text(json.dumps(self._known, indent=0, sort_keys=True))
                return match[0]
        return None

    def _fetch_text(self, url: str, host: str) -> str:
        """The beginning of a file; "" if it does not exist or the host does not respond."""
        from urllib.error import HTTPError
        from urllib.request import urlopen

        if host in self._silent:
            return ""
        try:
            with urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - URLs of kOps' artifacts
                return str(answer.read(4096).decode("ascii", "replace"))
        except HTTPError:
            return ""
        except OSError:
            with self._lock:
                self._silent.add(host)
            return ""


def _releases() -> dict[str, str]:
    """The known hashes by URL."""
    table: dict[str, dict[str, str]] = json.loads(_KNOWN.read_bytes())
    return {f"{base}{name}": sha256 for base, names in table.items() for name, sha256 in names.items()}


def _from_folder(folder: Path) -> dict[str, str]:
    """Hashes by URL, of files with ``filestores[].base`` and ``files[].name, sha256``. Raises UsageError."""
    from kops_core.api import yaml_reader

    if not folder.is_dir():
        raise UsageError("there is no such folder of asset hashes", where=str(folder))
    known: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        document = yaml_reader.read(file.read_bytes(), str(file))[0].value
        if not isinstance(document, dict):
            raise UsageError("the file holds no asset hashes", where=str(file))
        bases = [str(each["base"]) for each in _rows(document.get("filestores")) if "base" in each]
        for row in _rows(document.get("files")):
            for base in bases:
                known[f"{base.rstrip('/')}/{row.get('name')}"] = str(row.get("sha256"))
    return known


def _rows(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
