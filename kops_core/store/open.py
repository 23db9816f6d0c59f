"""Opens the backends of stores by their URLs."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from kops_core.errors import UsageError
from kops_core.store.aws_login import AwsLogin
from kops_core.store.backend import Backend
from kops_core.store.settings import StoreSettings

if TYPE_CHECKING:
    from kops_core.store.s3_client import S3Connection

SCHEMES = ("s3://", "file://", "memfs://", "a plain path")


class StoreOpener:
    """The backends of a run, each opened once. Safe to use from several threads."""

    def __init__(
        self,
        environment: Mapping[str, str],
        login: AwsLogin | None = None,
        backends: Mapping[str, Backend] | None = None,
    ) -> None:
        """environment: the variables of kOps and the AWS SDK. login: the credentials of the run.

        backends: those that are open already, by URL.
        """
        self.login = login or AwsLogin()
        self._environment = environment
        self._open: dict[str, Backend] = dict(backends or {})
        self._lock = threading.Lock()

    def open(self, url: str) -> Backend:
        """The backend for ``s3://bucket/prefix``, ``file:///path``, ``/path`` or ``memfs://name``.

        Makes no call; the first ``memfs://`` of a name is a new, empty store. Raises UsageError for
        anything else, StoreError if the AWS configuration can't be used.
        """
        with self._lock:
            if url not in self._open:
                self._open[url] = self._opened(url.strip())
            return self._open[url]

    @cached_property
    def _s3(self) -> S3Connection:
        self.login.load_sdk()  # takes 0.1 s
        from kops_core.store.s3_client import S3Connection

        return S3Connection(StoreSettings.of(self._environment, self.login))

    def _opened(self, url: str) -> Backend:
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
                return self._s3.backend(parts.netloc, parts.path)
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
                    f"a state store can't be at {scheme}://",
                    where=url,
                    remedy=f"supported: {', '.join(SCHEMES)}",
                )


def _file(path: Path) -> Backend:
    from kops_core.store.file import FileBackend

    return FileBackend(path)
