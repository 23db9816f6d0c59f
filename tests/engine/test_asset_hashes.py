"""Hashes of downloads: known ones, and those that are published beside downloads."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kops_core.engine.files.asset_hashes import Published, asset_hashes
from kops_tui.cli.settings import resolve

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


GITHUB = "https://github.com"
RUNC = f"{GITHUB}/opencontainers/runc/releases/download/v1.3.0/runc.amd64"
NERDCTL = f"{GITHUB}/containerd/nerdctl/releases/download/v1.7.4/nerdctl-1.7.4-linux-arm64.tar.gz"


@pytest.mark.parametrize("sandbox", [False, True])
def test_releases_without_a_hash_beside_them_are_known(
    sandbox: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their projects publish one list of all hashes, which is not where a hash is looked for."""

    def unreachable(url: str, timeout: float) -> object:
        raise AssertionError(f"nothing has to be fetched: {url}")

    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    hash_of = asset_hashes(resolve({}, {"HOME": str(tmp_path)}, sandbox=sandbox))
    assert hash_of(RUNC, RUNC) == "028986516ab5646370edce981df2d8e8a8d12188deaf837142a02097000ae2f2"
    assert hash_of(NERDCTL, NERDCTL) == "d8df47708ca57b9cd7f498055126ba7dcfc811d9ba43aae1830c93a09e70e22d"


def test_a_copy_in_a_file_repository_is_asked_for_its_own_hash(server: str, tmp_path: Path) -> None:
    hash_of = asset_hashes(resolve({}, {"HOME": str(tmp_path)}, sandbox=False))
    assert hash_of("https://artifacts.k8s.io/kubelet", f"{server}/kubelet") == HASH
    assert hash_of(f"{server}/kubelet", f"{server}/copy/of/kubelet") is None, "the original is not asked"


def test_hashes_of_a_folder_come_before_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        f"filestores:\n- base: {GITHUB}/opencontainers/runc/releases/download/\n"
        f"files:\n- name: v1.3.0/runc.amd64\n  sha256: {HASH}\n"
    )
    settings = resolve({"asset_hashes": str(tmp_path)}, {"HOME": str(tmp_path)}, sandbox=False)
    assert asset_hashes(settings)(RUNC, RUNC) == HASH
