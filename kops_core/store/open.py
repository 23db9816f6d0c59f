"""Opens the backend of a store's URL."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from kops_core.errors import UsageError
from kops_core.store.backend import Backend
from kops_core.store.settings import StoreSettings

SCHEMES = ("s3://", "file://", "memfs://", "a plain path")


def open_store(url: str, settings: StoreSettings | None = None) -> Backend:
    """The backend for ``s3://bucket/prefix``, ``file:///path``, ``/path`` or ``memfs://name``.

    Opening S3 asks for the bucket's region, unless an endpoint is set. Each ``memfs://`` is
    a new, empty store. Raises UsageError for anything else, StoreError if S3 can't be reached.
    """
    url = url.strip()
    if not url:
        raise UsageError("no state store", remedy="give --state or set KOPS_STATE_STORE")
    if "://" not in url:
        if not url.startswith(("/", "./", "../", "~")):
            raise UsageError(
                f"{url!r} is no state store",
                remedy=f"supported: {', '.join(SCHEMES)} such as /path or ./path",
            )
        return _file(Path(url))
    parts = urlsplit(url)
    match parts.scheme:
        case "s3":
            if not parts.netloc:
                raise UsageError("the URL names no bucket", where=url, remedy="write it like s3://bucket")
            from kops_core.store.s3_client import connect  # boto3 takes 0.2 s to import

            return connect(parts.netloc, parts.path, settings or StoreSettings())
        case "file":
            if parts.netloc not in {"", "localhost"}:
                raise UsageError(
                    "the URL names another machine", where=url, remedy="write it like file:///path"
                )
            return _file(Path(unquote(parts.path)))
        case "memfs":
            from kops_core.store.memory import MemoryBackend

            return MemoryBackend(url)
        case scheme:
            raise UsageError(
                f"a state store can't be at {scheme}://", where=url, remedy=f"supported: {', '.join(SCHEMES)}"
            )


def _file(path: Path) -> Backend:
    from kops_core.store.file import FileBackend

    return FileBackend(path)
