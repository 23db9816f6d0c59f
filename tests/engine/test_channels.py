"""Allowed locations of a channel, and misbehaving servers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kops_core.api.path import get
from kops_core.engine.channels import Channel, load, load_of_spec
from kops_core.engine.channels.fetching import fetch
from kops_core.errors import UsageError
from kops_core.store.memory import MemoryBackend

CHANNEL = "spec:\n  kubernetesVersions:\n  - recommendedVersion: 1.35.9\n"
NOWHERE = {"KOPS_CHANNEL_BASE": "https://unreachable.invalid"}


class _Server(BaseHTTPRequestHandler):
    """Answers by path; counts what it was asked."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/to-ftp":
            self.send_response(302)
            self.send_header("Location", "ftp://127.0.0.1:1/x")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            if self.path == "/endless":
                while True:
                    self.wfile.write(b"#" * 65536)
            elif self.path == "/slow":
                while True:
                    self.wfile.write(b"#")
                    time.sleep(0.05)
            else:
                self.wfile.write(CHANNEL.encode())
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []
    handler = type("Handler", (_Server,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        running.daemon_threads = True
        running.block_on_close = False
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}", asked
        running.shutdown()


def _version(channel: Channel) -> object:
    return get(channel.document, ("spec", "kubernetesVersions", 0, "recommendedVersion"))


def test_the_channel_none_recommends_nothing_and_is_not_fetched() -> None:
    for offline in (True, False):
        assert load("none", NOWHERE, offline=offline).document == {}
        assert load_of_spec("none", NOWHERE, offline=offline) == Channel({}, "none")


@pytest.mark.parametrize("name", ["", "stable", "alpha"])
def test_offline_a_spec_has_the_channels_that_ship_with_the_program(name: str) -> None:
    found = load_of_spec(name, {}, offline=True)
    assert found.document["spec"]
    assert not found.warning


def test_a_spec_may_name_a_url_and_offline_it_is_not_fetched(server: tuple[str, list[str]]) -> None:
    url, asked = server
    assert _version(load_of_spec(f"{url}/mine", {}, offline=False)) == "1.35.9"
    assert asked == ["/mine"]
    offline = load_of_spec(f"{url}/mine", {}, offline=True)
    assert (offline.document, asked) == ({}, ["/mine"])
    assert "works offline" in offline.warning
    assert "--channel" in offline.warning


def test_a_spec_may_name_a_file_of_its_own_store_and_no_other() -> None:
    store = MemoryBackend("s3://ours", now=lambda: datetime.now(UTC))
    store.create("channels/mine", CHANNEL.encode())
    assert _version(load_of_spec("s3://ours/channels/mine", {}, offline=False, store=store)) == "1.35.9"
    for name in ("s3://other/channels/mine", "s3://ours/../x", "s3://ours/nothing", "s3://ours"):
        found = load_of_spec(name, {}, offline=False, store=store)
        assert found.document == {}
        assert name in found.warning


@pytest.mark.parametrize("form", ["file://{}", "{}"])
def test_a_file_only_from_a_spec_that_was_a_file_itself(tmp_path: Path, form: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(CHANNEL)
    name = form.format(file)
    assert _version(load_of_spec(name, {}, offline=True, local=True)) == "1.35.9"
    assert _version(load(name, {}, offline=True)) == "1.35.9"
    refused = load_of_spec(name, {}, offline=True)
    assert refused.document == {}
    assert "a spec may name stable, alpha" in refused.warning


NO_CHANNELS = [
    *("x" * 300, "stable\0", "\0", "/etc/\0", "file://\0", "../../../etc/passwd", "/dev/zero", "/etc"),
    *("ftp://x/y", "http://[::1", "http://", "http://\0/", "a b", "\x1b[31mx", "file:///nonexistent"),
    *("gopher://x", "javascript:x", "//x/y", "s3://bucket/\n"),
]


@pytest.mark.parametrize("name", NO_CHANNELS, ids=repr)
@pytest.mark.parametrize("local", [False, True])
def test_what_is_no_channel_is_a_warning_for_a_spec(name: str, local: bool) -> None:
    store = MemoryBackend("s3://bucket", now=lambda: datetime.now(UTC))
    found = load_of_spec(name, {}, offline=True, store=store, local=local)
    assert found.document == {}
    assert found.warning.isprintable()
    assert len(found.warning) < 400


@pytest.mark.parametrize("name", NO_CHANNELS, ids=repr)
def test_what_is_no_channel_is_an_error_for_the_operator(name: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(name, {}, offline=True)
    assert str(refused.value).replace("\n", "").isprintable()


def test_what_has_no_end_is_cut_off_by_size_and_by_time(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, _ = server
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        fetch(f"{url}/endless", 1 << 20)
    with pytest.raises(UsageError, match="was not there within 1 s"):
        fetch(f"{url}/slow", 1 << 20, deadline=1)
    with pytest.raises(UsageError, match="can't be fetched"):
        fetch(f"{url}/to-ftp", 1 << 20)
    (tmp_path / "large.yaml").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        load(str(tmp_path / "large.yaml"), {}, offline=True)


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "\x00", "{a: 1, a: 2}", "[" * 10_000], ids=repr)
def test_a_file_that_holds_no_channel_is_said_to_hold_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(UsageError, match="the channel is not"):
        load(str(tmp_path / "x.yaml"), {}, offline=True)
