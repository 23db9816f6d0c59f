"""Hashes that are published beside downloads."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kops_core.engine.files.asset_hashes import Published

HASH = "ab" * 32
FILES = {"/kubelet.sha256": HASH, "/containerd.tar.gz.sha256sum": f"{HASH}  containerd.tar.gz\n"}


class _Files(BaseHTTPRequestHandler):
    """Serves a hash the way Kubernetes does, one the way containerd does, and one file without any."""

    def do_GET(self) -> None:
        """Answer with a file."""
        found = FILES.get(self.path)
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write((found or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a server of files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Files) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()


@pytest.mark.parametrize(("name", "found"), [("kubelet", HASH), ("containerd.tar.gz", HASH), ("x", None)])
def test_a_hash_is_found_under_either_name_and_kept(
    server: str, tmp_path: Path, name: str, found: str | None
) -> None:
    cache = tmp_path / "kept" / "hashes.json"
    assert Published(cache).hash_of(f"{server}/{name}") == found
    assert cache.exists() is (found is not None)


def test_a_host_that_does_not_answer_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def silent(url: str, timeout: float) -> object:
        asked.append(url)
        raise OSError("no route")

    monkeypatch.setattr("urllib.request.urlopen", silent)
    published = Published(tmp_path / "hashes.json")
    assert [published.hash_of(f"https://silent.example/{name}") for name in ("a", "b")] == [None, None]
    assert asked == ["https://silent.example/a.sha256"]
