"""Nodes that tell the version of their kubelet, and a kubeconfig to ask an API server for them."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Final

from tests.kube.api_server import ApiServer, Json, authority
from tests.kube.objects import node

TOKEN: Final = "token-of-ann"
_INFO: Final = (
    "architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "machineID",
    "operatingSystem", "osImage", "systemUUID",
)  # fmt: skip
"""What a node always tells beside its kubelet's version."""


def kubelet(name: str, version: str, role: str = "node") -> Json:
    """A node whose kubelet has a version, e.g. ``v1.35.2``."""
    made = node(name, f"i-{name}", role=role)
    status = made["status"]
    assert isinstance(status, dict)
    info = {**dict.fromkeys(_INFO, "x"), "kubeletVersion": version}
    return {**made, "status": {**status, "nodeInfo": info}}


def write_kubeconfig(api: ApiServer, home: Path, cluster: str) -> None:
    """Lets ``--use-kubeconfig`` sign in to a server, which has to accept callers without a certificate."""
    api.tokens = {TOKEN: "ann"}
    (home / ".kube").mkdir()
    certificate = b64encode(authority().primary.certificate).decode()
    entry = {"server": api.url, "certificate-authority-data": certificate}
    (home / ".kube" / "config").write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": entry}],
                "users": [{"name": "u", "user": {"token": TOKEN}}],
                "contexts": [{"name": cluster, "context": {"cluster": "c", "user": "u"}}],
            }
        )
    )
