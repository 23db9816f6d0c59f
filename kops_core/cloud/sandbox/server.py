"""The sandbox's own process: ``python -m kops_core.cloud.sandbox.server``.

It binds a free port of 127.0.0.1, prints it in one line of JSON on stdout, and serves until it is terminated.
Unless detached it also ends when its stdin is closed, i.e. when the process at the other end has ended.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kops_core.cloud.sandbox.kubernetes.serving import SandboxKubernetes
from kops_core.collector import collect_less_often

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from kops_core.cloud.sandbox.strict import StrictAccount

IMAGES = Path(__file__).with_name("images.json")
"""The images that can be launched, in the emulator's form."""

PID_PATH = "/kops-tui/pid"
"""Path that returns the process id, by which a starter recognises its server."""
STRICT_PATH = "/kops-tui/strict"
"""A POST makes the account strict, after it was seeded, which would take AWS minutes."""
KUBERNETES_PATH = "/kops-tui/kubernetes/"
"""A POST to this path and the name of a cluster makes things go wrong there (``kubernetes/faults.py``)."""
_STARTS_MACHINES = ("/ec2/aws4_request", "/autoscaling/aws4_request")
"""Scopes of the requests after which there may be other machines."""
SPEED = 10.0
"""The factor by which time passes faster in a strict account."""


def main() -> None:
    """Serves until SIGTERM, or until stdin ends."""
    parser = argparse.ArgumentParser(description="an embedded AWS on a loopback port")
    parser.add_argument("--detached", action="store_true", help="live on when the starter is gone")
    parser.add_argument("--as-is", action="store_true", help="leave the emulator's gaps open")
    options = parser.parse_args()
    collect_less_often()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not options.detached:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    if find_spec("moto") is None:
        sys.exit("moto is not installed")
    # Listens first: requests are queued while the emulator loads.
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    kubernetes = socket.create_server(("127.0.0.1", 0), backlog=128)
    greeting = {
        "pid": os.getpid(),
        "endpoint": "http://{}:{}".format(*listener.getsockname()),
        "kubernetes": "https://{}:{}".format(*kubernetes.getsockname()),
    }
    print(json.dumps(greeting), flush=True)  # noqa: T201
    sys.stdout.close()
    _serve(listener, kubernetes, as_is=options.as_is)


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _serve(listener: socket.socket, kubernetes: socket.socket, *, as_is: bool) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # a profile that does not exist would keep the emulator from loading
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "MOTO_AMIS_PATH": str(IMAGES),
        "MOTO_ENABLE_AMI_VALIDATION": "true",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
        # Requests from web pages in the user's browser are refused.
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }

    from werkzeug.serving import make_server

    with _one_session():
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        from kops_core.cloud.sandbox.moto_patches import close_gaps

        if not as_is:
            close_gaps()
    application = DomainDispatcherApplication(create_backend_app)
    host, port = listener.getsockname()
    lock: AbstractContextManager[object] = nullcontext() if as_is else threading.Lock()
    clusters = SandboxKubernetes(lock)
    clusters.serve_on(kubernetes)
    server: _Server = make_server(
        host,
        port,
        _OneAtATime(application, lock, clusters),
        threaded=True,
        fd=listener.fileno(),
    )
    server.serve_forever()


@contextmanager
def _one_session() -> Iterator[None]:
    """Shares one SDK session while the emulator loads, which halves the time.

    The emulator creates several, each of which reads all of AWS' endpoints."""
    import boto3

    original = boto3.Session
    shared = original()
    boto3.Session = lambda: shared  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        boto3.Session = original  # type: ignore[misc]


class _OneAtATime:
    """Handles one request after the other.

    The emulator is not thread-safe, and a condition on an object's ETag requires that nothing happens after
    it was checked.
    """

    def __init__(
        self, application: WSGIApplication, lock: AbstractContextManager[object], clusters: SandboxKubernetes
    ) -> None:
        self._application = application
        self._lock = lock
        self._clusters = clusters
        self._strict: StrictAccount | None = None

    def _be_strict(self) -> None:
        from kops_core.cloud.sandbox.strict import BEHAVIOURS, StrictAccount

        if self._strict is None:
            self._strict = StrictAccount(lambda: time.monotonic() * SPEED, BEHAVIOURS)
            self._strict.__enter__()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PID_PATH:
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [str(os.getpid()).encode()]
        if environ["PATH_INFO"] == STRICT_PATH and environ["REQUEST_METHOD"] == "POST":
            with self._lock:
                self._be_strict()
            start_response("204 No Content", [])
            return []
        if environ["PATH_INFO"].startswith(KUBERNETES_PATH) and environ["REQUEST_METHOD"] == "POST":
            return self._set_faults(environ, start_response)
        # Read before the lock is taken: a client that never sends the rest must not block all others.
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        if len(body) < length:
            start_response("400 Bad Request", [])
            return []
        if length:
            environ["wsgi.input"] = io.BytesIO(body)
        with self._lock:
            answer = self._application(environ, start_response)
            try:
                return list(answer)
            finally:
                if (close := getattr(answer, "close", None)) is not None:
                    close()
                if any(each in environ.get("HTTP_AUTHORIZATION", "") for each in _STARTS_MACHINES):
                    self._clusters.look()

    def _set_faults(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        name = environ["PATH_INFO"].removeprefix(KUBERNETES_PATH)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        with self._lock:
            wrong = self._clusters.set_faults(name, body)
        start_response("400 Bad Request" if wrong else "204 No Content", [("Content-Type", "text/plain")])
        return [wrong.encode()]


class _Server(Protocol):
    def serve_forever(self) -> None: ...


if __name__ == "__main__":
    main()
