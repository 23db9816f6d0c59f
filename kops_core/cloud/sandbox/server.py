"""The sandbox's own process: ``python -m kops_core.cloud.sandbox.server``.

Binds a free port of 127.0.0.1, says which in one line of JSON on stdout, and serves until
it is told to end. Unless detached it also ends when its stdin does, which is when the
process that holds the other end is gone, however it went.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Protocol


def main() -> None:
    """Serves until SIGTERM, or until stdin ends."""
    parser = argparse.ArgumentParser(description="an embedded AWS on a loopback port")
    parser.add_argument("--detached", action="store_true", help="live on when the starter is gone")
    detached = parser.parse_args().detached
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not detached:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    # Listening comes first: a request made while the emulator loads waits in the queue.
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    host, port = listener.getsockname()
    print(json.dumps({"pid": os.getpid(), "endpoint": f"http://{host}:{port}"}), flush=True)  # noqa: T201
    sys.stdout.close()
    _serve(listener)


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


def _serve(listener: socket.socket) -> None:
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "MOTO_AMIS_PATH": str(Path(__file__).with_name("images.json")),
        "MOTO_ENABLE_AMI_VALIDATION": "true",
        "MOTO_ENABLE_KEYPAIR_VALIDATION": "true",
        "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "true",
        # A web page in the user's browser has no business here.
        "MOTO_DISABLE_GLOBAL_CORS": "true",
    }

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    from kops_core.cloud.sandbox.gaps import close_gaps

    close_gaps()
    host, port = listener.getsockname()
    server: _Server = make_server(
        host, port, DomainDispatcherApplication(create_backend_app), threaded=True, fd=listener.fileno()
    )
    server.serve_forever()


class _Server(Protocol):
    def serve_forever(self) -> None: ...


if __name__ == "__main__":
    main()
